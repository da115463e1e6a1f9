/** Ad hoc filters: matchers that go into every selector of every query. */
import { parser } from "@prometheus-io/lezer-promql";
import type { AdhocFilter } from "../model/types";

const OPERATORS = new Set(["=", "!=", "=~", "!~"]);

/** Puts the filters into each vector selector; a query that cannot be parsed stays as it is. */
export function withFilters(expr: string, filters: readonly AdhocFilter[]): string {
  const matchers = filters
    .filter(({ key, operator }) => key !== "" && OPERATORS.has(operator))
    .map(({ key, operator, value }) => `${key}${operator}${JSON.stringify(value)}`)
    .join(",");
  if (matchers === "") return expr;
  const edits: { at: number; text: string }[] = [];
  const errors: number[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.type.isError) errors.push(node.from);
      if (node.name !== "VectorSelector") return;
      const inside = node.node.getChild("LabelMatchers");
      if (!inside) {
        edits.push({ at: node.to, text: `{${matchers}}` });
        return;
      }
      const body = expr.slice(inside.from + 1, inside.to - 1).trim();
      const comma = body === "" || body.endsWith(",") ? "" : ",";
      edits.push({ at: inside.to - 1, text: `${comma}${matchers}` });
    },
  });
  if (errors.length > 0) return expr;
  return edits.reduceRight(
    (text, edit) => text.slice(0, edit.at) + edit.text + text.slice(edit.at),
    expr,
  );
}

/** `key|operator|value` in the URL; the separators themselves are escaped. */
export function readFilters(values: readonly string[]): AdhocFilter[] {
  return values.flatMap((text) => {
    const [key = "", operator = "", value = ""] = text.split("|").map(unescape);
    return OPERATORS.has(operator) && key !== "" ? [{ key, operator, value }] : [];
  });
}

export function writeFilters(filters: readonly AdhocFilter[]): string[] {
  return filters.map(({ key, operator, value }) => [key, operator, value].map(escape).join("|"));
}

function escape(text: string): string {
  return text.replaceAll("|", "__gfp__");
}

function unescape(text: string): string {
  return text.replaceAll("__gfp__", "|");
}
