/** Transformations of rows: their order, their number, which of them stay. */
import { type JsonObject, num, obj, objs, str } from "../../lib/json";
import { compareValues } from "../compare";
import { toNumber } from "../display";
import { readRegex } from "../field-options";
import type { Frame, Value } from "../types";
import { nameOf, pickRows } from "./names";

export function sortBy(frames: Frame[], options: JsonObject): Frame[] {
  const [sort] = objs(options.sort);
  const wanted = str(sort?.field);
  const sign = sort?.desc === true ? -1 : 1;
  return frames.map((frame) => {
    const by = frame.fields.find((field) => nameOf(field) === wanted);
    if (!by) return frame;
    const rows = Array.from({ length: frame.length }, (_, row) => row);
    return pickRows(
      frame,
      rows.sort((a, b) => compareValues(by.values[a], by.values[b], sign)),
    );
  });
}

export function limit(frames: Frame[], options: JsonObject): Frame[] {
  const most = num(options.limitField, 10);
  return frames.map((frame) =>
    frame.length <= most
      ? frame
      : pickRows(
          frame,
          Array.from({ length: Math.max(0, most) }, (_, row) => row),
        ),
  );
}

type Test = (value: Value) => boolean;

export function filterByValue(frames: Frame[], options: JsonObject): Frame[] {
  const filters = objs(options.filters).map((filter) => ({
    name: str(filter.fieldName, ""),
    test: testFor(obj(filter.config)),
  }));
  const isExcluding = options.type === "exclude";
  const needsAll = options.match === "all";
  return frames.map((frame) => {
    const tests = filters.flatMap(({ name, test }) => {
      const field = frame.fields.find((one) => nameOf(one) === name);
      return field ? [(row: number) => test(field.values[row])] : [];
    });
    if (tests.length === 0) return frame;
    const rows: number[] = [];
    for (let row = 0; row < frame.length; row++) {
      const isMatch = needsAll ? tests.every((t) => t(row)) : tests.some((t) => t(row));
      if (isMatch !== isExcluding) rows.push(row);
    }
    return pickRows(frame, rows);
  });
}

function testFor(config: JsonObject): Test {
  const options = obj(config.options);
  const limit = options.value;
  const bound = num(limit, NaN);
  const isNothing = (value: Value) => value === null || value === undefined || Number.isNaN(value);
  switch (str(config.id, "")) {
    case "isNull":
      return isNothing;
    case "isNotNull":
      return (value) => !isNothing(value);
    case "greater":
      return (value) => toNumber(value) > bound;
    case "greaterOrEqual":
      return (value) => toNumber(value) >= bound;
    case "lower":
      return (value) => toNumber(value) < bound;
    case "lowerOrEqual":
      return (value) => toNumber(value) <= bound;
    case "between":
      return (value) =>
        toNumber(value) >= num(options.from, -Infinity) &&
        toNumber(value) <= num(options.to, Infinity);
    case "equal":
      return (value) => sameText(value, limit);
    case "notEqual":
      return (value) => !sameText(value, limit);
    case "substring":
      return (value) => text(value).includes(text(limit).toLowerCase());
    case "notSubstring":
      return (value) => !text(value).includes(text(limit).toLowerCase());
    case "regex": {
      const pattern = readRegex(str(limit, ""));
      return (value) => pattern?.test(String(value)) ?? true;
    }
    default:
      return () => true;
  }
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value).toLowerCase()
    : "";
}

/** Numbers are compared as numbers even where one of them was typed. */
function sameText(value: Value, limit: unknown): boolean {
  return typeof value === "number" ? value === num(limit, NaN) : text(value) === text(limit);
}
