/** What the server says about itself: /status/... */
import {
  array,
  boolean,
  number,
  object,
  optional,
  record,
  string,
  withDefault,
} from "../lib/decode";
import { call } from "./http";

const buildInfo = object({
  /** The Prometheus whose API is spoken. */
  version: string,
  bellwether: withDefault(string, ""),
  revision: withDefault(string, ""),
  branch: withDefault(string, ""),
  buildDate: withDefault(string, ""),
});

const runtimeInfo = object({
  startTime: string,
  CWD: withDefault(string, ""),
  reloadConfigSuccess: withDefault(boolean, true),
  lastConfigTime: withDefault(string, ""),
  storageRetention: withDefault(string, ""),
});

const nameCount = object({ name: string, value: number });

const tsdbStatus = object({
  headStats: object({
    numSeries: number,
    numLabelPairs: optional(number),
    chunkCount: optional(number),
    /** Milliseconds since the epoch. */
    minTime: number,
    maxTime: number,
  }),
  seriesCountByMetricName: array(nameCount),
  labelValueCountByLabelName: array(nameCount),
  memoryInBytesByLabelName: array(nameCount),
  seriesCountByLabelValuePair: array(nameCount),
});

export type TsdbStatus = ReturnType<typeof tsdbStatus>;

export async function fetchBuildInfo(signal?: AbortSignal) {
  return (await call("/status/buildinfo", {}, buildInfo, signal)).data;
}

export async function fetchRuntimeInfo(signal?: AbortSignal) {
  return (await call("/status/runtimeinfo", {}, runtimeInfo, signal)).data;
}

export async function fetchFlags(signal?: AbortSignal) {
  return (await call("/status/flags", {}, record(string), signal)).data;
}

export async function fetchConfig(signal?: AbortSignal) {
  return (await call("/status/config", {}, object({ yaml: string }), signal)).data.yaml;
}

export async function fetchTsdbStatus(limit: number, signal?: AbortSignal) {
  return (await call("/status/tsdb", { limit }, tsdbStatus, signal)).data;
}
