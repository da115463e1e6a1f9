/** How a time series chart looks: uPlot's options from our series, unit and colours. */
import uPlot from "uplot";
import { format, type Unit } from "../../lib/format";
import { formatTime, type Span, type TimeZone } from "../../lib/timerange";
import { type DrawMode, isolatedPoints, type PlotSeries } from "./plot-data";

export interface ChartLook {
  mode: DrawMode;
  unit: Unit;
  zone: TimeZone;
  text: string;
  grid: string;
  crosshair: string;
  surface: string;
  /** The y axis reaches at least this high. */
  atLeast: number | undefined;
  syncKey: string | undefined;
}

export interface ChartEvents {
  span: () => Span;
  onHover: (plot: uPlot) => void;
  onZoom: (span: Span) => void;
}

const FONT = '11px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const SELECT_WIDTH_MIN_PX = 8;

export function chartOptions(
  size: { width: number; height: number },
  series: readonly PlotSeries[],
  look: ChartLook,
  events: ChartEvents,
): uPlot.Options {
  return {
    ...size,
    padding: [10, 12, 0, 4],
    legend: { show: false },
    tzDate: (seconds) =>
      look.zone === "utc"
        ? uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC")
        : new Date(seconds * 1000),
    cursor: {
      y: false,
      focus: { prox: 24 },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, width: 2, fill: look.surface },
      ...(look.syncKey === undefined ? {} : { sync: { key: look.syncKey, setSeries: false } }),
    },
    focus: { alpha: series.length > 1 ? 0.45 : 1 },
    scales: {
      x: {
        time: true,
        range: () => {
          const { start, end } = events.span();
          return [start, end];
        },
      },
      y: { range: (_plot, min, max) => valueRange(min, max, look) },
    },
    axes: [timeAxis(look), valueAxis(look)],
    series: [{}, ...series.map((one) => drawnSeries(one, look))],
    bands: look.mode === "stacked" ? stackBands(series) : [],
    hooks: {
      setCursor: [events.onHover],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < SELECT_WIDTH_MIN_PX) return;
          const start = plot.posToVal(left, "x");
          const end = plot.posToVal(left + width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          events.onZoom({ start, end });
        },
      ],
    },
  };
}

/** The range of the y axis; areas start at zero, lines only when zero is near. */
export function valueRange(
  min: number | null,
  max: number | null,
  { mode, atLeast }: Pick<ChartLook, "mode" | "atLeast">,
): [number, number] {
  if (min === null || max === null) return [0, atLeast ?? 1];
  const top = Math.max(max, atLeast ?? -Infinity);
  const fromZero = mode !== "lines" || atLeast !== undefined;
  const bottom = fromZero ? Math.min(0, min) : min;
  if (bottom === top) return top === 0 ? [0, 1] : [Math.min(0, top * 1.2), Math.max(0, top * 1.2)];
  const pad = (top - bottom) * 0.06;
  const nearZero = bottom > 0 && bottom < (top - bottom) * 0.4;
  const low = bottom === 0 || nearZero ? 0 : bottom - pad;
  return [low, top === 0 ? 0 : top + pad];
}

function drawnSeries(series: PlotSeries, { mode }: ChartLook): uPlot.Series {
  const fill = { lines: undefined, area: "24", stacked: "b0" }[mode];
  return {
    label: series.name,
    stroke: series.color,
    width: mode === "stacked" ? 1 : 1.6,
    ...(fill === undefined ? {} : { fill: series.color + fill }),
    ...(series.dashed ? { dash: [5, 4] } : {}),
    points: {
      size: 5,
      fill: series.color,
      show: true,
      filter: (plot, seriesIndex) => isolatedPoints(plot.data[seriesIndex] ?? []),
    },
  };
}

/** Fills between a running sum and the one below it, on each side of zero. */
function stackBands(series: readonly PlotSeries[]): uPlot.Band[] {
  const bands: uPlot.Band[] = [];
  const below: { up?: number; down?: number } = {};
  series.forEach((one, index) => {
    const side = one.mirrored ? "down" : "up";
    const lower = below[side];
    if (lower !== undefined) bands.push({ series: [index + 1, lower] });
    below[side] = index + 1;
  });
  return bands;
}

function timeAxis(look: ChartLook): uPlot.Axis {
  return {
    stroke: look.text,
    font: FONT,
    size: 28,
    gap: 6,
    space: 64,
    grid: { stroke: look.grid, width: 1 },
    ticks: { show: false },
    values: (_plot, splits, _axis, _space, increment) =>
      splits.map((seconds) => timeLabel(seconds * 1000, increment, look.zone)),
  };
}

/** As coarse as the grid allows: seconds, minutes, days, or months. */
export function timeLabel(ms: number, incrementSeconds: number, zone: TimeZone): string {
  const [date = "", clock = ""] = formatTime(ms, zone, true).split(" ");
  const [year = "", month = "", day = ""] = date.split("-");
  const monthName = MONTHS[Number(month) - 1] ?? "";
  if (incrementSeconds >= 28 * 86_400) return month === "01" ? year : monthName;
  if (clock === "00:00:00.000") return `${Number(day)} ${monthName}`;
  if (incrementSeconds >= 60) return clock.slice(0, 5);
  return incrementSeconds >= 1 ? clock.slice(0, 8) : clock.slice(3);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function valueAxis(look: ChartLook): uPlot.Axis {
  return {
    stroke: look.text,
    font: FONT,
    gap: 6,
    space: 34,
    grid: { stroke: look.grid, width: 1 },
    ticks: { show: false },
    ...(look.unit.startsWith("bytes") ? { incrs: BINARY_INCREMENTS } : {}),
    size: (_plot, labels) =>
      16 + 6.4 * Math.max(3, ...((labels as string[] | null) ?? []).map((label) => label.length)),
    values: (_plot, splits, _axis, _space, increment) =>
      splits.map((value) => format(value, look.unit, digitsFor(splits, increment))),
  };
}

/** Memory comes in powers of two, and so do the lines of its grid. */
const BINARY_INCREMENTS = Array.from({ length: 60 }, (_, power) => 2 ** power);

/** Enough digits to tell neighbouring grid lines apart. */
function digitsFor(splits: readonly number[], increment: number): number {
  const largest = Math.max(...splits.map(Math.abs));
  const digits = Math.ceil(Math.log10(largest / increment)) + 1;
  return Math.min(Math.max(digits, 3), 8);
}
