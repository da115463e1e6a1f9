/** What a series is called, and what can be said about its values. */

export type Labels = Readonly<Record<string, string>>;

/** Prometheus' own notation: `name{label="value"}`; names outside the classic set are quoted. */
export function seriesName(labels: Labels): string {
  const { __name__: name, ...rest } = labels;
  const pairs = Object.entries(rest)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${quoteName(label)}=${JSON.stringify(value)}`);
  if (name === undefined) return pairs.length > 0 ? `{${pairs.join(", ")}}` : "{}";
  if (!isClassicMetricName(name)) return `{${[JSON.stringify(name), ...pairs].join(", ")}}`;
  return pairs.length > 0 ? `${name}{${pairs.join(", ")}}` : name;
}

/** Names for a legend: labels that all series share say nothing there, so they go. */
export function legendNames(all: readonly Labels[]): string[] {
  if (all.length <= 1) return all.map(seriesName);
  const shared = sharedLabels(all);
  return all.map((labels) => {
    const own = Object.fromEntries(Object.entries(labels).filter(([key]) => !shared.has(key)));
    return Object.keys(own).length === 0 ? seriesName(labels) : seriesName(own);
  });
}

export function sharedLabels(all: readonly Labels[]): Set<string> {
  const [first, ...others] = all;
  if (!first) return new Set();
  const shared = Object.entries(first).filter(([key, value]) =>
    others.every((labels) => labels[key] === value),
  );
  return new Set(shared.map(([key]) => key));
}

export interface SeriesSummary {
  min: number;
  max: number;
  avg: number;
  last: number;
}

/** Summary of what is there; NaN marks absent points, and all four are NaN when none are. */
export function summarize(values: Float64Array): SeriesSummary {
  let min = NaN;
  let max = NaN;
  let last = NaN;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!(min <= value)) min = value;
    if (!(max >= value)) max = value;
    last = value;
    sum += value;
    count += 1;
  }
  return { min, max, avg: count === 0 ? NaN : sum / count, last };
}

/** A matcher `label="value"`, safe for any value. */
export function matcher(label: string, value: string): string {
  return `${quoteName(label)}=${JSON.stringify(value)}`;
}

/** A selector for a metric, whatever characters its name has. */
export function metricSelector(name: string): string {
  return isClassicMetricName(name) ? name : `{${JSON.stringify(name)}}`;
}

function isClassicMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

function quoteName(label: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : JSON.stringify(label);
}
