/** Frames as CSV: series side by side by time, tables below each other. */
import { type Cell, toCsv } from "../lib/csv";
import { seriesName } from "../lib/series";
import type { Field, Frame, Value } from "./types";

export function framesToCsv(frames: readonly Frame[]): string {
  const series = frames.filter(({ kind }) => kind === "series");
  const tables = frames.filter(({ kind }) => kind !== "series");
  const parts = tables.map((frame) => table(frame.fields, frame.length));
  return [...(series.length > 0 ? [sideBySide(series)] : []), ...parts].join("\r\n");
}

function sideBySide(frames: readonly Frame[]): string {
  const times = new Set<Value>();
  const columns = frames.flatMap(({ fields: [time, ...values] }) => {
    if (!time) return [];
    for (const moment of time.values) times.add(moment);
    const place = new Map(Array.from(time.values, (moment, index) => [moment, index]));
    return values.map((field) => ({
      name: field.legend ?? (field.labels ? seriesName(field.labels) : field.name),
      at: (moment: Value) => field.values[place.get(moment) ?? -1],
    }));
  });
  const ordered = [...times].sort((a, b) => Number(a) - Number(b));
  const header = ["Time", ...columns.map(({ name }) => name)];
  const rows = ordered.map((moment) => [
    isoTime(moment),
    ...columns.map(({ at }) => cell(at(moment))),
  ]);
  return toCsv(header, rows);
}

function table(fields: readonly Field[], length: number): string {
  const rows = Array.from({ length }, (_, row) =>
    fields.map(({ type, values }) => (type === "time" ? isoTime(values[row]) : cell(values[row]))),
  );
  return toCsv(
    fields.map(({ name }) => name),
    rows,
  );
}

function isoTime(value: Value): string {
  const ms = Number(value);
  return Number.isNaN(ms) ? "" : new Date(ms).toISOString();
}

function cell(value: Value): Cell {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  return typeof value === "boolean" ? String(value) : value;
}
