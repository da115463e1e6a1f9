/** An open dashboard: its controls above, its panels on a grid, one of them in full when asked. */
import { Button, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconAlertCircle, IconPencil } from "@tabler/icons-react";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { DashboardHome } from "../../api/dashboards";
import { TimeControls } from "../../components/time/TimeControls";
import { layOut } from "../../dashboard/layout";
import { addPanel, duplicatePanel, placePanels, removePanel } from "../../dashboard/model/edit";
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
import { useDraft } from "./use-draft";
import { useAnnotations } from "./use-annotations";
import { useScrapeSeconds } from "./use-scrape-interval";
import { useVariables } from "./use-variables";
import { VariablesBar } from "./VariablesBar";

const EditBar = lazy(async () => ({ default: (await import("./edit/EditBar")).EditBar }));
const PanelEditor = lazy(async () => ({
  default: (await import("./edit/PanelEditor")).PanelEditor,
}));

const NEW_PANEL = {
  type: "timeseries",
  title: "New panel",
  targets: [{ refId: "A", expr: "up" }],
  fieldConfig: { defaults: {}, overrides: [] },
  options: {},
};

interface Props {
  dashboard: Dashboard;
  home: DashboardHome;
}

export function DashboardView({ dashboard: loaded, home }: Props) {
  const draft = useDraft(loaded);
  const { dashboard } = draft;
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
  const [isEditing, setEditing] = useState(false);
  const viewed = params.get("viewPanel") ?? undefined;
  const edited = isEditing ? (params.get("editPanel") ?? undefined) : undefined;

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
  const editPanel = useCallback(
    (id: number | undefined) => {
      if (id !== undefined) setEditing(true);
      setParams((old) => {
        old.delete("viewPanel");
        if (id === undefined) old.delete("editPanel");
        else old.set("editPanel", String(id));
        return old;
      });
    },
    [setParams],
  );
  useHotkeys([
    ["e", () => setEditing(true)],
    ["escape", () => (viewed === undefined ? undefined : view(undefined))],
    ["r", refresh],
  ]);

  const placed = useMemo(
    () => layOut(dashboard.panels, variables.scope, rows),
    [dashboard.panels, variables.scope, rows],
  );
  const alone = placed.find((one) => one.key === viewed || String(one.panel.id) === viewed);
  const inEditor = placed.find((one) => String(one.panel.id) === edited);
  const { document: json } = dashboard;
  const add = () => {
    const added = addPanel(json, NEW_PANEL);
    draft.edit(added.document);
    editPanel(added.id);
  };
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
    onEdit: editPanel,
    ...(isEditing && {
      onDuplicate: (id: number) => draft.edit(duplicatePanel(json, id)),
      onRemove: (id: number) => draft.edit(removePanel(json, id)),
    }),
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
            {isEditing ? (
              <Suspense>
                <EditBar
                  draft={draft}
                  onAdd={add}
                  onDone={() => {
                    setEditing(false);
                    editPanel(undefined);
                  }}
                />
              </Suspense>
            ) : (
              <Button
                variant="default"
                leftSection={<IconPencil size={16} />}
                onClick={() => setEditing(true)}
              >
                Edit
              </Button>
            )}
            <DashboardMenu dashboard={dashboard} home={home} />
          </div>
        </header>
        <div className={classes.bars}>
          <VariablesBar variables={variables} dashboard={dashboard} />
          <AnnotationSwitches queries={dashboard.annotations} state={annotations} />
          <DashboardLinks links={dashboard.links} scope={variables.scope} range={time.range} />
        </div>
        {inEditor ? (
          <Suspense>
            <PanelEditor placed={inEditor} draft={draft} onClose={() => editPanel(undefined)} />
          </Suspense>
        ) : alone ? (
          <div className={classes.alone}>
            <PanelFrame key={alone.key} placed={alone} isAlone />
          </div>
        ) : (
          <DashboardGrid
            placed={placed}
            onToggleRow={(row, isOpen) => setRows(new Map(rows).set(row, isOpen))}
            onPlace={isEditing ? (places) => draft.edit(placePanels(json, places)) : undefined}
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
