/** Durations and dates as units show them. */
import { formatTime, type TimeZone } from "../lib/timerange";

const PARTS: readonly [number, string][] = [
  [31_536_000, "year"],
  [604_800, "week"],
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
  [0.001, "millisecond"],
];

/** `2 hours, 5 minutes`: the largest parts that are not zero. */
export function durationText(seconds: number, partsMax = 2): string {
  let rest = Math.abs(seconds);
  const parts: string[] = [];
  for (const [size, name] of PARTS) {
    const amount = Math.floor(rest / size + 1e-9);
    if (amount === 0) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(`${amount} ${name}${amount === 1 ? "" : "s"}`);
    rest -= amount * size;
    if (parts.length === partsMax) break;
  }
  const text = parts.length === 0 ? "0 seconds" : parts.join(", ");
  return seconds < 0 ? `−${text}` : text;
}

/** `26:03:09`, or with days `1 d 02:03:09`. */
export function clockText(seconds: number, withDays = false): string {
  const total = Math.floor(Math.abs(seconds));
  const days = withDays ? Math.floor(total / 86_400) : 0;
  const two = (n: number) => String(n).padStart(2, "0");
  const clock = [
    two(Math.floor((total - days * 86_400) / 3600)),
    two(Math.floor((total % 3600) / 60)),
    two(total % 60),
  ].join(":");
  return `${seconds < 0 ? "−" : ""}${days > 0 ? `${days} d ` : ""}${clock}`;
}

const MONTHS =
  "January February March April May June July August September October November December";
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday";

/** A date by a pattern such as `YYYY-MM-DD HH:mm`; text in brackets stays. */
export function timePattern(ms: number, pattern: string, zone: TimeZone): string {
  const text = formatTime(ms, zone, true);
  const match = /^(\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d+)$/.exec(text);
  if (!match) return text;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "", millis = ""] =
    match;
  const monthName = MONTHS.split(" ")[Number(month) - 1] ?? "";
  const weekday = DAYS.split(" ")[new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDay()] ?? "";
  const hour12 = String(Number(hour) % 12 || 12);
  const parts: Record<string, string> = {
    YYYY: year,
    YY: year.slice(-2),
    MMMM: monthName,
    MMM: monthName.slice(0, 3),
    MM: month,
    M: String(Number(month)),
    DD: day,
    D: String(Number(day)),
    dddd: weekday,
    ddd: weekday.slice(0, 3),
    HH: hour,
    H: String(Number(hour)),
    hh: hour12.padStart(2, "0"),
    h: hour12,
    mm: minute,
    ss: second,
    SSS: millis,
    A: Number(hour) < 12 ? "AM" : "PM",
    a: Number(hour) < 12 ? "am" : "pm",
  };
  return (pattern === "" ? "YYYY-MM-DD HH:mm:ss" : pattern).replace(
    /\[([^\]]*)\]|YYYY|YY|M{1,4}|D{1,2}|d{3,4}|H{1,2}|h{1,2}|mm|ss|SSS|A|a/g,
    (token, literal: string | undefined) => literal ?? parts[token] ?? token,
  );
}
