/** Field options read from JSON, and overrides applied to the fields they match. */
import {
  type Json,
  type JsonObject,
  arr,
  filled,
  isObject,
  num,
  obj,
  objs,
  str,
  strs,
  word,
} from "../lib/json";
import { reduceField } from "./reduce";
import type {
  Field,
  FieldConfig,
  FieldOptions,
  Mapping,
  MappingResult,
  Override,
  Thresholds,
} from "./types";

/** What a matcher looks at. */
export interface Matched {
  field: Field;
  /** The name shown before overrides change it. */
  title: string;
  refId: string;
}

/** The options of a field: defaults, what its source says, then overrides in their order. */
export function optionsFor(config: FieldConfig, matched: Matched): FieldOptions {
  let json: JsonObject = { ...config.defaults, ...matched.field.config };
  for (const override of config.overrides) {
    if (!matches(override.matcher, matched)) continue;
    for (const { id, value } of override.properties) json = withProperty(json, id, value);
  }
  return readOptions(json);
}

/** Sets `custom.lineWidth` and the like without touching what it was made from. */
function withProperty(json: JsonObject, id: string, value: Json | undefined): JsonObject {
  const [head = "", ...rest] = id.split(".");
  if (head === "__proto__") return json;
  if (rest.length === 0) return { ...json, [head]: value };
  return { ...json, [head]: withProperty(obj(json[head]), rest.join("."), value) };
}

export function matches(matcher: Override["matcher"], { field, title, refId }: Matched): boolean {
  const { id, options } = matcher;
  switch (id) {
    case "byName":
      return options === title || options === field.name;
    case "byNames": {
      const listed = isObject(options) ? strs(options.names) : strs(options);
      const isListed = listed.includes(title) || listed.includes(field.name);
      return isObject(options) && options.mode === "exclude" ? !isListed : isListed;
    }
    case "byRegexp":
    case "byRegex": {
      const pattern = readRegex(str(options, ""));
      return pattern?.test(title) ?? false;
    }
    case "byType":
      return field.type === options;
    case "byTypes":
      return strs(options).includes(field.type);
    case "numeric":
      return field.type === "number";
    case "time":
      return field.type === "time";
    case "byFrameRefID":
      return options === refId;
    case "byValue":
      return matchesValue(obj(options), field);
    default:
      return false;
  }
}

function matchesValue(options: JsonObject, field: Field): boolean {
  const reduced = reduceField(field, str(options.reducer, "allIsZero"));
  if (typeof reduced === "boolean") return reduced;
  const [value, limit] = [num(reduced, NaN), num(options.value, 0)];
  switch (str(options.op, "==")) {
    case "==":
      return value === limit;
    case "!=":
      return value !== limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    default:
      return false;
  }
}

/** `/pattern/flags`, or the pattern alone; undefined when it is none. */
export function readRegex(text: string): RegExp | undefined {
  const slashed = /^\/(.*)\/([gimsuy]*)$/s.exec(text);
  try {
    // A global expression would remember where it stopped.
    return slashed
      ? new RegExp(slashed[1] ?? "", (slashed[2] ?? "").replaceAll("g", ""))
      : new RegExp(text);
  } catch {
    return undefined;
  }
}

export function readOptions(json: JsonObject): FieldOptions {
  const color = obj(json.color);
  return {
    displayName: filled(json.displayName),
    unit: filled(json.unit),
    decimals: num(json.decimals),
    min: num(json.min),
    max: num(json.max),
    noValue: filled(json.noValue),
    color: {
      mode: filled(color.mode) ?? "",
      fixed: filled(color.fixedColor),
      seriesBy: word(color.seriesBy, ["last", "min", "max"], "last"),
    },
    thresholds: readThresholds(json.thresholds),
    mappings: objs(json.mappings).flatMap(readMapping),
    links: objs(json.links).map((link) => ({
      title: str(link.title, ""),
      url: str(link.url, ""),
      newTab: link.targetBlank === true,
    })),
    custom: obj(json.custom),
  };
}

function readThresholds(value: unknown): Thresholds {
  const { mode, steps } = obj(value);
  const read = objs(steps).map((step) => ({
    value: num(step.value, -Infinity),
    color: str(step.color, "green"),
  }));
  return {
    mode: mode === "percentage" ? "percentage" : "absolute",
    steps: read.sort((a, b) => a.value - b.value),
  };
}

function readMapping(json: JsonObject): Mapping[] {
  const options = obj(json.options);
  const result = readResult(options.result);
  switch (json.type) {
    case "value": {
      const results = Object.entries(options).map(([key, one]) => [key, readResult(one)] as const);
      return [{ type: "value", results: new Map(results) }];
    }
    case "range": {
      const [from, to] = [num(options.from, -Infinity), num(options.to, Infinity)];
      return [{ type: "range", from, to, result }];
    }
    case "regex": {
      const pattern = readRegex(str(options.pattern, ""));
      return pattern ? [{ type: "regex", pattern, result }] : [];
    }
    case "special":
      return [{ type: "special", match: str(options.match, ""), result }];
    default:
      return [];
  }
}

function readResult(value: unknown): MappingResult {
  const { text, color } = obj(value);
  return { text: str(text), color: filled(color) };
}

export function hiddenFrom(options: FieldOptions, place: "viz" | "legend" | "tooltip"): boolean {
  return obj(options.custom.hideFrom)[place] === true;
}

/** The two numbers of a dash pattern, when a line is not solid. */
export function dashOf(options: FieldOptions): number[] | undefined {
  const style = obj(options.custom.lineStyle);
  if (style.fill !== "dash" && style.fill !== "dot") return undefined;
  const listed = arr(style.dash).map((value) => num(value, 5));
  return listed.length > 1 ? listed : style.fill === "dot" ? [0, 6] : [8, 6];
}
