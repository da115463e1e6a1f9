/** Transformations that make one frame of several: side by side, or row by row. */
import { own } from "../../lib/own";
import { type JsonObject, filled, str, strs } from "../../lib/json";
import type { Field, Frame, Value } from "../types";
import { nameOf, timeField } from "./names";

/** One row for each value of a field that all frames have; by default the time. */
export function joinByField(frames: Frame[], options: JsonObject): Frame[] {
  const wanted = filled(options.byField);
  const keyed = frames.flatMap((frame) => {
    const key =
      wanted === undefined
        ? timeField(frame)
        : frame.fields.find((field) => nameOf(field) === wanted || field.name === wanted);
    return key ? [{ frame, key }] : [];
  });
  const [first] = keyed;
  if (!first || (keyed.length === 1 && frames.length === 1)) return frames;
  const isInner = options.mode === "inner";
  const counts = new Map<Value, number>();
  for (const { key } of keyed) {
    for (const value of new Set(key.values)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const keys = [...counts]
    .filter(([, n]) => !isInner || n === keyed.length)
    .map(([value]) => value);
  if (first.key.type === "time") keys.sort((a, b) => Number(a) - Number(b));
  const columns = keyed.flatMap(({ frame, key }) => {
    const rowOf = new Map(Array.from(key.values, (value, row) => [value, row]));
    return frame.fields
      .filter((field) => field !== key)
      .map((field): Field => {
        const values = keys.map((value) => {
          const row = rowOf.get(value);
          return row === undefined ? missing(field) : field.values[row];
        });
        return { ...field, legend: nameOf(field), values };
      });
  });
  return [
    {
      refId: frames.map(({ refId }) => refId)[0] ?? "",
      kind: "table",
      length: keys.length,
      fields: [{ ...first.key, values: keys }, ...unlike(columns)],
    },
  ];
}

/** Columns of the same name are told apart by a number. */
function unlike(columns: Field[]): Field[] {
  const seen = new Map<string, number>();
  return columns.map((field) => {
    const name = nameOf(field);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? field : { ...field, legend: `${name} ${count}` };
  });
}

function missing({ type }: Field): Value {
  return type === "number" ? NaN : null;
}

/** Rows that agree in all columns that the frames share become one. */
export function merge(frames: Frame[]): Frame[] {
  const tables = frames.filter(({ fields }) => fields.length > 0);
  if (tables.length <= 1) return frames;
  const names = tables.map(({ fields }) => new Set(fields.map(nameOf)));
  const shared = [...(names[0] ?? [])].filter((name) => names.every((own) => own.has(name)));
  const columns = new Map<string, Field>();
  for (const { fields } of tables) {
    for (const field of fields) if (!columns.has(nameOf(field))) columns.set(nameOf(field), field);
  }
  const rows = new Map<string, Map<string, Value>>();
  tables.forEach((frame, frameIndex) => {
    for (let row = 0; row < frame.length; row++) {
      const own = new Map(frame.fields.map((field) => [nameOf(field), field.values[row]]));
      const key = JSON.stringify(shared.map((name) => own.get(name)));
      addRow(rows, shared.length === 0 ? `${frameIndex} ${row}` : key, own);
    }
  });
  const merged = [...rows.values()];
  return [
    {
      refId: tables[0]?.refId ?? "",
      kind: "table",
      length: merged.length,
      fields: [...columns].map(([name, field]) => ({
        ...field,
        values: merged.map((row) => (row.has(name) ? row.get(name) : missing(field))),
      })),
    },
  ];
}

/** A row that says otherwise in a column both have is another row. */
function addRow(
  rows: Map<string, Map<string, Value>>,
  key: string,
  own: ReadonlyMap<string, Value>,
): void {
  for (let copy = 0; ; copy++) {
    const at = copy === 0 ? key : `${key} ${copy}`;
    const known = rows.get(at);
    if (!known) {
      rows.set(at, new Map(own));
      return;
    }
    if ([...own].every(([name, value]) => !known.has(name) || Object.is(known.get(name), value))) {
      for (const [name, value] of own) known.set(name, value);
      return;
    }
  }
}

/** All columns side by side, row by row. */
export function concatenate(frames: Frame[]): Frame[] {
  const length = Math.max(0, ...frames.map((frame) => frame.length));
  const fields = frames.flatMap((frame) =>
    frame.fields.map((field) => ({
      ...field,
      values: Array.from({ length }, (_, row) => field.values[row] ?? missing(field)),
    })),
  );
  return frames.length <= 1
    ? frames
    : [{ refId: frames[0]?.refId ?? "", kind: "table", length, fields: unlike(fields) }];
}

/** A column for each value of one label, a row for each combination of the labels joined by. */
export function joinByLabels(frames: Frame[], options: JsonObject): Frame[] {
  const label = str(options.value, "");
  const by = strs(options.join);
  const columns = new Set<string>();
  const rows = new Map<string, { keys: Value[]; cells: Map<string, Value> }>();
  for (const { fields } of frames) {
    for (const { labels, values } of fields) {
      const column = own(labels ?? {}, label);
      if (labels === undefined || column === undefined) continue;
      const others = by.length > 0 ? by : Object.keys(labels).filter((name) => name !== label);
      const keys = others.map((name) => own(labels, name) ?? "");
      const key = JSON.stringify(keys);
      const row = rows.get(key) ?? { keys, cells: new Map<string, Value>() };
      row.cells.set(column, values[values.length - 1]);
      rows.set(key, row);
      columns.add(column);
    }
  }
  const list = [...rows.values()];
  const names = by.length > 0 ? by : [];
  return [
    {
      refId: frames[0]?.refId ?? "",
      kind: "table",
      length: list.length,
      fields: [
        ...names.map((name, index): Field => ({
          name,
          type: "string",
          values: list.map(({ keys }) => keys[index]),
        })),
        ...[...columns].map((name): Field => ({
          name,
          type: "number",
          values: list.map(({ cells }) => cells.get(name) ?? NaN),
        })),
      ],
    },
  ];
}
