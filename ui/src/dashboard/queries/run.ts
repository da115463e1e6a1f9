/** Asks a panel's queries and makes frames of the answers. */
import { queryInstant, queryRange } from "../../api/query";
import { instantFrames, rangeFrames } from "../../data/frames";
import type { Frame } from "../../data/types";
import { VALUE } from "../../data/shown";
import { alignedGrid } from "../../lib/grid";
import type { Span } from "../../lib/timerange";
import type { AdhocFilter, Target } from "../model/types";
import { withFilters } from "../variables/adhoc";
import { rangeVariables, stepFor, stepVariables } from "../variables/builtin";
import { interpolate, type Scope } from "../variables/interpolate";

export interface PanelQuestion {
  targets: readonly Target[];
  span: Span;
  scope: Scope;
  filters: readonly AdhocFilter[];
  /** The panel's own least step, as written. */
  interval: string | undefined;
  pointsMax: number;
  scrapeSeconds: number;
}

/** What became of one query. */
export interface AskedQuery {
  refId: string;
  expr: string;
  /** Seconds; undefined for instant queries. */
  step: number | undefined;
  tookMs: number;
  series: number;
  error: Error | undefined;
  warnings: string[];
  /** The answer as it was read, for those who inspect. */
  answer: unknown;
}

export interface PanelAnswer {
  frames: Frame[];
  span: Span;
  asked: AskedQuery[];
}

/** Never rejects on a failed query: others may still have something to show. */
export async function askPanel(question: PanelQuestion, signal: AbortSignal): Promise<PanelAnswer> {
  const targets = answerable(question.targets);
  const tables = targets.filter(({ format }) => format === "table").length;
  const answers = await Promise.all(
    targets.map((target) =>
      askTarget(target, question, tables > 1 ? `${VALUE} #${target.refId}` : VALUE, signal),
    ),
  );
  return {
    frames: answers.flatMap(({ frames }) => frames),
    span: question.span,
    asked: answers.map(({ asked }) => asked),
  };
}

/** Queries that are on, in a language that is spoken here. */
export function answerable(targets: readonly Target[]): Target[] {
  return targets.filter(
    ({ hidden, unsupported, expr }) => !hidden && unsupported === undefined && expr.trim() !== "",
  );
}

async function askTarget(
  target: Target,
  question: PanelQuestion,
  valueName: string,
  signal: AbortSignal,
): Promise<{ frames: Frame[]; asked: AskedQuery }> {
  const { span, scope, filters } = question;
  const least = target.interval ?? question.interval;
  const step = stepFor(
    span,
    {
      least: least === undefined ? undefined : interpolate(least, scope, "plain"),
      factor: target.intervalFactor,
      pointsMax: question.pointsMax,
    },
    question.scrapeSeconds,
  );
  const all = { ...scope, ...rangeVariables(span), ...stepVariables(step) };
  const expr = withFilters(interpolate(target.expr, all, "promql"), filters);
  const shape = {
    refId: target.refId,
    legend: interpolate(target.legend, all, "text"),
    format: target.format,
    expr,
    valueName,
  };
  const began = performance.now();
  const asked: AskedQuery = {
    refId: target.refId,
    expr,
    step: target.kind === "instant" ? undefined : step.step,
    tookMs: 0,
    series: 0,
    error: undefined,
    warnings: [],
    answer: undefined,
  };
  const frames: Frame[] = [];
  try {
    if (target.kind !== "instant") {
      const grid = alignedGrid(span.start, span.end, step.step);
      const { data, warnings } = await queryRange(expr, grid, {}, signal);
      frames.push(...rangeFrames(data, shape));
      Object.assign(asked, {
        series: data.series.length + data.histograms.length,
        warnings,
        answer: data,
      });
    }
    if (target.kind !== "range") {
      const { data, warnings } = await queryInstant(expr, span.end, {}, signal);
      // A graph and a table of the same query: the table's part must not double the graph.
      if (target.kind === "instant" || target.format === "table") {
        frames.push(...instantFrames(data, shape));
      }
      Object.assign(asked, { series: data.samples.length, warnings, answer: data });
    }
  } catch (error) {
    if (signal.aborted) throw error;
    asked.error = error instanceof Error ? error : new Error(String(error));
  }
  asked.tookMs = performance.now() - began;
  return { frames, asked };
}
