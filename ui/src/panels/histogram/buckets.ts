/** Values sorted into buckets of equal width. */

export interface Buckets {
  /** Lower bounds, ascending. */
  bounds: number[];
  size: number;
}

const BUCKETS_WANTED = 30;
const BUCKETS_MAX = 400;

/** Buckets of the given width, or of a round width that gives about as many as wanted. */
export function bucketsFor(
  values: readonly number[],
  size: number | undefined,
  count = BUCKETS_WANTED,
  offset = 0,
): Buckets {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { bounds: [], size: 1 };
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const wanted =
    size !== undefined && size > 0 ? size : roundSize((high - low) / Math.max(1, count));
  // A width far too small for the data would make more buckets than anybody can see.
  const used = Math.max(wanted, (high - low) / BUCKETS_MAX);
  const first = Math.floor((low - offset) / used) * used + offset;
  const many = Math.floor((high - first) / used + 1e-9) + 1;
  return { bounds: Array.from({ length: many }, (_, i) => first + i * used), size: used };
}

export function countIn({ bounds, size }: Buckets, values: Iterable<number>): number[] {
  const counts = new Array<number>(bounds.length).fill(0);
  const [first = 0] = bounds;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const index = Math.min(bounds.length - 1, Math.floor((value - first) / size + 1e-9));
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

function roundSize(size: number): number {
  if (!(size > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= size) ?? size;
}
