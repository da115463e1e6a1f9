/** From series on a grid to the columns that uPlot draws: mirrored, stacked, gaps marked. */
import type uPlot from "uplot";

export type DrawMode = "lines" | "area" | "stacked";

export interface PlotSeries {
  /** Stable from one refresh to the next. */
  key: string;
  name: string;
  color: string;
  /** One value for each time; NaN where there is none. */
  values: Float64Array;
  /** Drawn below zero, like writes against reads. */
  mirrored?: boolean;
  dashed?: boolean;
  /** How it is drawn; by default as the chart's mode says. */
  style?: SeriesStyle;
  /** Which of the chart's axes measures it. */
  axis?: string;
  /** Series of one group are stacked; `percent` makes each stack fill the whole. */
  stack?: { group: string; percent: boolean } | undefined;
  /** Its own way to write a value, where units differ within a chart. */
  format?: (value: number) => string;
}

export interface SeriesStyle {
  draw: "line" | "bars" | "points";
  interpolation: "linear" | "smooth" | "stepBefore" | "stepAfter";
  widthPx: number;
  /** From 0 to 1. */
  fill: number;
  /** The fill fades towards zero. */
  gradient: boolean;
  dash: number[] | undefined;
  points: "auto" | "always" | "never";
  pointSizePx: number;
  /** Lines go on where values are missing. */
  spanGaps: boolean;
  /** The key of a series down to which this one is filled. */
  fillTo: string | undefined;
}

type Column = Float64Array | (number | null)[];

export function plotData(
  times: Float64Array,
  series: readonly PlotSeries[],
  mode: DrawMode,
): uPlot.AlignedData {
  const columns: Column[] = series.map((one) => withGaps(signed(one)));
  for (const group of stackGroups(series, mode)) {
    const members = group.indices.map((index) => series[index]).filter((one) => one !== undefined);
    const stacked = stack(members, times.length, group.percent);
    group.indices.forEach((index, i) => {
      const column = stacked[i];
      if (column) columns[index] = withGaps(column);
    });
  }
  return [times, ...columns];
}

export interface StackGroup {
  indices: number[];
  percent: boolean;
}

/** Which series pile up on which, by index. */
export function stackGroups(series: readonly PlotSeries[], mode: DrawMode): StackGroup[] {
  const groups = new Map<string, StackGroup>();
  series.forEach((one, index) => {
    const stack = one.stack ?? (mode === "stacked" ? { group: "", percent: false } : undefined);
    if (!stack) return;
    const key = `${one.axis ?? ""} ${stack.group}`;
    const group = groups.get(key) ?? { indices: [], percent: stack.percent };
    group.indices.push(index);
    groups.set(key, group);
  });
  return [...groups.values()];
}

/** Running sums; a missing value counts as zero, unless every series misses it. */
export function stack(
  series: readonly PlotSeries[],
  length: number,
  percent = false,
): Float64Array[] {
  const sums = { up: new Float64Array(length), down: new Float64Array(length) };
  const present = new Uint8Array(length);
  for (const { values } of series) {
    for (let i = 0; i < length; i++) if (Number.isFinite(values[i])) present[i] = 1;
  }
  const columns = series.map((one) => {
    const values = signed(one);
    const running = one.mirrored ? sums.down : sums.up;
    const column = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const value = values[i] ?? NaN;
      const sum = (running[i] ?? 0) + (Number.isFinite(value) ? value : 0);
      running[i] = sum;
      column[i] = present[i] === 1 ? sum : NaN;
    }
    return column;
  });
  if (!percent) return columns;
  return columns.map((column, index) => {
    const whole = series[index]?.mirrored ? sums.down : sums.up;
    return column.map((sum, i) => (whole[i] === 0 ? sum : sum / Math.abs(whole[i] ?? 1)));
  });
}

/** Values with no neighbour to draw a line to: they need a dot to be seen at all. */
export function isolatedPoints(column: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let i = 0; i < column.length; i++) {
    if (isPresent(column[i]) && !isPresent(column[i - 1]) && !isPresent(column[i + 1]))
      found.push(i);
  }
  return found;
}

function isPresent(value: number | null | undefined): boolean {
  return value !== null && value !== undefined;
}

function signed({ values, mirrored }: PlotSeries): Float64Array {
  return mirrored ? values.map((value) => -value) : values;
}

/** uPlot knows gaps as null only; a column without gaps stays the typed array it is. */
function withGaps(column: Float64Array): Column {
  if (column.every(Number.isFinite)) return column;
  return Array.from(column, (value) => (Number.isFinite(value) ? value : null));
}
