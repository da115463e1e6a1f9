/** JSON whose shape nobody promised: readers that fall back instead of throwing. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function obj(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function arr(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** The objects of an array; what else is in it is passed over. */
export function objs(value: unknown): JsonObject[] {
  return arr(value).filter(isObject);
}

export function str(value: unknown): string | undefined;
export function str(value: unknown, fallback: string): string;
export function str(value: unknown, fallback?: string): string | undefined {
  return typeof value === "string" ? value : fallback;
}

/** A text that says something: the empty one counts as absent. */
export function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Old dashboards keep numbers in text fields. */
export function num(value: unknown): number | undefined;
export function num(value: unknown, fallback: number): number;
export function num(value: unknown, fallback?: number): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return fallback;
  const parsed = Number(value);
  return Number.isNaN(parsed) ? fallback : parsed;
}

export function bool(value: unknown, fallback = false): boolean {
  return typeof value === "boolean" ? value : fallback;
}

export function strs(value: unknown): string[] {
  return arr(value).filter((item) => typeof item === "string");
}

/** One of the words that are known, or the fallback. */
export function word<const T extends string>(
  value: unknown,
  known: readonly T[],
  fallback: NoInfer<T>,
): T {
  return known.find((candidate) => candidate === value) ?? fallback;
}

/** A copy without some keys; symbol keys stay. */
export function without(object: JsonObject, ...keys: string[]): JsonObject {
  const copy = { ...object };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy;
}

/** Leaves out what is undefined, so that a migration adds no empty keys. */
export function defined(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
