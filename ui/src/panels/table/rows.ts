/** Rows of a table: their order, and which of them a filter leaves. */
import { compareValues } from "../../data/compare";
import { toNumber } from "../../data/display";
import type { ShownField } from "../../data/shown";

export interface Sort {
  title: string;
  desc: boolean;
}

/** Words or comparisons by column title. */
export type Filters = ReadonlyMap<string, string>;

/** Indices into the fields, filtered and sorted. */
export function orderedRows(
  fields: readonly ShownField[],
  length: number,
  sort: Sort | undefined,
  filters: Filters,
): number[] {
  const tests = fields.flatMap((field) => {
    const wanted = filters.get(field.title)?.trim() ?? "";
    return wanted === "" ? [] : [filterFor(field, wanted)];
  });
  const rows: number[] = [];
  for (let row = 0; row < length; row++) if (tests.every((test) => test(row))) rows.push(row);
  const by = sort && fields.find(({ title }) => title === sort.title);
  if (!by) return rows;
  const sign = sort.desc ? -1 : 1;
  return rows.sort((a, b) => compareValues(by.values[a], by.values[b], sign));
}

/** `> 5` compares; anything else is looked for in what the cell shows. */
function filterFor(field: ShownField, wanted: string): (row: number) => boolean {
  const comparison = /^(<=?|>=?|!?=)\s*(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/i.exec(wanted);
  if (comparison && field.type === "number") {
    const [, operator = "", limitText = ""] = comparison;
    const limit = Number(limitText);
    return (row) => compares(toNumber(field.values[row]), operator, limit);
  }
  const text = wanted.toLowerCase();
  return (row) => field.display(field.values[row]).full.toLowerCase().includes(text);
}

function compares(value: number, operator: string, limit: number): boolean {
  switch (operator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "!=":
      return value !== limit;
    default:
      return value === limit;
  }
}
