/** How good alerts are: which flap, which never fire, which always do, how often and how long. */
import type { InstantSample } from "../api/query";
import type { RuleGroup } from "../api/rules";
import { formatDuration } from "../lib/duration";

export type Verdict = "flapping" | "always" | "never" | "fine";

export interface AlertQuality {
  name: string;
  severities: string[];
  verdict: Verdict;
  /** Alerts of that name which fired, each label set counted once. */
  instances: number;
  /** Over all instances: times that one began to fire. */
  timesFired: number;
  /** Over all instances. */
  firingSeconds: number;
  /** From beginning to end of one firing. */
  meanSeconds: number;
  /** Of the instance that came and went most often. */
  timesFiredWorst: number;
  /** Of the time looked at, how much its longest-firing instance fired. */
  shareWorst: number;
}

export interface QualityInput {
  /** Times that each series of firing alerts began. */
  begins: readonly InstantSample[];
  /** Steps in which each fired. */
  firing: readonly InstantSample[];
  /** Steps in which the server watched at all. */
  watchedSteps: number;
  stepSeconds: number;
  rangeSeconds: number;
  groups: readonly RuleGroup[];
}

/** An instance that fires at least this often, and briefly, flaps. */
export const FLAPS_MIN = 4;
const FLAP_SECONDS_MAX = 3600;
/** An alert that fires nearly all the time tells nothing. */
const ALWAYS_SHARE = 0.9;
/** Of less than this, nobody can tell whether it is always. */
const ALWAYS_SECONDS_MIN = 6 * 3600;

/**
 * The queries of the report. Each is one instant query, so that its cost is the server's, and
 * subqueries on a fine step see what happens between two points of a graph.
 */
export function qualityQueries(rangeSeconds: number) {
  const stepSeconds = qualityStep(rangeSeconds);
  const range = `${formatDuration(rangeSeconds)}:${formatDuration(stepSeconds)}`;
  const firing = 'ALERTS{alertstate="firing"}';
  return {
    stepSeconds,
    begins: `sum_over_time((${firing} unless ${firing} offset ${formatDuration(stepSeconds)})[${range}])`,
    firing: `sum_over_time(${firing}[${range}])`,
    watched: `sum_over_time(group({__name__=~"up|ALERTS"})[${range}])`,
  };
}

function qualityStep(rangeSeconds: number): number {
  if (rangeSeconds <= 86_400) return 15;
  if (rangeSeconds <= 10 * 86_400) return 60;
  return rangeSeconds <= 40 * 86_400 ? 300 : 900;
}

export function reportQuality(input: QualityInput): AlertQuality[] {
  const found = new Map<string, AlertQuality>();
  const of = (name: string) => {
    const known = found.get(name);
    if (known) return known;
    const fresh: AlertQuality = {
      name,
      severities: [],
      verdict: "never",
      instances: 0,
      timesFired: 0,
      firingSeconds: 0,
      meanSeconds: NaN,
      timesFiredWorst: 0,
      shareWorst: 0,
    };
    found.set(name, fresh);
    return fresh;
  };

  for (const { rules } of input.groups) {
    for (const rule of rules) {
      if (rule.type === "alerting") addSeverity(of(rule.name), rule.labels.severity);
    }
  }
  const watchedSteps = Math.max(1, input.watchedSteps);
  for (const { labels, value = 0 } of input.firing) {
    const quality = of(labels.alertname ?? "");
    addSeverity(quality, labels.severity);
    quality.instances += 1;
    quality.firingSeconds += value * input.stepSeconds;
    quality.shareWorst = Math.max(quality.shareWorst, Math.min(1, value / watchedSteps));
  }
  for (const { labels, value = 0 } of input.begins) {
    const quality = of(labels.alertname ?? "");
    quality.timesFired += value;
    quality.timesFiredWorst = Math.max(quality.timesFiredWorst, value);
  }
  for (const quality of found.values()) {
    // What fired all along began before the range.
    quality.timesFired = Math.max(quality.timesFired, quality.instances);
    quality.meanSeconds = quality.firingSeconds / quality.timesFired;
    quality.verdict = verdictOf(quality, watchedSteps * input.stepSeconds);
  }
  return [...found.values()].sort(
    (a, b) => b.timesFired - a.timesFired || b.firingSeconds - a.firingSeconds || byName(a, b),
  );
}

function verdictOf(quality: AlertQuality, watchedSeconds: number): Verdict {
  if (quality.instances === 0) return "never";
  if (quality.shareWorst >= ALWAYS_SHARE && watchedSeconds >= ALWAYS_SECONDS_MIN) return "always";
  const flaps = quality.timesFiredWorst >= FLAPS_MIN && quality.meanSeconds <= FLAP_SECONDS_MAX;
  return flaps ? "flapping" : "fine";
}

function addSeverity({ severities }: AlertQuality, severity: string | undefined): void {
  if (severity !== undefined && !severity.includes("{{") && !severities.includes(severity)) {
    severities.push(severity);
  }
}

function byName(a: AlertQuality, b: AlertQuality): number {
  return a.name.localeCompare(b.name);
}
