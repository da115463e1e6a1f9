/** The time grid of a range query: evaluation times from start to end, a step apart, in seconds. */

export interface Grid {
  /** Seconds since the epoch, a multiple of `step`. */
  start: number;
  end: number;
  /** Seconds. */
  step: number;
}

/** More points than a wide screen has pixels help nobody. */
const POINTS_WANTED = 300;
/** The server's own limit is 11,000 points a series. */
export const POINTS_MAX = 11_000;

/** Steps that divide minutes, hours and days, so that points fall on round times. */
const NICE_STEPS_SECONDS = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 21_600,
  43_200, 86_400, 172_800, 604_800,
];

/** The smallest round step that gives about `pointsWanted` points, and not below `stepMin`. */
export function niceStep(
  spanSeconds: number,
  stepMin: number,
  pointsWanted = POINTS_WANTED,
): number {
  const ideal = Math.max(spanSeconds / pointsWanted, stepMin);
  const nice = NICE_STEPS_SECONDS.find((step) => step >= ideal - 1e-9);
  return nice ?? Math.ceil(ideal / 604_800) * 604_800;
}

/** Aligns a range to its step, so that a refresh moves points along instead of reshaping lines. */
export function alignedGrid(start: number, end: number, step: number): Grid {
  const alignedStart = roundMillis(Math.floor(start / step + 1e-9) * step);
  const alignedEnd = roundMillis(Math.max(Math.floor(end / step + 1e-9) * step, alignedStart));
  return { start: alignedStart, end: alignedEnd, step };
}

export function gridLength({ start, end, step }: Grid): number {
  return Math.floor((end - start) / step + 1e-6) + 1;
}

export function gridIndex({ start, step }: Grid, timeSeconds: number): number {
  return Math.round((timeSeconds - start) / step);
}

export function gridTimes(grid: Grid): Float64Array {
  return Float64Array.from({ length: gridLength(grid) }, (_, i) => grid.start + i * grid.step);
}

function roundMillis(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
