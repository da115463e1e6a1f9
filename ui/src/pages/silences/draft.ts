/** A silence while it is being written: its fields as typed, and what is still wrong with them. */
import type { SilenceDraft } from "../../api/alertmanager";
import { formatDuration, parseDuration } from "../../lib/duration";
import { type Matcher, matchesEmpty, parseMatchers, formatMatcher } from "../../lib/matchers";
import { parseTime, type TimeZone } from "../../lib/timerange";

export interface SilenceFields {
  matchers: Matcher[];
  /** A time as people write it; empty means now. */
  startsAt: string;
  /** A duration (`8h`), or a time. */
  ends: string;
  createdBy: string;
  comment: string;
}

export interface SilenceErrors {
  matchers?: string;
  startsAt?: string;
  ends?: string;
  createdBy?: string;
  comment?: string;
}

export const DURATION_PRESETS = ["1h", "4h", "8h", "1d", "7d"] as const;

/** The draft to send, or by field what keeps it from being sent. */
export function readFields(
  fields: SilenceFields,
  id: string | undefined,
  nowMs: number,
  zone: TimeZone,
): { draft: SilenceDraft; errors?: undefined } | { draft?: undefined; errors: SilenceErrors } {
  const errors: SilenceErrors = {};
  const matcherFault = faultOf(fields.matchers);
  if (matcherFault !== undefined) errors.matchers = matcherFault;
  const startMs = fields.startsAt.trim() === "" ? nowMs : parseTime(fields.startsAt, nowMs, zone);
  if (startMs === undefined) errors.startsAt = "Not a time, such as 2026-05-01 12:00";
  const endMs = endOf(fields.ends, startMs ?? nowMs, nowMs, zone);
  if (endMs === undefined) errors.ends = "Not a duration, such as 2h30m, nor a time";
  else if (endMs <= Math.max(nowMs, startMs ?? nowMs)) errors.ends = "That is over already";
  if (fields.createdBy.trim() === "") errors.createdBy = "Who silences?";
  if (fields.comment.trim() === "") errors.comment = "Why? Others will want to know.";
  if (Object.keys(errors).length > 0 || startMs === undefined || endMs === undefined) {
    return { errors };
  }
  return {
    draft: {
      id,
      matchers: fields.matchers,
      startsAt: new Date(startMs).toISOString(),
      endsAt: new Date(endMs).toISOString(),
      createdBy: fields.createdBy.trim(),
      comment: fields.comment.trim(),
    },
  };
}

/** Milliseconds since the epoch. */
export function endOf(
  text: string,
  startMs: number,
  nowMs: number,
  zone: TimeZone,
): number | undefined {
  const seconds = parseDuration(text);
  return seconds === undefined ? parseTime(text, nowMs, zone) : startMs + seconds * 1000;
}

function faultOf(matchers: readonly Matcher[]): string | undefined {
  if (matchers.length === 0) return "Without a matcher it would silence everything";
  for (const matcher of matchers) {
    if (matcher.name.trim() === "") return "A matcher has no label";
    const { error } = parseMatchers(formatMatcher(matcher));
    if (error !== undefined) return error;
  }
  return matchesEmpty(matchers)
    ? "One matcher at least must ask for a value: these would match alerts without any such label"
    : undefined;
}

export type Reach = "nothing" | "everything" | "some";

/** What a preview warns of; a lone alert that is matched is what one wanted. */
export function reachOf(matched: number, total: number): Reach {
  if (matched === 0) return "nothing";
  return matched === total && total > 1 ? "everything" : "some";
}

/** The same length again for a silence that is made anew. */
export function lengthOf(startsAt: string, endsAt: string): string {
  const seconds = Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000) * 60;
  return seconds > 0 ? formatDuration(seconds) : "1h";
}
