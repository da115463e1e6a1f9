/** Rows with the same values in some columns become one, others are reduced. */
import { type JsonObject, isObject, obj, strs } from "../../lib/json";
import { reduceField } from "../reduce";
import type { Field, Frame, Value } from "../types";
import { nameOf } from "./names";

export function groupBy(frames: Frame[], options: JsonObject): Frame[] {
  const rules = obj(options.fields);
  const ruleOf = (field: Field) => obj(rules[nameOf(field)]);
  return frames.map((frame) => {
    const keys = frame.fields.filter((field) => ruleOf(field).operation === "groupby");
    if (keys.length === 0 || !isObject(options.fields)) return frame;
    const groups = new Map<string, number[]>();
    for (let row = 0; row < frame.length; row++) {
      const key = JSON.stringify(keys.map(({ values }) => values[row]));
      const rows = groups.get(key) ?? [];
      rows.push(row);
      groups.set(key, rows);
    }
    const members = [...groups.values()];
    const reduced = frame.fields
      .filter((field) => ruleOf(field).operation === "aggregate")
      .flatMap((field) =>
        strs(ruleOf(field).aggregations).map((id): Field => {
          const values = members.map((rows) =>
            reduceField({ values: rows.map((row) => field.values[row]) }, id),
          );
          return {
            ...field,
            name: `${nameOf(field)} (${id})`,
            legend: undefined,
            labels: undefined,
            type: typeOf(values, field),
            values,
          };
        }),
      );
    const kept = keys.map((field): Field => ({
      ...field,
      values: members.map(([row = 0]) => field.values[row]),
    }));
    return { ...frame, kind: "table", length: members.length, fields: [...kept, ...reduced] };
  });
}

/** A count of words is a number. */
function typeOf(values: readonly Value[], field: Field): Field["type"] {
  if (field.type === "time") return "time";
  return values.every((value) => typeof value === "number") ? "number" : field.type;
}
