/** The values that a variable offers, once known: picked by its expression, sorted, without doubles. */
import { readRegex } from "../../data/field-options";
import type { VariableOption } from "../model/types";

/** What stands in the URL and in saved dashboards for "every value". */
export const ALL = "$__all";

/** Beyond this a list helps nobody, and the page would suffer. */
export const OPTIONS_MAX = 5_000;

/**
 * A variable's expression keeps values that it matches; a group is what remains of a value, and
 * groups called `text` and `value` name the two apart.
 */
export function pickOptions(
  found: readonly (string | VariableOption)[],
  regex: string,
): VariableOption[] {
  const pattern = regex.trim() === "" ? undefined : readRegex(regex.trim());
  const picked = new Map<string, VariableOption>();
  for (const one of found) {
    const option = typeof one === "string" ? { text: one, value: one } : one;
    const kept = pattern ? pickOne(option, pattern) : option;
    if (kept && !picked.has(kept.value)) picked.set(kept.value, kept);
  }
  return [...picked.values()].slice(0, OPTIONS_MAX);
}

function pickOne(option: VariableOption, pattern: RegExp): VariableOption | undefined {
  const match = pattern.exec(option.value);
  if (!match) return undefined;
  const { text, value } = match.groups ?? {};
  if (text !== undefined || value !== undefined) {
    return { text: text ?? value ?? "", value: value ?? text ?? "" };
  }
  const group = match[1];
  return group === undefined ? option : { text: group, value: group };
}

/** Orders by number: 1 and 2 by letters, 3 and 4 by numbers, 5 and 6 whatever the case, 7 and 8 natural. */
export function sortOptions(options: readonly VariableOption[], sort: number): VariableOption[] {
  if (sort === 0) return [...options];
  const kind = Math.ceil(sort / 2);
  const sign = sort % 2 === 1 ? 1 : -1;
  const compare = COMPARE[kind - 1];
  return compare ? options.toSorted((a, b) => sign * compare(a.text, b.text)) : [...options];
}

const COMPARE: ((a: string, b: string) => number)[] = [
  (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  (a, b) => firstNumber(a) - firstNumber(b) || a.localeCompare(b),
  (a, b) => a.toLowerCase().localeCompare(b.toLowerCase()),
  (a, b) => a.localeCompare(b, "en", { numeric: true }),
];

/** Texts without a number come first. */
function firstNumber(text: string): number {
  const match = /-?\d+(?:\.\d+)?/.exec(text);
  return match ? Number(match[0]) : -1;
}

/**
 * What is chosen of the options: what the URL or the dashboard says as far as it still exists,
 * else "All" or the first. Values that nobody offers are kept when `keepUnknown` says so.
 */
export function choose(
  wanted: readonly string[],
  options: readonly VariableOption[],
  rules: { multi: boolean; includeAll: boolean; keepUnknown: boolean },
): string[] {
  if (rules.includeAll && wanted.includes(ALL)) return [ALL];
  const offered = new Set(options.map(({ value }) => value));
  const known = wanted.filter((value) => offered.has(value));
  const kept = rules.keepUnknown && wanted.length > 0 ? [...wanted] : known;
  if (kept.length > 0) return rules.multi ? kept : kept.slice(0, 1);
  if (rules.includeAll) return [ALL];
  const [first] = options;
  return first ? [first.value] : [];
}
