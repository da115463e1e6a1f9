/** What an alerting rule watches, over time, with the bound at which it fires. */
import { Switch, useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Alert } from "../../alerting/alerts";
import { type Condition, conditionsOf } from "../../alerting/conditions";
import { parseQuery } from "../../api/promql";
import type { RangeSeries } from "../../api/query";
import type { AlertingRule } from "../../api/rules";
import { useRange } from "../../api/use-range";
import { formatDuration } from "../../lib/duration";
import { format } from "../../lib/format";
import { gridTimes } from "../../lib/grid";
import { unitOfQuery } from "../../lib/query-unit";
import { type Labels, legendNames } from "../../lib/series";
import type { TimeParams } from "../../lib/use-time-params";
import { Panel } from "../../panels/Panel";
import { InlineLegend } from "../../panels/QueryPanel";
import { DEFAULT_AXIS, unitAxis } from "../../panels/timeseries/axes";
import type { PlotSeries } from "../../panels/timeseries/plot-data";
import { TimeSeriesChart } from "../../panels/timeseries/TimeSeriesChart";
import { meaningColors, seriesColor } from "../../theme/series-colors";
import classes from "./AlertDrawer.module.css";

interface Props {
  alert: Alert;
  rule: AlertingRule;
  time: TimeParams;
}

export function ConditionGraphs({ alert, rule, time }: Props) {
  const tree = useQuery({
    queryKey: ["parse query", rule.query],
    queryFn: ({ signal }) => parseQuery(rule.query, signal),
    staleTime: Infinity,
  });
  // A server that makes no trees still draws the whole.
  const whole = { expr: rule.query, threshold: undefined };
  const conditions =
    tree.data === undefined && !tree.error
      ? []
      : tree.data
        ? conditionsOf(tree.data, rule.query)
        : [whole];
  return (
    <section className={classes.part} aria-label="Condition">
      <h3>Condition{rule.duration > 0 && <small>for {formatDuration(rule.duration)}</small>}</h3>
      <code className={classes.expr}>{rule.query}</code>
      {conditions.map((condition) => (
        <ConditionGraph
          key={condition.expr}
          condition={condition}
          alert={alert}
          rule={rule}
          time={time}
        />
      ))}
    </section>
  );
}

/** More lines than this tell nothing about one alert. */
const SERIES_MAX = 30;
const HEIGHT_PX = 170;

function ConditionGraph({ condition, alert, rule, time }: Props & { condition: Condition }) {
  const { expr, threshold } = condition;
  const scheme = useComputedColorScheme("light");
  const [all, setAll] = useState(false);
  const { data, error, isPending } = useRange([expr], {
    range: time.range,
    stepMin: 5,
    refreshMs: time.refreshMs,
  });
  const unit = unitOfQuery(expr);
  const times = useMemo(() => (data ? gridTimes(data.grid) : new Float64Array()), [data]);
  const answered = data?.answers[0] ?? [];
  const own = answered.filter(({ labels }) => isOfAlert(labels, alert.seriesLabels, rule.labels));
  const shown = all || own.length === 0 ? answered : own;
  const bound = meaningColors.firing[scheme];
  const axis = {
    ...unitAxis(unit, "lines", undefined),
    softMin: threshold?.value,
    softMax: threshold?.value,
  };
  return (
    <Panel
      title={threshold ? `Fires when ${threshold.op} ${format(threshold.value, unit, 4)}` : "Value"}
      subtitle={expr}
      corner={
        own.length > 0 &&
        answered.length > own.length && (
          <Switch
            size="xs"
            label="All series"
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
        )
      }
      loading={isPending}
      error={data ? null : error}
      query={expr}
      empty={
        data && shown.length === 0
          ? "Nothing to draw: the expression has no result in this time."
          : undefined
      }
      height={HEIGHT_PX}
    >
      {data && (
        <>
          <TimeSeriesChart
            label={`Graph of ${alert.name}`}
            times={times}
            series={plotted(shown.slice(0, SERIES_MAX), scheme)}
            span={{ start: data.grid.start, end: data.grid.end }}
            unit={unit}
            height={HEIGHT_PX}
            axes={[axis]}
            thresholds={
              threshold && {
                axis: DEFAULT_AXIS,
                line: true,
                dashed: true,
                area: false,
                steps: [{ value: threshold.value, color: bound }],
              }
            }
            syncKey="alert"
            onZoom={time.zoomTo}
            onZoomOut={time.zoomOut}
          />
          {shown.length <= 6 && <InlineLegend series={plotted(shown, scheme)} unit={unit} />}
          {shown.length > SERIES_MAX && (
            <p className={classes.hint}>
              {SERIES_MAX} of {shown.length} series are drawn.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

/** An alert has the labels of its series, some of them replaced by those of its rule. */
function isOfAlert(series: Labels, alert: Labels, replaced: Labels): boolean {
  return Object.entries(series).every(
    ([name, value]) =>
      name === "__name__" ||
      Object.hasOwn(replaced, name) ||
      alert[name] === undefined ||
      alert[name] === value,
  );
}

function plotted(series: readonly RangeSeries[], scheme: "light" | "dark"): PlotSeries[] {
  // The alert is what one series is about; its labels are above.
  const names = series.length === 1 ? ["value"] : legendNames(series.map(({ labels }) => labels));
  return series.map(({ labels, values }, index) => ({
    key: JSON.stringify(labels),
    name: names[index] ?? "",
    color: seriesColor(index, scheme),
    values,
  }));
}
