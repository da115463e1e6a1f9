/** What a heatmap draws: for each time a count in each bucket, from any form of histogram. */
import type { HistogramValue } from "../../api/query";
import { bucketFrame } from "../../data/frames";
import type { ShownFrame } from "../../data/shown";
import type { Field, Frame } from "../../data/types";
import { bool, type JsonObject, num, obj, str } from "../../lib/json";

export interface Heat {
  /** Milliseconds since the epoch, ascending. */
  times: number[];
  /** Bounds of the buckets, one more than there are rows, ascending. */
  bounds: number[];
  /** By time, then by bucket. */
  counts: Float64Array[];
}

const CALCULATED_BUCKETS = 24;
const NATIVE_BUCKETS_MAX = 120;

export function heatOf(
  frames: readonly (Frame | ShownFrame)[],
  options: JsonObject,
): Heat | undefined {
  const native = frames.flatMap(({ fields }) => fields.filter(({ histograms }) => histograms));
  if (native.length > 0) return nativeHeat(frames, native);
  if (bool(options.calculate)) return calculatedHeat(frames, obj(options.calculation));
  const ready = frames.find(({ kind }) => kind === "heatmap");
  const hasBounds = frames.some(({ fields }) =>
    fields.some(({ labels, legend }) => labels?.le !== undefined || isBound(legend)),
  );
  if (ready) return bucketHeat(ready);
  return hasBounds ? bucketHeat(bucketFrame(frames, { refId: "A" })) : rowsHeat(frames);
}

function isBound(text: string | undefined): boolean {
  return text !== undefined && /^(?:[-+]?\d|\+?inf)/i.test(text);
}

/** Fields named by their upper bound, as frames of format "heatmap" have them. */
function bucketHeat({ fields, length }: Pick<Frame, "fields" | "length">): Heat | undefined {
  const [time, ...buckets] = fields;
  if (!time || buckets.length === 0) return undefined;
  const upper = buckets.map(({ name }) => (name === "+Inf" ? Infinity : Number(name)));
  const bounds = [lowerBound(upper), ...upper];
  return {
    times: Array.from(time.values, Number),
    bounds: bounds.map((bound, index) => (bound === Infinity ? beyond(bounds, index) : bound)),
    counts: Array.from({ length }, (_, row) =>
      Float64Array.from(buckets, ({ values }) => Number(values[row] ?? 0) || 0),
    ),
  };
}

function lowerBound(upper: readonly number[]): number {
  const [first = 0, second = first * 2] = upper;
  // A series of bounds that grows by a factor began one factor below.
  return first > 0 && Number.isFinite(second)
    ? Math.max(0, first * (first / second))
    : Math.min(0, first);
}

/** The bucket to infinity is drawn as high as the one below it. */
function beyond(bounds: readonly number[], index: number): number {
  const [below = 0, last = 1] = [bounds[index - 2], bounds[index - 1]];
  return below > 0 ? last * (last / below) : last + Math.max(1e-9, last - below);
}

/** Series that are no buckets by bound: each is a row of its own, in their order. */
function rowsHeat(frames: readonly (Frame | ShownFrame)[]): Heat | undefined {
  const fields = frames.flatMap((frame) => frame.fields.filter(({ type }) => type === "number"));
  const time = frames[0]?.fields.find(({ type }) => type === "time");
  if (!time || fields.length === 0) return undefined;
  const times = Array.from(time.values, Number);
  return {
    times,
    bounds: Array.from({ length: fields.length + 1 }, (_, index) => index),
    counts: times.map((_, row) =>
      Float64Array.from(fields, ({ values }) => Number(values[row]) || 0),
    ),
  };
}

/** Values of plain series, sorted into buckets of equal width. */
function calculatedHeat(
  frames: readonly (Frame | ShownFrame)[],
  options: JsonObject,
): Heat | undefined {
  const fields = frames.flatMap((frame) => frame.fields.filter(({ type }) => type === "number"));
  const time = frames[0]?.fields.find(({ type }) => type === "time");
  const all = fields.flatMap(({ values }) =>
    Array.from(values, Number).filter((value) => Number.isFinite(value)),
  );
  if (!time || all.length === 0) return undefined;
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const buckets = obj(options.yBuckets);
  const wanted = num(buckets.value, CALCULATED_BUCKETS);
  const bySize = str(buckets.mode, "count") === "size" && wanted > 0;
  const size = bySize ? wanted : niceSize((high - low || 1) / Math.max(1, wanted));
  const first = Math.floor(low / size) * size;
  const count = Math.min(200, Math.max(1, Math.ceil((high - first) / size + 1e-9)));
  const times = Array.from(time.values, Number);
  return {
    times,
    bounds: Array.from({ length: count + 1 }, (_, index) => first + index * size),
    counts: times.map((_, row) => {
      const counts = new Float64Array(count);
      for (const { values } of fields) {
        const value = Number(values[row] ?? NaN);
        if (Number.isNaN(value)) continue;
        const bucket = Math.min(count - 1, Math.floor((value - first) / size));
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      return counts;
    }),
  };
}

function niceSize(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= size) ?? size;
}

/** Buckets of native histograms differ from one to the next; their bounds are united. */
function nativeHeat(frames: readonly (Frame | ShownFrame)[], fields: readonly Field[]): Heat {
  const time = frames[0]?.fields.find(({ type }) => type === "time");
  const bounds = new Set<number>();
  const each = (visit: (histogram: HistogramValue, row: number) => void) => {
    for (const { histograms } of fields) {
      histograms?.forEach((histogram, row) => histogram && visit(histogram, row));
    }
  };
  each(({ buckets }) => {
    for (const { lower, upper } of buckets) {
      if (Number.isFinite(lower)) bounds.add(lower);
      if (Number.isFinite(upper)) bounds.add(upper);
    }
  });
  const ascending = thin([...bounds].sort((a, b) => a - b));
  const times = Array.from(time?.values ?? [], Number);
  const counts = times.map(() => new Float64Array(Math.max(0, ascending.length - 1)));
  each(({ buckets }, row) => {
    for (const { lower, upper, count } of buckets) {
      const middle =
        (Math.max(lower, ascending[0] ?? 0) + Math.min(upper, ascending.at(-1) ?? 0)) / 2;
      const index = ascending.findIndex(
        (bound, i) => middle >= bound && middle < (ascending[i + 1] ?? -1),
      );
      const column = counts[row];
      if (column && index >= 0) column[index] = (column[index] ?? 0) + count;
    }
  });
  return { times, bounds: ascending, counts };
}

/** Fine schemas have more bounds than a panel has pixels. */
function thin(bounds: number[]): number[] {
  if (bounds.length <= NATIVE_BUCKETS_MAX) return bounds;
  const every = Math.ceil(bounds.length / NATIVE_BUCKETS_MAX);
  return bounds.filter((_, index) => index % every === 0 || index === bounds.length - 1);
}
