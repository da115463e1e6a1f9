/** An alert's past: the stretches in which it was pending or fired. */
import type { RangeSeries } from "../api/query";
import { type Grid, gridTimes } from "../lib/grid";
import { type Labels, matcher } from "../lib/series";

export type PastState = "pending" | "firing";

export interface Stretch {
  state: PastState;
  /** Seconds since the epoch. */
  start: number;
  end: number;
}

/** The series `ALERTS` of one alert; `window` catches what is shorter than a step. */
export function historyQuery(labels: Labels, window: string): string {
  const matchers = Object.entries(labels)
    .filter(([name]) => name !== "__name__" && name !== "alertstate")
    .map(([name, value]) => matcher(name, value));
  return `max_over_time(ALERTS{${matchers.join(",")}}[${window}])`;
}

/** In order of time; where it was both, it had begun to fire. */
export function stretchesOf(series: readonly RangeSeries[], grid: Grid): Stretch[] {
  const states = new Array<PastState | undefined>(gridTimes(grid).length);
  for (const state of ["pending", "firing"] as const) {
    for (const { labels, values } of series) {
      if (labels.alertstate !== state) continue;
      values.forEach((value, index) => {
        if (!Number.isNaN(value)) states[index] = state;
      });
    }
  }
  const stretches: Stretch[] = [];
  for (const [index, state] of states.entries()) {
    if (state === undefined) continue;
    const end = grid.start + index * grid.step;
    const open = stretches.at(-1);
    if (open?.state === state && open.end === end - grid.step) open.end = end;
    else stretches.push({ state, start: end - grid.step, end });
  }
  return stretches;
}

export function describePast(stretches: readonly Stretch[]) {
  const firing = stretches.filter(({ state }) => state === "firing");
  return {
    timesFired: firing.length,
    firingSeconds: firing.reduce((sum, { start, end }) => sum + end - start, 0),
  };
}
