/** An open dashboard: its controls above, its panels on a grid, one of them in full when asked. */
import { Button, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconPencil } from "@tabler/icons-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { Link, useLocation } from "react-router";
import type { FoundDashboard } from "../../api/dashboards";
import { layOut, layOutOpen } from "../../dashboard/layout";
import {
  addPanel,
  addRow,
  duplicatePanel,
  placePanels,
  removePanel,
} from "../../dashboard/model/edit";
import type { Dashboard } from "../../dashboard/model/types";
import { parseDuration } from "../../lib/duration";
import { obj } from "../../lib/json";
import { usePreferences } from "../../lib/preferences";
import { useTimeParams } from "../../lib/use-time-params";
import { AnnotationSwitches } from "./AnnotationSwitches";
import type { Dialog } from "./DashboardDialogs";
import { DashboardGrid } from "./DashboardGrid";
import { DashboardProvider, type DashboardShared } from "./dashboard-context";
import { DashboardLinks } from "./DashboardLinks";
import { DashboardMenu } from "./DashboardMenu";
import classes from "./DashboardPage.module.css";
import { InspectDrawer } from "./InspectDrawer";
import { NoteForm } from "./NoteForm";
import { PanelFrame } from "./PanelFrame";
import { PanelTime } from "./PanelTime";
import { StarButton } from "./StarButton";
import { useDraft } from "./use-draft";
import { useNote } from "./use-note";
import { usePanelViews } from "./use-panel-views";
import { useRefresh } from "./use-refresh";
import { useAnnotations } from "./use-annotations";
import { useShortcuts } from "./use-shortcuts";
import { useScrapeSeconds } from "./use-scrape-interval";
import { useVariables } from "./use-variables";
import { VariablesBar } from "./VariablesBar";

const DashboardDialogs = lazy(async () => ({
  default: (await import("./DashboardDialogs")).DashboardDialogs,
}));
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
  found: FoundDashboard;
}

export function DashboardView({ dashboard: loaded, found }: Props) {
  const location = useLocation();
  const { zone } = usePreferences();
  const draft = useDraft(loaded);
  const { dashboard } = draft;
  const defaults = useMemo(
    () => ({ range: dashboard.time, refreshMs: refreshOf(dashboard) }),
    [dashboard],
  );
  const time = useTimeParams(defaults);
  const variables = useVariables(dashboard, time.range);
  const { scope, filters } = variables;
  const scrapeSeconds = useScrapeSeconds();
  const annotations = useAnnotations(dashboard, scope, variables.ready, time.range);
  const refresh = useRefresh(dashboard.uid, time.refreshMs);
  const [rows, setRows] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [inspected, setInspected] = useState<string>();
  const { viewed, edited, view, edit } = usePanelViews();
  const [isEditing, setEditing] = useState(
    edited !== undefined || obj(location.state).editing === true,
  );
  const [dialog, setDialog] = useState<Dialog>();
  const {
    note,
    mark,
    close: closeNote,
  } = useNote(dashboard.uid, annotations.events, time.range, zone);
  const placed = useMemo(
    () => layOut(dashboard.panels, scope, rows),
    [dashboard.panels, scope, rows],
  );
  const named = useMemo(
    () => ((viewed ?? edited) ? layOutOpen(dashboard.panels, scope) : []),
    [viewed, edited, dashboard.panels, scope],
  );
  const alone = named.find((one) => one.key === viewed || String(one.panel.id) === viewed);
  const inEditor = isEditing && named.find((one) => String(one.panel.id) === edited);
  const { document: json } = dashboard;
  const add = () => {
    const added = addPanel(json, NEW_PANEL);
    draft.edit(added.document);
    edit(added.id);
  };
  useShortcuts({
    time,
    refresh,
    editDashboard: () => setEditing(true),
    openSettings: () => setDialog("settings"),
    save: () => draft.isDirty && setDialog("save"),
    back: () => (edited === undefined ? viewed !== undefined && view(undefined) : edit(undefined)),
    view: ({ key }) => view(viewed === undefined ? key : undefined),
    edit: ({ id }) => {
      setEditing(true);
      edit(edited === undefined ? id : undefined);
    },
    inspect: ({ key }) => setInspected(key),
    duplicate: isEditing ? ({ id }) => draft.edit(duplicatePanel(json, id)) : undefined,
    remove: isEditing ? ({ id }) => draft.edit(removePanel(json, id)) : undefined,
  });
  const ready = variables.ready && scrapeSeconds !== undefined;
  const { events } = annotations;
  const change = draft.edit;
  // Hundreds of panels listen: they must not hear of what does not concern them.
  const shared = useMemo<DashboardShared>(
    () => ({
      dashboard,
      scope,
      filters,
      time,
      annotations: events,
      scrapeSeconds: scrapeSeconds ?? SCRAPE_FALLBACK_SECONDS,
      ready,
      onView: view,
      onInspect: setInspected,
      onMark: mark,
      onEdit: (id: number) => {
        setEditing(true);
        edit(id);
      },
      ...(isEditing && {
        onDuplicate: (id: number) => change(duplicatePanel(json, id)),
        onRemove: (id: number) => change(removePanel(json, id)),
      }),
    }),
    [
      dashboard,
      scope,
      filters,
      time,
      events,
      scrapeSeconds,
      ready,
      view,
      edit,
      mark,
      isEditing,
      json,
      change,
    ],
  );
  const toInspect = placed.find((one) => one.key === inspected);
  return (
    <DashboardProvider value={shared}>
      <div className={classes.page}>
        <header className={classes.header}>
          <div className={classes.heading}>
            <Link to="/dashboards" className={classes.crumb}>
              Dashboards
            </Link>
            {found.folder !== undefined && found.folderUid !== undefined && (
              <Link
                to={`/dashboards?${new URLSearchParams({ folder: found.folderUid }).toString()}`}
                className={classes.crumb}
              >
                {found.folder}
              </Link>
            )}
            <h1>{dashboard.title}</h1>
            {dashboard.uid !== undefined && (
              <StarButton uid={dashboard.uid} isStarred={found.isStarred} />
            )}
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
            <PanelTime uid={dashboard.uid} time={time} onRefresh={refresh} />
            {isEditing ? (
              <Suspense>
                <EditBar
                  draft={draft}
                  onAddPanel={add}
                  onAddRow={() => draft.edit(addRow(json))}
                  onSettings={() => setDialog("settings")}
                  onSave={() => setDialog("save")}
                  onDone={() => {
                    setEditing(false);
                    edit(undefined);
                  }}
                />
              </Suspense>
            ) : (
              <Button
                variant="default"
                className={classes.edit}
                aria-label="Edit"
                leftSection={<IconPencil size={16} />}
                onClick={() => setEditing(true)}
              >
                Edit
              </Button>
            )}
            <DashboardMenu dashboard={dashboard} found={found} onAct={setDialog} />
          </div>
        </header>
        <div className={classes.bars}>
          <VariablesBar variables={variables} dashboard={dashboard} />
          <AnnotationSwitches queries={dashboard.annotations} state={annotations} />
          <DashboardLinks links={dashboard.links} scope={scope} range={time.range} />
        </div>
        {inEditor ? (
          <Suspense>
            <PanelEditor placed={inEditor} draft={draft} onClose={() => edit(undefined)} />
          </Suspense>
        ) : alone ? (
          <div className={classes.alone}>
            <PanelFrame key={alone.key} placed={alone} isAlone />
          </div>
        ) : (
          <DashboardGrid
            placed={placed}
            onToggleRow={(row, isOpen) => setRows(new Map(rows).set(row, isOpen))}
            onEditRow={isEditing ? (change) => draft.edit(change(json)) : undefined}
            onPlace={isEditing ? (places) => draft.edit(placePanels(json, places)) : undefined}
          />
        )}
      </div>
      {note && <NoteForm note={note} onClose={closeNote} />}
      {dialog && (
        <Suspense>
          <DashboardDialogs
            dialog={dialog}
            draft={draft}
            found={found}
            onClose={() => setDialog(undefined)}
            onSaved={() => {
              setEditing(false);
              edit(undefined);
            }}
          />
        </Suspense>
      )}
      {toInspect && <InspectDrawer placed={toInspect} onClose={() => setInspected(undefined)} />}
    </DashboardProvider>
  );
}

/** Until the targets have said how often they are scraped. */
const SCRAPE_FALLBACK_SECONDS = 15;
/** More often than this serves nobody. */
const REFRESH_MIN_SECONDS = 5;

function refreshOf({ refresh }: Dashboard): number | false {
  const seconds = parseDuration(refresh);
  return seconds === undefined || seconds <= 0
    ? false
    : Math.max(seconds, REFRESH_MIN_SECONDS) * 1000;
}
