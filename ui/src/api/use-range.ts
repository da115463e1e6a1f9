/** Range queries that keep up with the clock: several expressions on one grid, refreshed together. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { alignedGrid, type Grid, niceStep } from "../lib/grid";
import { usePreferences } from "../lib/preferences";
import { resolveRange, type TimeRange } from "../lib/timerange";
import { ApiError } from "./http";
import { queryRange, type RangeSeries } from "./query";

export interface RangeView {
  range: TimeRange;
  /** Seconds; the step is at least this, as data does not come more often. */
  stepMin: number;
  /** Points to divide the range into; more of them cost the server more. */
  pointsWanted?: number;
  refreshMs: number | false;
}

export interface RangeAnswers {
  grid: Grid;
  /** The series of each expression, in the order asked. */
  answers: RangeSeries[][];
}

export function useRange(exprs: readonly string[], view: RangeView, enabled = true) {
  const { zone } = usePreferences();
  const { range, stepMin, pointsWanted, refreshMs } = view;
  return useQuery<RangeAnswers>({
    queryKey: ["range", exprs, range, stepMin, pointsWanted, zone],
    enabled,
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const span = resolveRange(range, Date.now(), zone);
      if (!span) throw new ApiError("rejected", `${range.from} to ${range.to} is no time range.`);
      const step = niceStep(span.end - span.start, stepMin, pointsWanted);
      const grid = alignedGrid(span.start, span.end, step);
      const results = await Promise.all(exprs.map((expr) => queryRange(expr, grid, {}, signal)));
      return { grid, answers: results.map((result) => result.data.series) };
    },
  });
}
