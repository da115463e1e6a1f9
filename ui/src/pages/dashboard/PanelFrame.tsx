/** A panel's frame: title, menu, and in it the drawing, a skeleton, or what went wrong. */
import { Skeleton, Tooltip } from "@mantine/core";
import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconAlertTriangle, IconClock, IconInfoCircle } from "@tabler/icons-react";
import { type ReactNode, Suspense, useMemo, useRef } from "react";
import { ErrorBoundary } from "../../components/ErrorBoundary";
import { ErrorNote } from "../../components/ErrorNote";
import type { Placed } from "../../dashboard/layout";
import { panelIssues } from "../../dashboard/model/report";
import { answerable } from "../../dashboard/queries/run";
import { interpolate } from "../../dashboard/variables/interpolate";
import { usePreferences } from "../../lib/preferences";
import { resolveRange } from "../../lib/timerange";
import { useNow } from "../../lib/use-now";
import { Unsupported } from "../../panels/NoData";
import type { PanelProps } from "../../panels/panel-props";
import { needsData, panelComponent } from "../../panels/registry";
import { missingSources } from "../../panels/types";
import { useDashboard } from "./dashboard-context";
import classes from "./PanelFrame.module.css";
import { PanelMenu } from "./PanelMenu";
import { type PanelData, usePanelData } from "./use-panel-data";
import { useVisible } from "./use-visible";

interface Props {
  placed: Placed;
  isAlone?: boolean;
}

export function PanelFrame({ placed, isAlone = false }: Props) {
  const { panel, title, scope } = placed;
  const frame = useRef<HTMLElement>(null);
  const visible = useVisible(frame);
  const { ref, width, height } = useElementSize();
  const data = usePanelData(placed, width, visible);
  const description = interpolate(panel.description, scope, "text");
  const failed = data.answer?.asked.filter(({ error }) => error) ?? [];
  const warnings = data.answer?.asked.flatMap((asked) => asked.warnings) ?? [];
  return (
    <section
      ref={frame}
      className={classes.panel}
      data-transparent={panel.transparent || undefined}
      data-panel={placed.key}
      data-panel-id={panel.id}
      aria-label={title || panel.type}
      aria-busy={data.isFetching || undefined}
    >
      <header className={classes.header} data-empty={title === "" || undefined}>
        <h2 title={[title, description].filter(Boolean).join("\n")}>{title}</h2>
        {description !== "" && (
          <Hint label={description}>
            <IconInfoCircle size={15} stroke={1.7} aria-label={`About ${title}`} />
          </Hint>
        )}
        {panel.timeFrom !== undefined && (
          <small className={classes.note}>
            <IconClock size={13} aria-hidden="true" /> Last {panel.timeFrom}
          </small>
        )}
        {panel.timeShift !== undefined && (
          <small className={classes.note}>
            <IconClock size={13} aria-hidden="true" /> {panel.timeShift} earlier
          </small>
        )}
        {failed.length > 0 && data.frames.length > 0 && (
          <Hint label={failed.map(({ refId, error }) => `${refId}: ${error?.message}`).join("\n")}>
            <IconAlertTriangle size={15} className={classes.bad} aria-label="A query failed" />
          </Hint>
        )}
        {failed.length === 0 && warnings.length > 0 && (
          <Hint label={warnings.join("\n")}>
            <IconAlertTriangle size={15} className={classes.warn} aria-label="Warnings" />
          </Hint>
        )}
        <PanelMenu placed={placed} data={data} isAlone={isAlone} />
      </header>
      <div ref={ref} className={classes.body}>
        {visible && width > 0 && (
          <ErrorBoundary key={panel.type}>
            <PanelBody placed={placed} data={data} width={width} height={height} />
          </ErrorBoundary>
        )}
      </div>
    </section>
  );
}

function Hint({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Tooltip multiline maw={380} label={label} style={{ whiteSpace: "pre-line" }}>
      <span className={classes.hint} tabIndex={0}>
        {children}
      </span>
    </Tooltip>
  );
}

interface BodyProps {
  placed: Placed;
  data: PanelData;
  width: number;
  height: number;
}

function PanelBody({ placed, data, width, height }: BodyProps) {
  const { panel, scope, title } = placed;
  const { dashboard, time, annotations, ready, onMark } = useDashboard();
  const scheme = useComputedColorScheme("light");
  const { zone } = usePreferences();
  const nowMs = useNow(60_000);
  const show = useMemo<PanelProps["show"]>(
    () => ({
      scheme,
      zone,
      nowMs,
      interpolate: (text, scoped) => interpolate(text, { ...scope, ...scoped }, "text"),
    }),
    [scheme, zone, nowMs, scope],
  );
  const events = useMemo(
    () =>
      // A list has those of all panels.
      panel.type === "annolist"
        ? annotations
        : annotations.filter(({ panelId = panel.id }) => panelId === panel.id),
    [annotations, panel.id, panel.type],
  );
  const Drawing = panelComponent(panel.type);
  const waits = needsData(panel.type);
  const asked = answerable(panel.targets);
  if (!Drawing) return <Unsupported what={whyNot(placed)} />;
  if (waits && asked.length === 0) return <Unsupported what={whyNot(placed)} />;
  if (data.error && data.frames.length === 0) {
    const expr = data.answer?.asked.find(({ error }) => error)?.expr ?? asked[0]?.expr;
    return (
      <div className={classes.failure} style={{ height }}>
        <ErrorNote error={data.error} query={expr} />
      </div>
    );
  }
  if (data.isCancelled) {
    return <Unsupported what="The queries were cancelled; a refresh asks again." />;
  }
  const skeleton = (
    <Skeleton height={Math.max(20, height - 4)} radius="md" role="img" aria-label="Loading" />
  );
  if (waits && (!ready || data.answer === undefined)) return skeleton;
  const span = data.answer?.span ?? resolveRange(time.range, nowMs, zone) ?? { start: 0, end: 1 };
  return (
    <Suspense fallback={skeleton}>
      <Drawing
        title={title}
        frames={data.frames}
        fieldConfig={panel.fieldConfig}
        options={panel.options}
        width={width}
        height={height}
        span={span}
        show={show}
        annotations={events}
        syncKey={dashboard.sharedCursor === "none" ? undefined : `dashboard ${dashboard.uid ?? ""}`}
        syncTooltip={dashboard.sharedCursor === "tooltip"}
        onZoom={time.zoomTo}
        onZoomOut={time.zoomOut}
        onMark={(marked) => onMark(panel.id, marked)}
      />
    </Suspense>
  );
}

function whyNot({ panel }: Placed): string {
  const missing = missingSources.get(panel.type);
  if (missing !== undefined) return missing;
  const [issue] = panelIssues(panel);
  if (issue) return `Not supported yet: ${issue.feature}.`;
  return panel.targets.length === 0
    ? "This panel asks no queries."
    : "All queries are switched off.";
}
