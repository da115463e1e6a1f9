/** The metrics there are, with type and help, and how to search them. */
import { useQuery } from "@tanstack/react-query";
import { fetchLabelValues, fetchMetadata, type MetricMetadata } from "../../api/labels";
import { fetchTsdbStatus } from "../../api/status";

export interface Metric {
  name: string;
  /** Empty when the exporter did not tell. */
  type: string;
  help: string;
}

const METRICS_MAX = 50_000;
const COUNTS_MAX = 10_000;
const NO_COUNTS: ReadonlyMap<string, number> = new Map();

export function useMetrics() {
  return useQuery({
    queryKey: ["metrics"],
    staleTime: 30_000,
    queryFn: async ({ signal }): Promise<Metric[]> => {
      const [names, metadata] = await Promise.all([
        fetchLabelValues("__name__", { limit: METRICS_MAX }, signal),
        fetchMetadata(undefined, signal),
      ]);
      return describeMetrics(names, metadata);
    },
  });
}

/** How many series each metric has, where the server counts them; an empty map until it has said. */
export function useSeriesCounts(): ReadonlyMap<string, number> {
  const { data } = useQuery({
    queryKey: ["series counts"],
    staleTime: 60_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const { seriesCountByMetricName } = await fetchTsdbStatus(COUNTS_MAX, signal);
      return new Map(seriesCountByMetricName.map(({ name, value }) => [name, value]));
    },
  });
  return data ?? NO_COUNTS;
}

export function byCardinality(
  metrics: readonly Metric[],
  counts: ReadonlyMap<string, number>,
): Metric[] {
  return metrics.toSorted((a, b) => (counts.get(b.name) ?? 0) - (counts.get(a.name) ?? 0));
}

/** Histograms and summaries are described under their family's name, without the suffix. */
export function describeMetrics(
  names: readonly string[],
  metadata: Record<string, MetricMetadata[]>,
): Metric[] {
  return names.map((name) => {
    const family = name.replace(/_(?:bucket|count|sum|total|created|info)$/, "");
    const found = (metadata[name] ?? metadata[family])?.[0];
    const type = found?.type === "unknown" ? "" : (found?.type ?? "");
    return { name, type, help: found?.help ?? "" };
  });
}

/** Every word must occur somewhere; names that begin with the first word come first. */
export function searchMetrics(metrics: readonly Metric[], search: string): readonly Metric[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return metrics;
  const scored = metrics.flatMap((metric) => {
    const name = metric.name.toLowerCase();
    const everything = `${name} ${metric.type} ${metric.help.toLowerCase()}`;
    if (!words.every((word) => everything.includes(word))) return [];
    const score = name.startsWith(first) ? 0 : words.every((w) => name.includes(w)) ? 1 : 2;
    return [{ metric, score }];
  });
  return scored.sort((a, b) => a.score - b.score).map(({ metric }) => metric);
}

/** What one most likely wants to see of a metric: counters as rates, buckets as quantiles. */
export function suggestedQuery({ name, type }: Metric, selector: string): string {
  if (type === "histogram" && name.endsWith("_bucket")) {
    return `histogram_quantile(0.95, sum by (le) (rate(${selector}[5m])))`;
  }
  const counts = type === "counter" || (type === "histogram" && /_(?:count|sum)$/.test(name));
  return counts ? `rate(${selector}[5m])` : selector;
}
