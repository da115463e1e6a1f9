/** Lookups by keys that strangers chose. */

/** What a table holds under a key from outside; `constructor` and its like are no entries. */
export function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
