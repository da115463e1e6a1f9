/** The spans of a trace out of a frame, as a tree walked from its roots. */
import type { Field, Frame, Value } from "../../data/types";

export interface Span {
  id: string;
  service: string;
  operation: string;
  /** Milliseconds since the epoch, and of length. */
  start: number;
  duration: number;
  depth: number;
  isError: boolean;
}

const SPANS_MAX = 2_000;

export function traceSpans(frames: readonly Frame[]): Span[] {
  const frame = frames.find(({ fields }) => fields.some(({ name }) => name === "spanID"));
  if (!frame) return [];
  const column = (name: string): Field | undefined => frame.fields.find((f) => f.name === name);
  const text = (name: string, row: number) => textOf(column(name)?.values[row]);
  const number = (name: string, row: number) => Number(column(name)?.values[row] ?? NaN);
  const children = new Map<string, Span[]>();
  const ids = new Set<string>();
  const rows = Math.min(frame.length, SPANS_MAX);
  for (let row = 0; row < rows; row++) ids.add(text("spanID", row));
  for (let row = 0; row < rows; row++) {
    const parent = text("parentSpanID", row);
    const span: Span = {
      id: text("spanID", row),
      service: text("serviceName", row),
      operation: text("operationName", row),
      start: number("startTime", row),
      duration: number("duration", row),
      depth: 0,
      isError: number("statusCode", row) === 2,
    };
    // A parent that is not here leaves its children at the top.
    const key = ids.has(parent) && parent !== span.id ? parent : "";
    children.set(key, [...(children.get(key) ?? []), span]);
  }
  const walked: Span[] = [];
  const walk = (key: string, depth: number) => {
    const found = children.get(key) ?? [];
    children.delete(key);
    for (const span of found.sort((a, b) => a.start - b.start)) {
      walked.push({ ...span, depth });
      walk(span.id, depth + 1);
    }
  };
  walk("", 0);
  return walked;
}

function textOf(value: Value): string {
  return typeof value === "string" ? value : "";
}
