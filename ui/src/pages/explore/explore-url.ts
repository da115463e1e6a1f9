/** The Explore page as its URL: queries, which are off, graph or table, how it is drawn. */
import { formatDuration, parseDuration } from "../../lib/duration";
import type { TimeRange } from "../../lib/timerange";
import type { DrawMode } from "../../panels/timeseries/plot-data";

export interface ExploreQuery {
  expr: string;
  enabled: boolean;
}

export interface ExploreState {
  queries: ExploreQuery[];
  view: "graph" | "table";
  draw: DrawMode;
  /** Seconds; undefined lets the range decide. */
  step: number | undefined;
}

/** More would not fit on a page, nor in the address. */
export const QUERIES_MAX = 12;

/** Two sets of queries side by side; the right one's parameters have a prefix. */
export type Side = "left" | "right";

const PREFIXES: Record<Side, string> = { left: "", right: "right." };
const KEYS = ["q", "off", "view", "draw", "step"] as const;
const SPLIT = "split";

export function isSplit(params: URLSearchParams): boolean {
  return params.has(SPLIT);
}

/** The right side begins with what is on the left. */
export function splitExplore(params: URLSearchParams): URLSearchParams {
  const next = writeExplore(params, readExplore(params), "right");
  next.set(SPLIT, "");
  return next;
}

export function unsplitExplore(params: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const key of KEYS) next.delete(PREFIXES.right + key);
  next.delete(SPLIT);
  return next;
}

/** Time parameters (from, to, refresh) are `useTimeParams`' and stay untouched. */
export function readExplore(params: URLSearchParams, side: Side = "left"): ExploreState {
  const prefix = PREFIXES[side];
  const off = new Set((params.get(`${prefix}off`) ?? "").split(""));
  const exprs = params.getAll(`${prefix}q`).slice(0, QUERIES_MAX);
  const draw = params.get(`${prefix}draw`);
  return {
    queries: (exprs.length > 0 ? exprs : [""]).map((expr, index) => ({
      expr,
      enabled: !off.has(letter(index)),
    })),
    view: params.get(`${prefix}view`) === "table" ? "table" : "graph",
    draw: draw === "area" || draw === "stacked" ? draw : "lines",
    step: positive(parseDuration(params.get(`${prefix}step`) ?? "")),
  };
}

export function writeExplore(
  params: URLSearchParams,
  state: ExploreState,
  side: Side = "left",
): URLSearchParams {
  const prefix = PREFIXES[side];
  const next = new URLSearchParams(params);
  for (const key of KEYS) next.delete(prefix + key);
  const { queries } = state;
  if (queries.some(({ expr }) => expr !== ""))
    queries.forEach(({ expr }) => next.append(`${prefix}q`, expr));
  const off = queries.map(({ enabled }, index) => (enabled ? "" : letter(index))).join("");
  if (off !== "") next.set(`${prefix}off`, off);
  if (state.view !== "graph") next.set(`${prefix}view`, state.view);
  if (state.draw !== "lines") next.set(`${prefix}draw`, state.draw);
  if (state.step !== undefined) next.set(`${prefix}step`, formatDuration(state.step));
  return next;
}

/** A link to Explore that asks this query. */
export function exploreLink(expr: string): string {
  return exploreQueries([expr]);
}

/** A link to Explore that asks several queries, over the given time. */
export function exploreQueries(exprs: readonly string[], range?: TimeRange): string {
  const params = new URLSearchParams(range && { from: range.from, to: range.to });
  return `/explore?${writeExplore(params, {
    queries: exprs.slice(0, QUERIES_MAX).map((expr) => ({ expr, enabled: true })),
    view: "graph",
    draw: "lines",
    step: undefined,
  }).toString()}`;
}

/** Queries are called A, B, C by their place. */
export function letter(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function positive(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds > 0 ? seconds : undefined;
}
