/** How grave an alert is, by the label that people use for it. */
import type { Labels } from "../lib/series";

export const severityTones = ["critical", "warning", "info", "none"] as const;
/** What a severity looks like; every name that people give it maps to one of these. */
export type SeverityTone = (typeof severityTones)[number];

const TONES: Readonly<Record<string, SeverityTone>> = {
  critical: "critical",
  crit: "critical",
  page: "critical",
  emergency: "critical",
  fatal: "critical",
  disaster: "critical",
  error: "critical",
  high: "critical",
  p1: "critical",
  p2: "critical",
  warning: "warning",
  warn: "warning",
  major: "warning",
  medium: "warning",
  p3: "warning",
  info: "info",
  informational: "info",
  notice: "info",
  minor: "info",
  low: "info",
  p4: "info",
  p5: "info",
};

export function severityOf(labels: Labels): string {
  return labels.severity ?? labels.priority ?? "";
}

export function toneOf(severity: string): SeverityTone {
  const key = severity.toLowerCase();
  return Object.hasOwn(TONES, key) ? (TONES[key] ?? "none") : "none";
}

/** Smaller is graver. */
export function severityRank(labels: Labels): number {
  return severityTones.indexOf(toneOf(severityOf(labels)));
}
