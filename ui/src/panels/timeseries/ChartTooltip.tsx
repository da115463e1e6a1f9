/** The values under the crosshair, largest first, the nearest line in bold. */
import { format, type Unit } from "../../lib/format";
import { usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
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

interface Props {
  hover: Hover;
  times: Float64Array;
  series: readonly PlotSeries[];
  unit: Unit;
  stacked: boolean;
}

const ROWS_MAX = 12;
const ROW_HEIGHT_PX = 18;
const TIME_HEIGHT_PX = 36;

export function ChartTooltip({ hover, times, series, unit, stacked }: Props) {
  const { zone } = usePreferences();
  const time = times[hover.index];
  const focused = hover.focused === null ? undefined : series[hover.focused];
  const rows = series
    .map((one) => ({ one, value: one.values[hover.index] ?? NaN }))
    .filter(({ value }) => !Number.isNaN(value));
  if (time === undefined || rows.length === 0) return null;
  // A stack reads from its top; lines read from the largest.
  if (stacked) rows.reverse();
  else rows.sort((a, b) => b.value - a.value);
  const shown = rows.slice(0, ROWS_MAX);
  const hiddenFocus = rows.slice(ROWS_MAX).find(({ one }) => one === focused);
  if (hiddenFocus) shown.splice(-1, 1, hiddenFocus);

  const onRight = hover.left < hover.width * 0.6;
  const position = onRight ? { left: hover.left + 14 } : { right: hover.width - hover.left + 14 };
  // Kept within the chart, unless it is taller than that.
  const heightPx = TIME_HEIGHT_PX + ROW_HEIGHT_PX * (shown.length + 1);
  const top = Math.max(-40, Math.min(hover.top - 20, hover.height - heightPx));
  return (
    <div className={classes.tooltip} style={{ ...position, top }}>
      <div className={classes.time}>{formatTime(time * 1000, zone)}</div>
      {shown.map(({ one, value }) => (
        <div key={one.key} className={classes.row} data-focused={one === focused || undefined}>
          <span className={classes.swatch} style={{ background: one.color }} />
          <span className={classes.name}>{one.name}</span>
          <span className={classes.value}>{format(value, unit, 4)}</span>
        </div>
      ))}
      {rows.length > shown.length && (
        <div className={classes.more}>and {rows.length - shown.length} more</div>
      )}
    </div>
  );
}
