/** Lines of logs out of frames: a time, a text, and the labels that go with it. */
import type { Frame } from "../../data/types";

export type LogLevel = "critical" | "error" | "warning" | "info" | "debug" | "unknown";

export interface LogLine {
  /** Milliseconds; undefined where a frame has no times. */
  time: number | undefined;
  text: string;
  level: LogLevel;
  labels: Record<string, string>;
}

/** The names under which sources keep the text of a line. */
const BODIES = ["body", "Line", "line", "message", "msg"];
const LINES_MAX = 5_000;

export function logLines(frames: readonly Frame[], newestFirst: boolean): LogLine[] {
  const lines = frames.flatMap(linesOf).slice(0, LINES_MAX);
  const sign = newestFirst ? -1 : 1;
  return lines.sort((a, b) => sign * ((a.time ?? 0) - (b.time ?? 0)));
}

function linesOf(frame: Frame): LogLine[] {
  const texts = frame.fields.filter(({ type }) => type === "string");
  const body = texts.find(({ name }) => BODIES.includes(name)) ?? texts[0];
  if (!body) return [];
  const time = frame.fields.find(({ type }) => type === "time");
  const others = texts.filter((field) => field !== body);
  return Array.from({ length: frame.length }, (_, row) => {
    const at = time?.values[row];
    const text = String(body.values[row] ?? "");
    const labels = {
      ...body.labels,
      ...Object.fromEntries(others.map(({ name, values }) => [name, String(values[row] ?? "")])),
    };
    return {
      time: typeof at === "number" ? at : undefined,
      text,
      labels,
      level: levelOf(labels.level ?? labels.severity ?? labels.detected_level ?? text),
    };
  });
}

export function levelOf(text: string): LogLevel {
  const found =
    /\b(crit(?:ical)?|fatal|panic|emerg|err(?:or)?|warn(?:ing)?|info|notice|debug|trace)\b/i
      .exec(text)?.[1]
      ?.toLowerCase();
  if (found === undefined) return "unknown";
  if (/^(crit|fatal|panic|emerg)/.test(found)) return "critical";
  if (found.startsWith("err")) return "error";
  if (found.startsWith("warn")) return "warning";
  return found === "info" || found === "notice" ? "info" : "debug";
}
