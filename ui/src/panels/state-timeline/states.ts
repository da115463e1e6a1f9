/** Series as states over time: each stretch of the same value is one segment. */
import type { Display } from "../../data/display";
import type { ShownField, ShownFrame } from "../../data/shown";
import type { Span } from "../../lib/timerange";
import { hiddenFrom } from "../../data/field-options";

export interface Segment {
  /** Seconds since the epoch. */
  start: number;
  end: number;
  display: Display;
}

export interface StateRow {
  key: string;
  name: string;
  field: ShownField;
  segments: Segment[];
}

/** More rows cannot be told apart. */
const ROWS_MAX = 200;

/** With `merged`, neighbours that look the same are one; otherwise every sample is its own. */
export function stateRows(frames: readonly ShownFrame[], span: Span, merged: boolean): StateRow[] {
  const rows: StateRow[] = [];
  frames.forEach((frame, frameIndex) => {
    const time = frame.fields.find(({ type }) => type === "time");
    if (!time) return;
    const times = Array.from(time.values, (ms) => Number(ms) / 1000);
    frame.fields.forEach((field, index) => {
      if (field === time || field.histograms !== undefined || hiddenFrom(field.options, "viz"))
        return;
      const segments = segmentsOf(field, times, span, merged);
      rows.push({ key: `${frameIndex} ${index}`, name: field.title, field, segments });
    });
  });
  return rows.slice(0, ROWS_MAX);
}

function segmentsOf(
  field: ShownField,
  times: readonly number[],
  span: Span,
  merged: boolean,
): Segment[] {
  const segments: Segment[] = [];
  const typical = times.length > 1 ? (times[1] ?? 0) - (times[0] ?? 0) : span.end - span.start;
  let open: Segment | undefined;
  times.forEach((start, index) => {
    const value = field.values[index];
    if (value === null || value === undefined || Number.isNaN(value)) {
      open = undefined;
      return;
    }
    const end = Math.min(times[index + 1] ?? start + typical, span.end);
    const display = field.display(value);
    const goesOn = open?.display.full === display.full && open.display.color === display.color;
    if (merged && open && goesOn) {
      open.end = end;
      return;
    }
    open = { start, end, display };
    segments.push(open);
  });
  return segments.filter((segment) => segment.end > segment.start);
}

/** The states that occur, in the order of their values, for a legend. */
export function statesOf(rows: readonly StateRow[]): Display[] {
  const states = new Map<string, Display>();
  for (const { segments } of rows) {
    for (const { display } of segments) states.set(`${display.color} ${display.full}`, display);
  }
  return [...states.values()].sort((a, b) => a.number - b.number);
}
