/** Reducers: one value for a column. Ids and names are those that dashboards use. */
import { own } from "../lib/own";
import type { Field, Value } from "./types";

interface Reducer {
  name: string;
  /** Gets the finite numbers for arithmetic, and everything for positions. */
  reduce: (numbers: readonly number[], all: readonly Value[]) => Value;
  /** Keeps the field's unit: a count does not. */
  keepsUnit: boolean;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
const mean = (numbers: readonly number[]) =>
  numbers.length === 0 ? NaN : sum(numbers) / numbers.length;
const variance = (numbers: readonly number[]) => {
  const middle = mean(numbers);
  return mean(numbers.map((value) => (value - middle) ** 2));
};
const least = (numbers: readonly number[]) =>
  numbers.reduce((low, value) => (value < low ? value : low), numbers[0] ?? NaN);
const most = (numbers: readonly number[]) =>
  numbers.reduce((high, value) => (value > high ? value : high), numbers[0] ?? NaN);
const isEmpty = (value: Value) =>
  value === null || value === undefined || (typeof value === "number" && Number.isNaN(value));

function difference(numbers: readonly number[]): number {
  return (numbers.at(-1) ?? NaN) - (numbers[0] ?? NaN);
}

/** What a counter gained: falls are resets and count from zero. */
function gained(numbers: readonly number[]): number {
  let total = 0;
  numbers.forEach((value, index) => {
    const before = numbers[index - 1];
    if (before !== undefined) total += value >= before ? value - before : value;
  });
  return total;
}

/** Linear between the two nearest ranks. */
export function percentile(numbers: readonly number[], percent: number): number {
  if (numbers.length === 0) return NaN;
  const sorted = numbers.toSorted((a, b) => a - b);
  const rank = (percent / 100) * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? NaN;
  const high = sorted[Math.ceil(rank)] ?? NaN;
  return low + (high - low) * (rank - Math.floor(rank));
}

const reducers: Record<string, Reducer> = {
  lastNotNull: {
    name: "Last *",
    reduce: (_numbers, all) => all.findLast((value) => !isEmpty(value)),
    keepsUnit: true,
  },
  last: { name: "Last", reduce: (_numbers, all) => all.at(-1), keepsUnit: true },
  firstNotNull: {
    name: "First *",
    reduce: (_numbers, all) => all.find((value) => !isEmpty(value)),
    keepsUnit: true,
  },
  first: { name: "First", reduce: (_numbers, all) => all[0], keepsUnit: true },
  min: { name: "Min", reduce: least, keepsUnit: true },
  max: { name: "Max", reduce: most, keepsUnit: true },
  mean: { name: "Mean", reduce: mean, keepsUnit: true },
  median: { name: "Median", reduce: (numbers) => percentile(numbers, 50), keepsUnit: true },
  variance: { name: "Variance", reduce: variance, keepsUnit: false },
  stdDev: { name: "StdDev", reduce: (n) => Math.sqrt(variance(n)), keepsUnit: true },
  sum: { name: "Total", reduce: sum, keepsUnit: true },
  count: { name: "Count", reduce: (_numbers, all) => all.length, keepsUnit: false },
  range: { name: "Range", reduce: (n) => most(n) - least(n), keepsUnit: true },
  delta: { name: "Delta", reduce: gained, keepsUnit: true },
  step: {
    name: "Step",
    reduce: (n) => least(n.slice(1).map((value, i) => value - (n[i] ?? NaN))),
    keepsUnit: true,
  },
  diff: { name: "Difference", reduce: difference, keepsUnit: true },
  diffperc: {
    name: "Difference percent",
    reduce: (numbers) => difference(numbers) / (numbers[0] ?? NaN),
    keepsUnit: false,
  },
  logmin: {
    name: "Min (above zero)",
    reduce: (numbers) => least(numbers.filter((value) => value > 0)),
    keepsUnit: true,
  },
  allIsZero: { name: "All zeros", reduce: (n) => n.every((v) => v === 0), keepsUnit: false },
  allIsNull: { name: "All nulls", reduce: (_n, all) => all.every(isEmpty), keepsUnit: false },
  changeCount: {
    name: "Change count",
    reduce: (_n, all) => all.filter((value, i) => i > 0 && value !== all[i - 1]).length,
    keepsUnit: false,
  },
  distinctCount: {
    name: "Distinct count",
    reduce: (_n, all) => new Set(all).size,
    keepsUnit: false,
  },
  uniqueValues: {
    name: "All unique values",
    reduce: (_n, all) => [...new Set(all.filter((value) => !isEmpty(value)))].join(", "),
    keepsUnit: true,
  },
};

const ALIASES: Record<string, string> = { avg: "mean", current: "lastNotNull", total: "sum" };

function reducerOf(id: string): Reducer | undefined {
  return own(reducers, own(ALIASES, id) ?? id);
}

export function reduceField(field: Pick<Field, "values">, id: string): Value {
  const all = Array.from(field.values);
  const numbers = all.filter((value) => typeof value === "number" && Number.isFinite(value));
  const known = reducerOf(id);
  if (known) return known.reduce(numbers as number[], all);
  const percent = /^p(\d\d?)$/.exec(id)?.[1];
  return percent === undefined ? undefined : percentile(numbers as number[], Number(percent));
}

export function reducerName(id: string): string {
  return reducerOf(id)?.name ?? id;
}

export function reducerKeepsUnit(id: string): boolean {
  return reducerOf(id)?.keepsUnit ?? true;
}
