/** The order of values of any kind. */
import type { Value } from "./types";

/** Nothing comes last whichever way is sorted. */
export function compareValues(a: Value, b: Value, sign: 1 | -1): number {
  const [isEmptyA, isEmptyB] = [isEmpty(a), isEmpty(b)];
  if (isEmptyA || isEmptyB) return Number(isEmptyA) - Number(isEmptyB);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}

function isEmpty(value: Value): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}
