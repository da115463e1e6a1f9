/** An open dashboard: its controls above, its panels on a grid, one of them in full when asked. */
import { Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconAlertCircle } from "@tabler/icons-react";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { DashboardHome } from "../../api/dashboards";
import { TimeControls } from "../../components/time/TimeControls";
import { layOut } from "../../dashboard/layout";
import type { Dashboard } from "../../dashboard/model/types";
import { parseDuration } from "../../lib/duration";
import { useTimeParams } from "../../lib/use-time-params";
import { AnnotationSwitches } from "./AnnotationSwitches";
import { DashboardGrid } from "./DashboardGrid";
import { DashboardProvider, type DashboardShared } from "./dashboard-context";
import { DashboardLinks } from "./DashboardLinks";
import { DashboardMenu } from "./DashboardMenu";
import classes from "./DashboardPage.module.css";
import { InspectDrawer } from "./InspectDrawer";
import { PanelFrame } from "./PanelFrame";
import { useAnnotations } from "./use-annotations";
import { useScrapeSeconds } from "./use-scrape-interval";
import { useVariables } from "./use-variables";
import { VariablesBar } from "./VariablesBar";

interface Props {
  dashboard: Dashboard;
  home: DashboardHome;
}

export function DashboardView({ dashboard, home }: Props) {
  const queryClient = useQueryClient();
  const [params, setParams] = useSearchParams();
  const defaults = useMemo(
    () => ({ range: dashboard.time, refreshMs: refreshOf(dashboard) }),
    [dashboard],
  );
  const time = useTimeParams(defaults);
  const variables = useVariables(dashboard, time.range);
  const scrapeSeconds = useScrapeSeconds();
  const annotations = useAnnotations(dashboard, variables.scope, variables.ready, time.range);
  const [rows, setRows] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [inspected, setInspected] = useState<string>();
  const viewed = params.get("viewPanel") ?? undefined;

  const key = useMemo(() => ["dashboard", dashboard.uid, "panel"], [dashboard.uid]);
  const refreshing = useIsFetching({ queryKey: key }) > 0;
  const refresh = useCallback(
    () =>
      void queryClient.invalidateQueries({
        queryKey: ["dashboard", dashboard.uid],
        predicate: ({ queryKey }) => queryKey[2] !== "variables",
      }),
    [queryClient, dashboard.uid],
  );
  const { refreshMs } = time;
  useEffect(() => {
    if (refreshMs === false) return;
    // All panels at once, so that their graphs end at the same moment.
    const timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refreshMs, refresh]);

  const view = useCallback(
    (panel: string | undefined) =>
      setParams((old) => {
        if (panel === undefined) old.delete("viewPanel");
        else old.set("viewPanel", panel);
        return old;
      }),
    [setParams],
  );
  useHotkeys([
    ["escape", () => (viewed === undefined ? undefined : view(undefined))],
    ["r", refresh],
  ]);

  const placed = useMemo(
    () => layOut(dashboard.panels, variables.scope, rows),
    [dashboard.panels, variables.scope, rows],
  );
  const alone = placed.find((one) => one.key === viewed || String(one.panel.id) === viewed);
  const shared: DashboardShared = {
    dashboard,
    scope: variables.scope,
    filters: variables.filters,
    time,
    annotations: annotations.events,
    scrapeSeconds: scrapeSeconds ?? 15,
    ready: variables.ready && scrapeSeconds !== undefined,
    onView: view,
    onInspect: setInspected,
  };
  const toInspect = placed.find((one) => one.key === inspected);
  return (
    <DashboardProvider value={shared}>
      <div className={classes.page}>
        <header className={classes.header}>
          <div className={classes.heading}>
            <Link to="/dashboards" className={classes.crumb}>
              Dashboards
            </Link>
            <h1>{dashboard.title}</h1>
            {dashboard.issues.length > 0 && (
              <Tooltip
                multiline
                maw={460}
                label={dashboard.issues.slice(0, 8).map(({ path, feature }) => (
                  <div key={path + feature}>
                    {feature} <code>{path}</code>
                  </div>
                ))}
              >
                <span className={classes.issues} tabIndex={0}>
                  <IconAlertCircle size={15} aria-hidden="true" />
                  {dashboard.issues.length} not supported
                </span>
              </Tooltip>
            )}
          </div>
          <div className={classes.controls}>
            <TimeControls time={time} onRefresh={refresh} refreshing={refreshing} />
            <DashboardMenu dashboard={dashboard} home={home} />
          </div>
        </header>
        <div className={classes.bars}>
          <VariablesBar variables={variables} dashboard={dashboard} />
          <AnnotationSwitches queries={dashboard.annotations} state={annotations} />
          <DashboardLinks links={dashboard.links} scope={variables.scope} range={time.range} />
        </div>
        {alone ? (
          <div className={classes.alone}>
            <PanelFrame key={alone.key} placed={alone} isAlone />
          </div>
        ) : (
          <DashboardGrid
            placed={placed}
            onToggleRow={(row, isOpen) => setRows(new Map(rows).set(row, isOpen))}
          />
        )}
      </div>
      {toInspect && <InspectDrawer placed={toInspect} onClose={() => setInspected(undefined)} />}
    </DashboardProvider>
  );
}

/** More often than this serves nobody. */
const REFRESH_MIN_SECONDS = 5;

function refreshOf({ refresh }: Dashboard): number | false {
  const seconds = parseDuration(refresh);
  return seconds === undefined || seconds <= 0
    ? false
    : Math.max(seconds, REFRESH_MIN_SECONDS) * 1000;
}
