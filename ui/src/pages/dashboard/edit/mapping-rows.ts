/** Value mappings as rows of a form, and back into the JSON that keeps them. */
import { type Json, type JsonObject, num, obj, objs, str } from "../../../lib/json";

export interface MappingRow {
  kind: "value" | "range" | "regex" | "special";
  /** A value, a pattern, or the name of a special case. */
  match: string;
  /** Numbers as they are typed; empty for no bound. */
  from: string;
  to: string;
  text: string;
  color: string;
}

export function readMappings(value: Json | undefined): MappingRow[] {
  return objs(value).flatMap((mapping): MappingRow[] => {
    const options = obj(mapping.options);
    const row = (kind: MappingRow["kind"], match: string, result: unknown): MappingRow => ({
      kind,
      match,
      from: textOf(options.from),
      to: textOf(options.to),
      text: str(obj(result).text, ""),
      color: str(obj(result).color, ""),
    });
    switch (mapping.type) {
      case "value":
        return Object.entries(options)
          .sort(([, a], [, b]) => num(obj(a).index, 0) - num(obj(b).index, 0))
          .map(([key, result]) => ({ ...row("value", key, result), from: "", to: "" }));
      case "range":
        return [row("range", "", options.result)];
      case "regex":
        return [row("regex", str(options.pattern, ""), options.result)];
      case "special":
        return [row("special", str(options.match, "null"), options.result)];
      default:
        return [];
    }
  });
}

/** Values next to each other share one mapping, as Grafana writes them. */
export function writeMappings(rows: readonly MappingRow[]): JsonObject[] {
  const mappings: JsonObject[] = [];
  rows.forEach((row, index) => {
    const result = {
      index,
      ...(row.text !== "" && { text: row.text }),
      ...(row.color !== "" && { color: row.color }),
    };
    const last = mappings.at(-1);
    if (row.kind !== "value") mappings.push({ type: row.kind, options: optionsOf(row, result) });
    else if (last?.type === "value" && !Object.hasOwn(obj(last.options), row.match)) {
      last.options = { ...obj(last.options), [row.match]: result };
    } else mappings.push({ type: "value", options: { [row.match]: result } });
  });
  return mappings;
}

function optionsOf(row: MappingRow, result: JsonObject): JsonObject {
  switch (row.kind) {
    case "range":
      return { from: num(row.from) ?? null, to: num(row.to) ?? null, result };
    case "regex":
      return { pattern: row.match, result };
    default:
      return { match: row.match, result };
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : "";
}
