/** PromQL queries: /query and /query_range, their results in typed arrays. */
import {
  array,
  type Decoder,
  floatString,
  number,
  optional,
  parseFloatString,
  plainObject,
  record,
  ShapeError,
  string,
} from "../lib/decode";
import { type Grid, gridIndex, gridLength } from "../lib/grid";
import { type Answer, call } from "./http";

export type LabelSet = Record<string, string>;

/** A native histogram; a bucket is [boundary rule, lower, upper, count]. */
export interface HistogramValue {
  count: number;
  sum: number;
  buckets: HistogramBucket[];
}

export interface HistogramBucket {
  /** 0: (lower, upper], 1: [lower, upper), 2: open both ends, 3: closed both ends. */
  boundaries: number;
  lower: number;
  upper: number;
  count: number;
}

/** One series of a range result: a value for each point of the grid, NaN where there is none. */
export interface RangeSeries {
  labels: LabelSet;
  values: Float64Array;
}

/** A series of native histograms, which has no single line to draw. */
export interface HistogramSeries {
  labels: LabelSet;
  /** One for each point of the grid, undefined where there is none. */
  values: (HistogramValue | undefined)[];
}

export interface RangeResult {
  grid: Grid;
  series: RangeSeries[];
  histograms: HistogramSeries[];
  stats: QueryStats | undefined;
}

export type InstantSample = { labels: LabelSet; timeSeconds: number } & (
  { value: number; histogram?: undefined } | { value?: undefined; histogram: HistogramValue }
);

export interface InstantResult {
  kind: "vector" | "matrix" | "scalar" | "string";
  samples: InstantSample[];
  /** The text of a string result. */
  text: string | undefined;
  stats: QueryStats | undefined;
}

export interface QueryStats {
  samplesRead: number | undefined;
  samplesPeak: number | undefined;
  /** For each step: its time in seconds and the samples read for it. */
  samplesPerStep: [timeSeconds: number, samples: number][];
  /** Seconds by phase, as the server names them. */
  timings: Record<string, number>;
}

export function queryRange(
  expr: string,
  grid: Grid,
  options: { stats?: boolean } = {},
  signal?: AbortSignal,
): Promise<Answer<RangeResult>> {
  const params = {
    query: expr,
    start: grid.start,
    end: grid.end,
    step: grid.step,
    stats: options.stats ? "all" : undefined,
  };
  return call("/query_range", params, rangeResult(grid), signal);
}

export function queryInstant(
  expr: string,
  timeSeconds: number,
  options: { stats?: boolean } = {},
  signal?: AbortSignal,
): Promise<Answer<InstantResult>> {
  const params = { query: expr, time: timeSeconds, stats: options.stats ? "all" : undefined };
  return call("/query", params, instantResult, signal);
}

const labelSet: Decoder<LabelSet> = record(string);

const stepSamples: Decoder<[number, number]> = (value, path) => {
  if (!Array.isArray(value) || value.length !== 2) throw new ShapeError(path, "a step", value);
  return [number(value[0], path), number(value[1], path)];
};

const queryStats: Decoder<QueryStats> = (value, path) => {
  const source = plainObject(value, path);
  const samples = plainObject(source.samples ?? {}, `${path}.samples`);
  return {
    samplesRead: optional(number)(samples.totalQueryableSamples, `${path}.samples`),
    samplesPeak: optional(number)(samples.peakSamples, `${path}.samples`),
    samplesPerStep: array(stepSamples)(samples.totalQueryableSamplesPerStep ?? [], path),
    timings: record(number)(source.timings ?? {}, `${path}.timings`),
  };
};

const histogramBucket: Decoder<HistogramBucket> = (value, path) => {
  if (!Array.isArray(value) || value.length !== 4) throw new ShapeError(path, "a bucket", value);
  return {
    boundaries: number(value[0], path),
    lower: floatString(value[1], path),
    upper: floatString(value[2], path),
    count: floatString(value[3], path),
  };
};

const histogramValue: Decoder<HistogramValue> = (value, path) => {
  const source = plainObject(value, path);
  return {
    count: floatString(source.count, `${path}.count`),
    sum: floatString(source.sum, `${path}.sum`),
    buckets: array(histogramBucket)(source.buckets ?? [], `${path}.buckets`),
  };
};

/** Reads a matrix straight into the grid's arrays; decoders per sample would cost too much. */
export function rangeResult(grid: Grid): Decoder<RangeResult> {
  const length = gridLength(grid);
  return (value, path) => {
    const source = plainObject(value, path);
    if (source.resultType !== "matrix") {
      throw new ShapeError(`${path}.resultType`, "matrix", source.resultType);
    }
    const series: RangeSeries[] = [];
    const histograms: HistogramSeries[] = [];
    for (const entry of array(plainObject)(source.result, `${path}.result`)) {
      if (entry.histograms !== undefined) {
        histograms.push(histogramsOnGrid(entry, grid, length, `${path}.histograms`));
      }
      if (entry.values === undefined) continue;
      const values = floatsOnGrid(entry.values, grid, length, `${path}.values`);
      series.push({ labels: labelSet(entry.metric, `${path}.metric`), values });
    }
    const stats = optional(queryStats)(source.stats, `${path}.stats`);
    return { grid, series, histograms, stats };
  };
}

/** Makes no array for each sample: a graph has a hundred thousand of them. */
function floatsOnGrid(source: unknown, grid: Grid, length: number, path: string): Float64Array {
  if (!Array.isArray(source)) throw new ShapeError(path, "an array", source);
  const values = new Float64Array(length).fill(NaN);
  for (const sample of source as unknown[]) {
    const [time, text] = pair(sample, path);
    const index = gridIndex(grid, time);
    if (index >= 0 && index < length) values[index] = parseFloatString(text);
  }
  return values;
}

function histogramsOnGrid(
  entry: Record<string, unknown>,
  grid: Grid,
  length: number,
  path: string,
): HistogramSeries {
  const values = new Array<HistogramValue | undefined>(length).fill(undefined);
  const labels = labelSet(entry.metric, `${path}.metric`);
  for (const sample of array((item) => histogramSample(labels, item, path))(
    entry.histograms,
    path,
  )) {
    const index = gridIndex(grid, sample.timeSeconds);
    if (index >= 0 && index < length) values[index] = sample.histogram;
  }
  return { labels, values };
}

export const instantResult: Decoder<InstantResult> = (value, path) => {
  const source = plainObject(value, path);
  const stats = optional(queryStats)(source.stats, `${path}.stats`);
  const result = source.result;
  switch (source.resultType) {
    case "scalar": {
      const [timeSeconds, text] = pair(result, path);
      const sample = { labels: {}, timeSeconds, value: parseFloatString(text) };
      return { kind: "scalar", samples: [sample], text: undefined, stats };
    }
    case "string":
      return { kind: "string", samples: [], text: pair(result, path)[1], stats };
    case "vector":
      return { kind: "vector", samples: vector(result, path), text: undefined, stats };
    case "matrix":
      return { kind: "matrix", samples: matrixSamples(result, path), text: undefined, stats };
    default:
      throw new ShapeError(`${path}.resultType`, "a result type", source.resultType);
  }
};

function vector(result: unknown, path: string): InstantSample[] {
  return array(plainObject)(result, path).map((entry) => {
    const labels = labelSet(entry.metric, `${path}.metric`);
    if (entry.histogram !== undefined) return histogramSample(labels, entry.histogram, path);
    const [timeSeconds, text] = pair(entry.value, `${path}.value`);
    return { labels, timeSeconds, value: parseFloatString(text) };
  });
}

/** A range selector asked as an instant query: every raw sample becomes a row. */
function matrixSamples(result: unknown, path: string): InstantSample[] {
  return array(plainObject)(result, path).flatMap((entry) => {
    const labels = labelSet(entry.metric, `${path}.metric`);
    const floats = pairs(entry.values ?? [], `${path}.values`).map(([timeSeconds, text]) => ({
      labels,
      timeSeconds,
      value: parseFloatString(text),
    }));
    const histograms = array((item) => histogramSample(labels, item, path))(
      entry.histograms ?? [],
      path,
    );
    return [...floats, ...histograms];
  });
}

function histogramSample(labels: LabelSet, value: unknown, path: string): InstantSample {
  if (!Array.isArray(value)) throw new ShapeError(path, "[time, histogram]", value);
  return { labels, timeSeconds: number(value[0], path), histogram: histogramValue(value[1], path) };
}

function pair(value: unknown, path: string): [number, string] {
  if (!Array.isArray(value) || typeof value[0] !== "number" || typeof value[1] !== "string") {
    throw new ShapeError(path, "[time, value]", value);
  }
  return value as [number, string];
}

function pairs(value: unknown, path: string): [number, string][] {
  if (!Array.isArray(value)) throw new ShapeError(path, "an array", value);
  return value.map((item) => pair(item, path));
}
