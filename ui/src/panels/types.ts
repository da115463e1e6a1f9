/** Which types of panels are drawn, and which are known but come later. */

export const drawnTypes: ReadonlySet<string> = new Set([
  "alertlist",
  "annolist",
  "barchart",
  "bargauge",
  "dashlist",
  "gauge",
  "geomap",
  "heatmap",
  "histogram",
  "logs",
  "nodeGraph",
  "piechart",
  "row",
  "stat",
  "state-timeline",
  "status-history",
  "table",
  "text",
  "timeseries",
  "traces",
  "xychart",
]);

export const laterTypes: ReadonlySet<string> = new Set([
  "candlestick",
  "canvas",
  "flamegraph",
  "news",
  "trend",
]);

/** What this server does not keep yet, by the panel that would show it. */
export const missingSources: ReadonlyMap<string, string> = new Map([
  ["logs", "There is no data source for logs yet."],
  ["traces", "There is no data source for traces yet."],
]);
