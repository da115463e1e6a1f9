/** A dashboard's variables, as `templating.list` keeps them. */
import { arr, bool, isObject, type JsonObject, num, obj, objs, str, filled } from "../../lib/json";
import type { Variable, VariableOption } from "./types";

export function parseVariables(list: unknown): Variable[] {
  return arr(list).flatMap((json, index) => {
    if (!isObject(json) || !str(json.name)) return [];
    return [parseVariable(json, `$.templating.list[${index}]`)];
  });
}

function parseVariable(json: JsonObject, path: string): Variable {
  const name = str(json.name, "");
  const hide = num(json.hide, 0);
  const base = {
    name,
    label: filled(json.label) ?? name,
    description: str(json.description, ""),
    hide: hide >= 2 ? ("all" as const) : hide === 1 ? ("label" as const) : ("none" as const),
    saved: savedValues(json.current),
    multi: bool(json.multi),
    includeAll: bool(json.includeAll),
    allValue: filled(json.allValue),
    regex: str(json.regex, ""),
    sort: num(json.sort, 0),
    path,
  };
  const query = queryText(json);
  switch (str(json.type, "query")) {
    case "query":
      return { ...base, type: "query", query, refreshOnTime: json.refresh === 2 };
    case "custom":
      return { ...base, type: "custom", options: parseCustomOptions(query) };
    case "constant":
      return { ...base, hide: "all", type: "constant", value: query };
    case "textbox":
      return { ...base, type: "textbox", value: query };
    case "interval":
      return {
        ...base,
        type: "interval",
        options: parseCustomOptions(query),
        auto: bool(json.auto)
          ? { count: num(json.auto_count, 30), least: filled(json.auto_min) ?? "10s" }
          : undefined,
      };
    case "datasource":
      return { ...base, type: "datasource", pluginType: query };
    case "adhoc":
      return { ...base, type: "adhoc", filters: objs(json.filters).map(parseFilter) };
    default:
      return { ...base, type: "unsupported", was: str(json.type, ""), options: [] };
  }
}

/** `current` holds one value or several, as text, numbers or options. */
function savedValues(current: unknown): string[] {
  const value = obj(current).value;
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    if (typeof one === "string") return [one];
    return typeof one === "number" ? [String(one)] : [];
  });
}

/** A query is a text, or an object that holds it under a name that depends on its kind. */
function queryText(json: JsonObject): string {
  const query = json.query;
  if (typeof query === "string" && query !== "") return query;
  if (isObject(query)) {
    const text = str(query.query) ?? str(query.expr);
    if (text !== undefined) return text;
  }
  return str(json.definition, "");
}

/** Values by commas (`\,` is one within a value), each alone or as `text : value`. */
export function parseCustomOptions(query: string): VariableOption[] {
  return query
    .split(/(?<!\\),/)
    .map((part) => part.replaceAll("\\,", ",").trim())
    .filter((part) => part !== "")
    .map((part) => {
      const pair = /^(.+?)\s+:\s+(.+)$/.exec(part);
      return pair ? { text: pair[1] ?? "", value: pair[2] ?? "" } : { text: part, value: part };
    });
}

function parseFilter(json: JsonObject) {
  return {
    key: str(json.key, ""),
    operator: str(json.operator, "="),
    value: str(json.value, ""),
  };
}
