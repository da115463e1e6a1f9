/** What series there are: label names, label values and metric metadata. */
import { array, object, record, string, withDefault } from "../lib/decode";
import { call } from "./http";

export interface LabelScope {
  /** Series selectors; none means every series. */
  match?: string[];
  /** Seconds since the epoch. */
  start?: number;
  end?: number;
  limit?: number;
}

const metadataEntry = object({
  type: string,
  help: withDefault(string, ""),
  unit: withDefault(string, ""),
});

export type MetricMetadata = ReturnType<typeof metadataEntry>;

const strings = array(string);

export async function fetchLabelNames(scope: LabelScope = {}, signal?: AbortSignal) {
  return (await call("/labels", scopeParams(scope), strings, signal)).data;
}

export async function fetchLabelValues(name: string, scope: LabelScope = {}, signal?: AbortSignal) {
  const resource = `/label/${encodeURIComponent(name)}/values`;
  return (await call(resource, scopeParams(scope), strings, signal)).data;
}

export async function fetchSeries(selector: string, scope: LabelScope = {}, signal?: AbortSignal) {
  const params = scopeParams({ ...scope, match: [selector] });
  return (await call("/series", params, array(record(string)), signal)).data;
}

/** Type, unit and help by metric family name. */
export async function fetchMetadata(
  metric?: string,
  signal?: AbortSignal,
): Promise<Record<string, MetricMetadata[]>> {
  return (await call("/metadata", { metric }, record(array(metadataEntry)), signal)).data;
}

function scopeParams({ match, start, end, limit }: LabelScope) {
  return { "match[]": match, start, end, limit };
}
