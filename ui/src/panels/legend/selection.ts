/** Which names of a legend are switched off by a click. */

/**
 * A click shows one alone, and again all; with `add` (Ctrl) it switches just the one.
 */
export function nextHidden(
  hidden: ReadonlySet<string>,
  key: string,
  all: readonly string[],
  add: boolean,
): Set<string> {
  if (add) {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    return next;
  }
  const isAlone = !hidden.has(key) && all.every((one) => one === key || hidden.has(one));
  return new Set(isAlone ? [] : all.filter((one) => one !== key));
}
