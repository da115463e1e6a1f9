/** Which types of panels are drawn, and which are known but come later. */

export const drawnTypes: ReadonlySet<string> = new Set([
  "barchart",
  "bargauge",
  "gauge",
  "heatmap",
  "histogram",
  "piechart",
  "row",
  "stat",
  "state-timeline",
  "status-history",
  "table",
  "text",
  "timeseries",
]);

export const laterTypes: ReadonlySet<string> = new Set([
  "alertlist",
  "annolist",
  "candlestick",
  "canvas",
  "dashlist",
  "flamegraph",
  "geomap",
  "logs",
  "news",
  "nodeGraph",
  "traces",
  "xychart",
]);
