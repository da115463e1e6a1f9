/**
 * Time ranges as people write them: `now-1h`, `now/d`, `2026-05-01 12:00`, or milliseconds since
 * the epoch (the form in which the URL keeps an absolute time).
 */
import { formatDuration, parseDuration } from "./duration";

export type TimeZone = "local" | "utc";

export interface TimeRange {
  from: string;
  to: string;
}

/** Seconds since the epoch. */
export interface Span {
  start: number;
  end: number;
}

export const QUICK_RANGES: readonly { label: string; range: TimeRange }[] = [
  ...["5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d", "90d"].map((ago) => ({
    label: `Last ${spelled(ago)}`,
    range: { from: `now-${ago}`, to: "now" },
  })),
  { label: "Today", range: { from: "now/d", to: "now" } },
  { label: "Yesterday", range: { from: "now-1d/d", to: "now/d" } },
];

/** Beyond these a time is a slip of the keyboard, and servers refuse it. */
const EPOCH_MS_MAX = 253_402_300_799_999;

/** Milliseconds since the epoch, or undefined when the text is no time. */
export function parseTime(text: string, nowMs: number, zone: TimeZone): number | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith("now")) return parseRelative(trimmed, nowMs, zone);
  if (/^\d{9,15}$/.test(trimmed)) return Number(trimmed);
  return parseAbsolute(trimmed, zone);
}

/** The span a range stands for now; undefined when an end cannot be read or they are swapped. */
export function resolveRange(range: TimeRange, nowMs: number, zone: TimeZone): Span | undefined {
  const from = parseTime(range.from, nowMs, zone);
  const to = parseTime(range.to, nowMs, zone);
  if (from === undefined || to === undefined || from >= to || to > EPOCH_MS_MAX) return undefined;
  return { start: from / 1000, end: to / 1000 };
}

export function absoluteRange(span: Span): TimeRange {
  return { from: String(Math.round(span.start * 1000)), to: String(Math.round(span.end * 1000)) };
}

/** Twice as wide around the same middle, but not into the future. */
export function zoomedOut(span: Span, nowMs: number): Span {
  const width = span.end - span.start;
  const end = Math.min(span.end + width / 2, Math.max(span.end, nowMs / 1000));
  return { start: end - 2 * width, end };
}

/** The span before or after, by half of its width. */
export function shifted(span: Span, direction: -1 | 1): Span {
  const by = ((span.end - span.start) / 2) * direction;
  return { start: span.start + by, end: span.end + by };
}

export function isRelative(range: TimeRange): boolean {
  return range.from.startsWith("now") || range.to.startsWith("now");
}

/** A short name for the range: "Last 1 hour", or both ends. */
export function describeRange(range: TimeRange, nowMs: number, zone: TimeZone): string {
  const quick = QUICK_RANGES.find((q) => q.range.from === range.from && q.range.to === range.to);
  if (quick) return quick.label;
  const ago = /^now-(\w+)$/.exec(range.from)?.[1];
  if (range.to === "now" && ago !== undefined) {
    const seconds = parseDuration(ago);
    return `Last ${seconds === undefined ? ago : formatDuration(seconds)}`;
  }
  return `${describeEnd(range.from, nowMs, zone)} – ${describeEnd(range.to, nowMs, zone)}`;
}

/** `2026-05-01 12:00:00` in the zone: sortable, and readable by parseTime. */
export function formatTime(ms: number, zone: TimeZone, withMillis = false): string {
  const shiftedMs = zone === "utc" ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000;
  const date = new Date(shiftedMs);
  if (Number.isNaN(date.getTime())) return "–";
  return date
    .toISOString()
    .slice(0, withMillis ? 23 : 19)
    .replace("T", " ");
}

function describeEnd(text: string, nowMs: number, zone: TimeZone): string {
  if (text.startsWith("now")) return text;
  const ms = parseTime(text, nowMs, zone);
  if (ms === undefined) return text;
  const formatted = formatTime(ms, zone);
  return formatted.endsWith(":00") ? formatted.slice(0, -3) : formatted;
}

function parseRelative(text: string, nowMs: number, zone: TimeZone): number | undefined {
  const match = /^now((?:[+-][^+/-]+)*)(?:\/([smhdwMy]))?$/.exec(text.replaceAll(" ", ""));
  if (!match) return undefined;
  let ms = nowMs;
  for (const [, sign, duration] of (match[1] ?? "").matchAll(/([+-])([^+-]+)/g)) {
    const seconds = parseDuration(duration ?? "");
    if (seconds === undefined) return undefined;
    ms += (sign === "-" ? -1000 : 1000) * seconds;
  }
  return match[2] === undefined ? ms : startOf(ms, match[2], zone);
}

function startOf(ms: number, unit: string, zone: TimeZone): number {
  const offsetMs = zone === "utc" ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  const wall = new Date(ms - offsetMs);
  wall.setUTCMilliseconds(0);
  wall.setUTCSeconds(unit === "s" ? wall.getUTCSeconds() : 0);
  if ("hdwMy".includes(unit)) wall.setUTCMinutes(0);
  if ("dwMy".includes(unit)) wall.setUTCHours(0);
  if (unit === "w") wall.setUTCDate(wall.getUTCDate() - ((wall.getUTCDay() + 6) % 7));
  if ("My".includes(unit)) wall.setUTCDate(1);
  if (unit === "y") wall.setUTCMonth(0);
  return wall.getTime() + offsetMs;
}

function parseAbsolute(text: string, zone: TimeZone): number | undefined {
  const match = /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?)?(Z)?$/.exec(
    text,
  );
  if (!match) return undefined;
  const parts: (string | undefined)[] = match.slice(1, 7);
  const [year, month, day, hour, minute, second] = parts.map((part) => Number(part ?? 0));
  const fields = [year, (month ?? 1) - 1, day, hour, minute, Math.floor(second ?? 0)] as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const millis = Math.round(((second ?? 0) % 1) * 1000);
  const utc = Date.UTC(...fields, millis);
  // A 31st of February is a slip, not the 3rd of March.
  if (new Date(utc).getUTCDate() !== day || (hour ?? 0) > 23 || (minute ?? 0) > 59)
    return undefined;
  return zone === "utc" || match[7] === "Z" ? utc : new Date(...fields, millis).getTime();
}

function spelled(duration: string): string {
  const amount = Number.parseInt(duration, 10);
  const unit = { m: "minute", h: "hour", d: "day" }[duration.slice(-1)] ?? "";
  return `${amount} ${unit}${amount === 1 ? "" : "s"}`;
}
