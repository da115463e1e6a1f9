/** A panel that draws the answers of range queries: the building block of home and dashboards. */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { RangeSeries } from "../api/query";
import { type RangeAnswers, type RangeView, useRange } from "../api/use-range";
import { format, type Unit } from "../lib/format";
import { gridTimes } from "../lib/grid";
import { type Labels, legendNames, summarize } from "../lib/series";
import type { Span } from "../lib/timerange";
import { type ColorScheme, seriesColor } from "../theme/series-colors";
import { Panel } from "./Panel";
import classes from "./QueryPanel.module.css";
import type { DrawMode, PlotSeries } from "./timeseries/plot-data";
import { TimeSeriesChart } from "./timeseries/TimeSeriesChart";

type SchemeColor = Record<ColorScheme, string>;

export interface PanelQuery {
  expr: string;
  /** A fixed name, or one made of a series' labels; by default the labels that differ. */
  name?: string | ((labels: Labels) => string);
  color?: SchemeColor | ((labels: Labels) => SchemeColor | undefined);
  /** Series are drawn in this order, the lowest first; by default as the server gave them. */
  rank?: (labels: Labels) => number;
  mirrored?: boolean;
  dashed?: boolean;
}

interface Props {
  title: string;
  subtitle?: ReactNode;
  queries: readonly PanelQuery[];
  view: RangeView;
  unit: Unit;
  mode?: DrawMode;
  height?: number;
  atLeast?: number;
  /** Where the time axis begins, when data begins later than the view. */
  spanOf: (answers: RangeAnswers) => Span;
  onZoom?: (span: Span) => void;
  onZoomOut?: () => void;
  empty: ReactNode;
  syncKey?: string;
  className?: string | undefined;
  enabled?: boolean;
}

export function QueryPanel(props: Props) {
  const { title, subtitle, queries, view, unit, height = 190, enabled = true } = props;
  const scheme = useComputedColorScheme("light");
  const { data, error, isPending } = useRange(
    queries.map((query) => query.expr),
    view,
    enabled,
  );
  const times = useMemo(() => (data ? gridTimes(data.grid) : new Float64Array()), [data]);
  const series = data ? plotSeries(queries, data.answers, scheme) : [];
  const failed = data === undefined ? error : null;
  return (
    <Panel
      title={title}
      subtitle={subtitle}
      loading={isPending}
      error={failed}
      query={failed ? queries[0]?.expr : undefined}
      empty={data && series.length === 0 ? props.empty : undefined}
      height={height + 26}
      className={props.className}
    >
      {data && (
        <>
          <TimeSeriesChart
            label={title}
            times={times}
            series={series}
            span={props.spanOf(data)}
            unit={unit}
            height={height}
            {...(props.mode && { mode: props.mode })}
            {...(props.atLeast !== undefined && { atLeast: props.atLeast })}
            {...(props.syncKey !== undefined && { syncKey: props.syncKey })}
            onZoom={props.onZoom}
            onZoomOut={props.onZoomOut}
          />
          <InlineLegend series={series} unit={unit} />
        </>
      )}
    </Panel>
  );
}

/** Names and last values in a line or two, for panels too small for a table. */
export function InlineLegend({ series, unit }: { series: readonly PlotSeries[]; unit: Unit }) {
  return (
    <ul className={classes.legend}>
      {series.map((one) => (
        <li key={one.key} title={one.name}>
          <span className={classes.swatch} style={{ background: one.color }} />
          <span className={classes.name}>{one.name}</span>
          <span className={classes.value}>{format(summarize(one.values).last, unit)}</span>
        </li>
      ))}
    </ul>
  );
}

function plotSeries(
  queries: readonly PanelQuery[],
  answers: readonly RangeSeries[][],
  scheme: ColorScheme,
): PlotSeries[] {
  const plotted: PlotSeries[] = [];
  queries.forEach((query, queryIndex) => {
    const found = ranked(answers[queryIndex] ?? [], query.rank);
    const defaults = legendNames(found.map((one) => one.labels));
    found.forEach(({ labels, values }, index) => {
      const { name = defaults[index] ?? "", color } = query;
      const chosen = typeof color === "function" ? color(labels) : color;
      plotted.push({
        key: `${queryIndex}:${JSON.stringify(labels)}`,
        name: typeof name === "string" ? name : name(labels),
        color: chosen?.[scheme] ?? seriesColor(plotted.length, scheme),
        values,
        mirrored: query.mirrored ?? false,
        dashed: query.dashed ?? false,
      });
    });
  });
  return plotted;
}

function ranked(series: RangeSeries[], rank: PanelQuery["rank"]): RangeSeries[] {
  return rank ? series.toSorted((a, b) => rank(a.labels) - rank(b.labels)) : series;
}
