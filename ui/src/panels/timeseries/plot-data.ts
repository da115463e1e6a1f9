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
}

type Column = Float64Array | (number | null)[];

export function plotData(
  times: Float64Array,
  series: readonly PlotSeries[],
  mode: DrawMode,
): uPlot.AlignedData {
  const columns = mode === "stacked" ? stack(series, times.length) : series.map(signed);
  return [times, ...columns.map(withGaps)];
}

/** Running sums; a missing value counts as zero, unless every series misses it. */
export function stack(series: readonly PlotSeries[], length: number): Float64Array[] {
  const sums = { up: new Float64Array(length), down: new Float64Array(length) };
  const present = new Uint8Array(length);
  for (const { values } of series) {
    for (let i = 0; i < length; i++) if (Number.isFinite(values[i])) present[i] = 1;
  }
  return series.map((one) => {
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
