/** Transformations of columns: which there are, what they are called, in which order. */
import { type JsonObject, filled, num, obj, objs, str, strs } from "../../lib/json";
import { toNumber } from "../display";
import { readRegex } from "../field-options";
import type { Field, Frame, Value } from "../types";
import { nameOf, renamed } from "./names";

/** Hides, orders and renames by name. */
export function organize(frames: Frame[], options: JsonObject): Frame[] {
  const excluded = obj(options.excludeByName);
  const included = obj(options.includeByName);
  const order = obj(options.indexByName);
  const names = obj(options.renameByName);
  const onlyIncluded = Object.keys(included).length > 0;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields
      .filter((field) => {
        const name = nameOf(field);
        return excluded[name] !== true && (!onlyIncluded || included[name] === true);
      })
      .map((field, index) => ({ field, place: num(order[nameOf(field)], 1000 + index) }))
      .sort((a, b) => a.place - b.place)
      .map(({ field }) => {
        const name = filled(names[nameOf(field)]);
        return name === undefined ? field : renamed(field, name);
      }),
  }));
}

/** Keeps columns by names or a pattern; a time column stays only when it is among them. */
export function filterFieldsByName(frames: Frame[], options: JsonObject): Frame[] {
  const included = nameTest(obj(options.include));
  const excluded = nameTest(obj(options.exclude));
  return frames
    .map((frame) => ({
      ...frame,
      fields: frame.fields.filter((field) => {
        const name = nameOf(field);
        return (included?.(name) ?? true) && !(excluded?.(name) ?? false);
      }),
    }))
    .filter(({ fields }) => fields.length > 0);
}

function nameTest(options: JsonObject): ((name: string) => boolean) | undefined {
  const names = new Set(strs(options.names));
  const text = filled(options.pattern);
  const pattern = text === undefined ? undefined : readRegex(text);
  if (names.size === 0 && pattern === undefined) return undefined;
  return (name) => names.has(name) || (pattern?.test(name) ?? false);
}

export function renameByRegex(frames: Frame[], options: JsonObject): Frame[] {
  const text = str(options.regex, "");
  const pattern = readRegex(text);
  if (text === "" || !pattern) return frames;
  const everywhere = text.endsWith("g") && /\/[a-z]*g[a-z]*$/.test(text);
  const expression = everywhere ? new RegExp(pattern.source, `${pattern.flags}g`) : pattern;
  const replacement = str(options.renamePattern, "");
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      if (field.type === "time") return field;
      const name = nameOf(field);
      const changed = name.replace(expression, replacement);
      return changed === name ? field : { ...field, name: changed, legend: changed };
    }),
  }));
}

/** `A|B` keeps the frames of these queries. */
export function filterByRefId(frames: Frame[], options: JsonObject): Frame[] {
  const pattern = readRegex(`^(?:${str(options.include, "")})$`);
  if (str(options.include, "") === "" || !pattern) return frames;
  return frames.filter(({ refId }) => pattern.test(refId));
}

export function convertFieldType(frames: Frame[], options: JsonObject): Frame[] {
  const wanted = new Map(
    objs(options.conversions).map((one) => [
      str(one.targetField, ""),
      str(one.destinationType, ""),
    ]),
  );
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => convert(field, wanted.get(nameOf(field)))),
  }));
}

function convert(field: Field, to: string | undefined): Field {
  const all = (read: (value: Value) => Value) => Array.from(field.values, read);
  switch (to) {
    case "number":
      return { ...field, type: "number", values: all(toNumber) };
    case "string":
      return { ...field, type: "string", values: all((value) => String(value ?? "")) };
    case "boolean":
      return { ...field, type: "boolean", values: all((value) => toNumber(value) !== 0) };
    case "time":
      return { ...field, type: "time", values: all(toTime) };
    default:
      return field;
  }
}

function toTime(value: Value): number {
  const number = toNumber(value);
  return Number.isNaN(number) ? Date.parse(String(value)) : number;
}
