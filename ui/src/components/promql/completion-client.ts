/** Feeds the PromQL completion from our API client, with a short memory so that typing stays quick. */
import type { PrometheusClient } from "@prometheus-io/codemirror-promql/dist/esm/client/prometheus";
import { labelMatchersToString } from "@prometheus-io/codemirror-promql/dist/esm/parser/matcher";
import type { Matcher } from "@prometheus-io/codemirror-promql/dist/esm/types";
import { fetchLabelNames, fetchLabelValues, fetchMetadata, fetchSeries } from "../../api/labels";
import { fetchFlags } from "../../api/status";

const MEMORY_MS = 30_000;
/** Only series that were alive lately are worth offering. */
const LOOKBACK_SECONDS = 3600;
const RESULTS_MAX = 10_000;
const SERIES_MAX = 2_000;

export function createCompletionClient(): PrometheusClient {
  const remembered = new Map<string, { at: number; answer: Promise<unknown> }>();

  /** A failing completion must not disturb the one who types: it offers nothing instead. */
  function remember<T>(key: string, fallback: T, ask: () => Promise<T>): Promise<T> {
    const known = remembered.get(key);
    if (known && Date.now() - known.at < MEMORY_MS) return known.answer as Promise<T>;
    const answer = ask().catch(() => {
      remembered.delete(key);
      return fallback;
    });
    remembered.set(key, { at: Date.now(), answer });
    return answer;
  }

  return {
    labelNames: (metric) =>
      remember(`names ${metric ?? ""}`, [], () => fetchLabelNames(scope(metric))),
    labelValues: (label, metric, matchers) => {
      const narrowed = scope(metric, matchers, label);
      const key = `values ${label} ${JSON.stringify(narrowed.match)}`;
      return remember(key, [], () => fetchLabelValues(label, narrowed));
    },
    metricNames: () => remember("metrics", [], () => fetchLabelValues("__name__", scope())),
    metricMetadata: () => remember("metadata", {}, () => fetchMetadata()),
    series: (metric, matchers) => {
      const { match, ...times } = scope(metric, matchers);
      const selector = match?.[0] ?? "";
      return remember(`series ${selector}`, [], async () => {
        const series = await fetchSeries(selector, { ...times, limit: SERIES_MAX });
        return series.map((labels) => new Map(Object.entries(labels)));
      });
    },
    flags: () => remember("flags", {}, () => fetchFlags()),
  };
}

/** What to ask for; the label being completed must not narrow its own values. */
function scope(metric = "", matchers: Matcher[] = [], label?: string) {
  const now = Date.now() / 1000;
  const selector = labelMatchersToString(metric, matchers, label);
  return {
    ...(selector !== "" && selector !== "{}" && { match: [selector] }),
    start: Math.floor(now - LOOKBACK_SECONDS),
    end: Math.ceil(now),
    limit: RESULTS_MAX,
  };
}
