/** Transformations that turn series into tables and tables round. */
import { own } from "../../lib/own";
import { type JsonObject, filled, objs, str, strs } from "../../lib/json";
import type { Field, Frame, Value } from "../types";
import { toNumber } from "../display";
import { nameOf, renamed, timeField } from "./names";

/** Every sample a row: time, which series, value. */
export function seriesToRows(frames: Frame[]): Frame[] {
  const rows: { time: Value; name: string; value: Value }[] = [];
  for (const frame of frames) {
    const time = timeField(frame);
    if (!time) continue;
    for (const field of frame.fields) {
      if (field === time) continue;
      for (let row = 0; row < frame.length; row++) {
        rows.push({ time: time.values[row], name: nameOf(field), value: field.values[row] });
      }
    }
  }
  rows.sort((a, b) => Number(b.time) - Number(a.time));
  return [
    {
      refId: frames[0]?.refId ?? "",
      kind: "table",
      length: rows.length,
      fields: [
        { name: "Time", type: "time", values: rows.map(({ time }) => time) },
        { name: "Metric", type: "string", values: rows.map(({ name }) => name) },
        { name: "Value", type: "number", values: rows.map(({ value }) => value) },
      ],
    },
  ];
}

/** Labels become columns of their frame, or rows of it. */
export function labelsToFields(frames: Frame[], options: JsonObject): Frame[] {
  const kept = new Set(strs(options.keepLabels));
  const asRows = options.mode === "rows";
  const nameLabel = filled(options.valueLabel);
  return frames.map((frame) => {
    const labels = frame.fields.find((field) => field.labels !== undefined)?.labels;
    if (!labels) return frame;
    const names = Object.keys(labels).filter((name) => kept.size === 0 || kept.has(name));
    if (asRows) {
      return {
        ...frame,
        kind: "table",
        length: names.length,
        fields: [
          { name: "label", type: "string", values: names },
          { name: "value", type: "string", values: names.map((name) => own(labels, name) ?? "") },
        ],
      };
    }
    const columns = names
      .filter((name) => name !== nameLabel)
      .map((name): Field => ({
        name,
        type: "string",
        values: new Array<Value>(frame.length).fill(own(labels, name) ?? ""),
      }));
    const time = frame.fields.filter(({ type }) => type === "time");
    const values = frame.fields
      .filter(({ type }) => type !== "time")
      .map((field) => {
        const name = nameLabel === undefined ? field.name : (own(labels, nameLabel) ?? field.name);
        return { ...renamed(field, name), legend: undefined };
      });
    return { ...frame, kind: "table", fields: [...time, ...columns, ...values] };
  });
}

/** Each row becomes a column, named by one field and valued by another. */
export function rowsToFields(frames: Frame[], options: JsonObject): Frame[] {
  const handlers = objs(options.mappings);
  const chosen = (key: string) =>
    str(handlers.find(({ handlerKey }) => handlerKey === key)?.fieldName);
  return frames.map((frame) => {
    const byName = (name: string | undefined) =>
      frame.fields.find((field) => nameOf(field) === name);
    const name = byName(chosen("field.name")) ?? frame.fields.find(({ type }) => type === "string");
    const value =
      byName(chosen("field.value")) ?? frame.fields.find(({ type }) => type === "number");
    if (!name || !value) return frame;
    const fields = Array.from(name.values, (title, row): Field => ({
      name: String(title ?? ""),
      type: value.type,
      values: [value.values[row]],
    }));
    return { ...frame, kind: "table", length: 1, fields };
  });
}

/** Rows become columns; the first column gives their names. */
export function transpose(frames: Frame[], options: JsonObject): Frame[] {
  return frames.map((frame) => {
    const [head, ...rest] = frame.fields;
    if (!head) return frame;
    const first: Field = {
      name: str(options.firstFieldName) ?? nameOf(head),
      type: "string",
      values: rest.map(nameOf),
    };
    const isNumeric = rest.every(({ type }) => type === "number");
    const columns = Array.from({ length: frame.length }, (_, row): Field => {
      const values = rest.map(({ values: column }) => column[row]);
      return {
        name: String(head.values[row] ?? ""),
        type: isNumeric ? "number" : "string",
        values: isNumeric ? values.map(toNumber) : values.map((value) => String(value ?? "")),
      };
    });
    return { ...frame, kind: "table", length: rest.length, fields: [first, ...columns] };
  });
}

/** A column for each value of one field, a row for each of another, cells from a third. */
export function groupingToMatrix(frames: Frame[], options: JsonObject): Frame[] {
  const [columnName, rowName, valueName] = [
    str(options.columnField, "Time"),
    str(options.rowField, "Time"),
    str(options.valueField, "Value"),
  ];
  return frames.map((frame) => {
    const byName = (name: string) => frame.fields.find((field) => nameOf(field) === name);
    const [column, row, value] = [byName(columnName), byName(rowName), byName(valueName)];
    if (!column || !row || !value) return frame;
    const rows = [...new Set(row.values)];
    const columns = [...new Set(column.values)];
    const cells = new Map<string, Value>();
    for (let i = 0; i < frame.length; i++) {
      cells.set(JSON.stringify([row.values[i], column.values[i]]), value.values[i]);
    }
    const empty = value.type === "number" ? NaN : null;
    return {
      ...frame,
      kind: "table",
      length: rows.length,
      fields: [
        { name: `${rowName}\\${columnName}`, type: row.type, values: rows },
        ...columns.map((title): Field => ({
          name: String(title ?? ""),
          type: value.type,
          config: value.config,
          values: rows.map((one) => cells.get(JSON.stringify([one, title])) ?? empty),
        })),
      ],
    };
  });
}
