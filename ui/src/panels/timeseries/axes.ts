/** Axes of charts over time: what they measure, how far they reach, how they are labelled. */
import type uPlot from "uplot";
import { format, type Unit } from "../../lib/format";
import { formatTime, type TimeZone } from "../../lib/timerange";
import type { DrawMode } from "./plot-data";

/** An axis for values. */
export interface ValueAxis {
  key: string;
  side: "left" | "right" | "hidden";
  label: string | undefined;
  /** Writes the value of a grid line, precise enough to tell it from the next. */
  format: (value: number, splits: readonly number[], increment: number) => string;
  /** Grid lines on powers of two. */
  binary: boolean;
  /** Areas and bars begin at zero. */
  fromZero: boolean;
  /** Bounds that hold whatever the data are, and bounds that data may pass. */
  min: number | undefined;
  max: number | undefined;
  softMin: number | undefined;
  softMax: number | undefined;
  /** The base of a logarithmic axis; `symmetric` ones go through zero. */
  log: { base: 2 | 10; symmetric: boolean } | undefined;
  showGrid: boolean;
}

export interface AxisColors {
  text: string;
  grid: string;
}

export const FONT = '11px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
export const DEFAULT_AXIS = "y";

/** The one axis of charts whose series share a unit. */
export function unitAxis(unit: Unit, mode: DrawMode, atLeast: number | undefined): ValueAxis {
  return {
    key: DEFAULT_AXIS,
    side: "left",
    label: undefined,
    format: (value, splits, increment) => format(value, unit, digitsFor(splits, increment)),
    binary: unit.startsWith("bytes"),
    fromZero: mode !== "lines" || atLeast !== undefined,
    min: undefined,
    max: undefined,
    softMin: undefined,
    softMax: atLeast,
    log: undefined,
    showGrid: true,
  };
}

export function valueScale(axis: ValueAxis): uPlot.Scale {
  if (axis.log) {
    return {
      // uPlot's enums exist in its types only.
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
      distr: axis.log.symmetric ? 4 : 3,
      log: axis.log.base,
      asinh: 1,
      range: (_plot, min, max) => logRange(min, max, axis),
    };
  }
  return { range: (_plot, min, max) => valueRange(min, max, axis) };
}

type Bounds = Pick<ValueAxis, "fromZero"> &
  Partial<Pick<ValueAxis, "min" | "max" | "softMin" | "softMax">>;

/** The range of a linear axis; areas start at zero, lines only when zero is near. */
export function valueRange(min: number | null, max: number | null, axis: Bounds): [number, number] {
  const [low, high] = dataRange(min, max, axis);
  const [from, to] = [axis.min ?? low, axis.max ?? high];
  return from < to ? [from, to] : [from, from + Math.max(1, Math.abs(from) * 0.1)];
}

function dataRange(min: number | null, max: number | null, axis: Bounds): [number, number] {
  if (min === null || max === null) return [axis.softMin ?? 0, axis.softMax ?? 1];
  const top = Math.max(max, axis.softMax ?? -Infinity);
  const low = Math.min(min, axis.softMin ?? Infinity);
  const bottom = axis.fromZero ? Math.min(0, low) : low;
  if (bottom === top) return top === 0 ? [0, 1] : [Math.min(0, top * 1.2), Math.max(0, top * 1.2)];
  const pad = (top - bottom) * 0.06;
  const nearZero = bottom > 0 && bottom < (top - bottom) * 0.4;
  const from = bottom === 0 || nearZero ? 0 : bottom - pad;
  return [from, top === 0 ? 0 : top + pad];
}

/** Whole powers around the data. */
function logRange(min: number | null, max: number | null, axis: ValueAxis): [number, number] {
  const base = axis.log?.base ?? 10;
  const high = axis.max ?? Math.max(max ?? 1, axis.softMax ?? -Infinity);
  const low = axis.min ?? Math.min(min ?? 1, axis.softMin ?? Infinity);
  if (axis.log?.symmetric) return low < high ? [low, high] : [low - 1, high + 1];
  const power = (value: number, round: (n: number) => number) =>
    base ** round(Math.log(value) / Math.log(base));
  const to = power(Math.max(high, Number.MIN_VALUE), Math.ceil);
  const from = low > 0 ? power(low, Math.floor) : to / base ** 4;
  return from < to ? [from, to] : [to / base, to];
}

export function timeAxis(zone: TimeZone, colors: AxisColors): uPlot.Axis {
  return {
    stroke: colors.text,
    font: FONT,
    size: 28,
    gap: 6,
    space: 64,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { show: false },
    values: (_plot, splits, _axis, _space, increment) =>
      splits.map((seconds) => timeLabel(seconds * 1000, increment, zone)),
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

export function valueAxis(axis: ValueAxis, colors: AxisColors): uPlot.Axis {
  const isRight = axis.side === "right";
  return {
    scale: axis.key,
    show: axis.side !== "hidden",
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
    side: isRight ? 1 : 3,
    stroke: colors.text,
    font: FONT,
    gap: 6,
    space: axis.log ? 24 : 34,
    grid: { show: axis.showGrid, stroke: colors.grid, width: 1 },
    ticks: { show: false },
    ...(axis.label === undefined
      ? {}
      : { label: axis.label, labelFont: FONT, labelSize: 18, labelGap: 0 }),
    ...(axis.binary && !axis.log ? { incrs: BINARY_INCREMENTS } : {}),
    size: (_plot, labels) =>
      16 + 6.4 * Math.max(3, ...((labels as string[] | null) ?? []).map((label) => label.length)),
    values: (_plot, splits, _axis, _space, increment) =>
      splits.map((value) => {
        // A logarithmic axis offers more lines than it has room to label.
        if (axis.log && !axis.log.symmetric && !isPower(value, axis.log.base)) return "";
        return axis.format(value, splits, increment);
      }),
  };
}

function isPower(value: number, base: number): boolean {
  const power = Math.log(value) / Math.log(base);
  return Math.abs(power - Math.round(power)) < 1e-6;
}

/** Memory comes in powers of two, and so do the lines of its grid. */
const BINARY_INCREMENTS = Array.from({ length: 60 }, (_, power) => 2 ** power);

/** Enough digits to tell neighbouring grid lines apart. */
export function digitsFor(splits: readonly number[], increment: number): number {
  const largest = Math.max(...splits.map(Math.abs));
  const digits = Math.ceil(Math.log10(largest / increment)) + 1;
  return Math.min(Math.max(digits, 3), 8);
}
