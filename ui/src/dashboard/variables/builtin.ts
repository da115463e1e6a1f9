/** Variables that every dashboard has: the step and window of a query, the time range, itself. */
import { formatDuration, parseDuration } from "../../lib/duration";
import { niceStep } from "../../lib/grid";
import type { Span } from "../../lib/timerange";
import type { Scope } from "./interpolate";

export interface StepWish {
  /** As written in a query or a panel: `30s`, `>1m`, or with variables already replaced. */
  least: string | undefined;
  factor: number;
  pointsMax: number;
}

/** Seconds: the step of a query, and the interval below which data do not come. */
export interface Step {
  step: number;
  scrape: number;
}

/** The step: about one point a pixel or two, and no finer than data come. */
export function stepFor(span: Span, wish: StepWish, scrapeSeconds: number): Step {
  const written = parseDuration((wish.least ?? "").replace(/^[>\s]+/, ""));
  const scrape = written ?? scrapeSeconds;
  const points = Math.max(10, wish.pointsMax);
  const step = niceStep(span.end - span.start, scrape, points) * wish.factor;
  return { step, scrape };
}

/** Wide enough for a rate to see two samples even when one scrape is missed. */
export function rateInterval({ step, scrape }: Step): number {
  return Math.max(step + scrape, 4 * scrape);
}

export function stepVariables(step: Step): Scope {
  return {
    __interval: formatDuration(step.step),
    __interval_ms: Math.round(step.step * 1000),
    __rate_interval: formatDuration(rateInterval(step)),
    __rate_interval_ms: Math.round(rateInterval(step) * 1000),
  };
}

export function rangeVariables({ start, end }: Span): Scope {
  const seconds = Math.max(1, Math.round(end - start));
  const moment = (seconds: number) => ({
    values: [String(Math.round(seconds * 1000))],
    multi: false,
  });
  return {
    __range: `${seconds}s`,
    __range_s: seconds,
    __range_ms: Math.round((end - start) * 1000),
    __from: moment(start),
    __to: moment(end),
    timeFilter: "",
    __timeFilter: "",
  };
}
