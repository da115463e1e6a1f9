/** Runs Explore's queries, each on its own, and keeps the last answer until the next is in. */
import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useRef } from "react";
import type { Answer } from "../../api/http";
import { ApiError } from "../../api/http";
import { type InstantResult, queryInstant, queryRange, type RangeResult } from "../../api/query";
import { rangeVariables, stepVariables } from "../../dashboard/variables/builtin";
import { interpolate } from "../../dashboard/variables/interpolate";
import { alignedGrid, gridLength, niceStep, POINTS_MAX } from "../../lib/grid";
import { usePreferences } from "../../lib/preferences";
import { resolveRange, type Span } from "../../lib/timerange";
import type { TimeParams } from "../../lib/use-time-params";
import { useScrapeSeconds } from "../dashboard/use-scrape-interval";
import { type ExploreState, letter } from "./explore-url";

/** Finer than a second is rarely scraped. */
const STEP_MIN_SECONDS = 1;
const POINTS_WANTED = 400;

export interface Timed<T> extends Answer<T> {
  /** From asking to having read the answer. */
  elapsedMs: number;
}

export interface QueryAnswer<T> {
  letter: string;
  expr: string;
  answer: Timed<T> | undefined;
  error: Error | null;
  fetching: boolean;
  /** The answer is of an earlier run; the present one is under way. */
  stale: boolean;
}

export function useRangeAnswers(state: ExploreState, time: TimeParams, enabled: boolean) {
  const { zone } = usePreferences();
  const scrape = useScrapeSeconds();
  return useAnswers<RangeResult>(
    state,
    "range",
    [time.range, state.step, zone],
    enabled && scrape !== undefined,
    time.refreshMs,
    async (expr, signal) => {
      const span = resolveRange(time.range, Date.now(), zone);
      if (!span) throw new ApiError("rejected", "The time range cannot be read.");
      const step = stepOf(state, span);
      const grid = alignedGrid(span.start, span.end, step);
      if (gridLength(grid) > POINTS_MAX) {
        throw new ApiError(
          "rejected",
          `A step of ${step} s over this range makes ${gridLength(grid)} points a series; ` +
            `at most ${POINTS_MAX} are drawn. Choose a longer step or a shorter range.`,
        );
      }
      return queryRange(withVariables(expr, span, step, scrape), grid, { stats: true }, signal);
    },
  );
}

export function useInstantAnswers(state: ExploreState, time: TimeParams, enabled: boolean) {
  const { zone } = usePreferences();
  const scrape = useScrapeSeconds();
  return useAnswers<InstantResult>(
    state,
    "instant",
    [time.range, state.step, zone],
    enabled && scrape !== undefined,
    time.refreshMs,
    async (expr, signal) => {
      const span = resolveRange(time.range, Date.now(), zone);
      if (!span) throw new ApiError("rejected", "The time range cannot be read.");
      const asked = withVariables(expr, span, stepOf(state, span), scrape);
      return queryInstant(asked, span.end, { stats: true }, signal);
    },
  );
}

function stepOf(state: ExploreState, span: Span): number {
  return state.step ?? niceStep(span.end - span.start, STEP_MIN_SECONDS, POINTS_WANTED);
}

/** Queries copied from a panel have its `$__rate_interval` and such in them. */
export function withVariables(expr: string, span: Span, step: number, scrape = step): string {
  const scope = { ...rangeVariables(span), ...stepVariables({ step, scrape }) };
  return interpolate(expr, scope, "promql");
}

function useAnswers<T>(
  state: ExploreState,
  kind: "range" | "instant",
  keyParts: unknown[],
  enabled: boolean,
  refreshMs: number | false,
  ask: (expr: string, signal: AbortSignal) => Promise<Answer<T>>,
): QueryAnswer<T>[] {
  const asked = state.queries
    .map((query, index) => ({ ...query, letter: letter(index) }))
    .filter((query) => query.enabled && query.expr.trim() !== "");
  const results = useQueries({
    queries: asked.map(({ expr }) => ({
      queryKey: ["explore", kind, expr, ...keyParts],
      enabled,
      refetchInterval: refreshMs,
      staleTime: Infinity,
      retry: false,
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Timed<T>> => {
        const startedMs = performance.now();
        const answer = await ask(expr, signal);
        return { ...answer, elapsedMs: performance.now() - startedMs };
      },
    })),
  });
  return useLastAnswers(asked, results);
}

/** While a changed query runs, its place keeps showing what it showed before. */
function useLastAnswers<T>(
  asked: { letter: string; expr: string }[],
  results: UseQueryResult<Timed<T>>[],
): QueryAnswer<T>[] {
  const last = useRef(new Map<string, Timed<T>>());
  return asked.map((query, index) => {
    const result = results[index];
    if (result?.data) last.current.set(query.letter, result.data);
    if (result?.error) last.current.delete(query.letter);
    const answer = result?.data ?? last.current.get(query.letter);
    return {
      letter: query.letter,
      expr: query.expr,
      answer,
      error: result?.error ?? null,
      fetching: result?.fetchStatus === "fetching",
      stale: answer !== undefined && result?.data === undefined,
    };
  });
}
