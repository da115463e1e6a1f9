/** The values under the crosshair, largest first, the nearest line in bold. */
import { usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
import { type Annotation, annotationsAt } from "./marks";
import type { PlotSeries } from "./plot-data";
import classes from "./TimeSeriesChart.module.css";

export interface Hover {
  /** Into the chart's times. */
  index: number;
  /** Pixels from the chart's corner. */
  left: number;
  top: number;
  width: number;
  height: number;
  /** Index of the series nearest to the pointer. */
  focused: number | null;
}

export interface TooltipRules {
  /** `single` shows only the series nearest to the pointer. */
  mode: "multi" | "single" | "none";
  sort: "asc" | "desc" | "none";
  /** Keys of series that the tooltip leaves out. */
  hidden: ReadonlySet<string>;
}

interface Props {
  hover: Hover;
  times: Float64Array;
  series: readonly PlotSeries[];
  annotations: readonly Annotation[];
  secondsPerPx: number;
  /** For series that bring no format of their own. */
  formatValue: (value: number) => string;
  /** Without rules, all series show in the order that reads best. */
  rules: TooltipRules | undefined;
  stacked: boolean;
}

interface Row {
  one: PlotSeries;
  value: number;
}

const ROWS_MAX = 12;
const ROW_HEIGHT_PX = 18;
const TIME_HEIGHT_PX = 36;
const ANNOTATION_REACH_PX = 5;

export function ChartTooltip(props: Props) {
  const { hover, times, series, annotations, secondsPerPx, formatValue, rules } = props;
  const { zone } = usePreferences();
  const time = times[hover.index];
  const focused = hover.focused === null ? undefined : series[hover.focused];
  const rows = rowsOf(props, focused);
  if (time === undefined || rules?.mode === "none") return null;
  const happened = annotationsAt(annotations, time, ANNOTATION_REACH_PX * secondsPerPx);
  if (rows.length === 0 && happened.length === 0) return null;
  const shown = rows.slice(0, ROWS_MAX);
  const hiddenFocus = rows.slice(ROWS_MAX).find(({ one }) => one === focused);
  if (hiddenFocus) shown.splice(-1, 1, hiddenFocus);

  const onRight = hover.left < hover.width * 0.6;
  const position = onRight ? { left: hover.left + 14 } : { right: hover.width - hover.left + 14 };
  // Kept within the chart, unless it is taller than that.
  const heightPx = TIME_HEIGHT_PX + ROW_HEIGHT_PX * (shown.length + 1 + happened.length);
  const top = Math.max(-40, Math.min(hover.top - 20, hover.height - heightPx));
  return (
    <div className={classes.tooltip} style={{ ...position, top }}>
      <div className={classes.time}>{formatTime(time * 1000, zone)}</div>
      {shown.map(({ one, value }) => (
        <div key={one.key} className={classes.row} data-focused={one === focused || undefined}>
          <span className={classes.swatch} style={{ background: one.color }} />
          <span className={classes.name}>{one.name}</span>
          <span className={classes.value}>{(one.format ?? formatValue)(value)}</span>
        </div>
      ))}
      {rows.length > shown.length && (
        <div className={classes.more}>and {rows.length - shown.length} more</div>
      )}
      {happened.map((annotation, index) => (
        <div key={index} className={classes.happened}>
          <span className={classes.flag} style={{ background: annotation.color }} />
          <span>
            {annotation.title}
            {annotation.text !== "" && ` – ${annotation.text}`}
            {annotation.tags.map((tag) => (
              <em key={tag}>{tag}</em>
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}

function rowsOf({ hover, series, rules, stacked }: Props, focused: PlotSeries | undefined): Row[] {
  const rows = series
    .map((one) => ({ one, value: one.values[hover.index] ?? NaN }))
    .filter(({ one, value }) => !Number.isNaN(value) && rules?.hidden.has(one.key) !== true);
  if (rules?.mode === "single") {
    const nearest = rows.filter(({ one }) => one === focused);
    return nearest.length > 0 ? nearest : rows.slice(0, 1);
  }
  if (rules === undefined) {
    // A stack reads from its top; lines read from the largest.
    return stacked ? rows.reverse() : rows.sort((a, b) => b.value - a.value);
  }
  if (rules.sort === "none") return rows;
  return rows.sort((a, b) => (rules.sort === "asc" ? a.value - b.value : b.value - a.value));
}
