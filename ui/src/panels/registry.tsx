/** The component of each type of panel, loaded when a dashboard first has one. */
import { type ComponentType, lazy } from "react";
import type { PanelProps } from "./panel-props";

type Loader = () => Promise<{ default: ComponentType<PanelProps> }>;

const loaders: Record<string, Loader> = {
  alertlist: () => import("./alertlist/AlertListPanel"),
  annolist: () => import("./annolist/AnnoListPanel"),
  barchart: () => import("./barchart/BarChartPanel"),
  bargauge: () => import("./bargauge/BarGaugePanel"),
  dashlist: () => import("./dashlist/DashListPanel"),
  gauge: () => import("./gauge/GaugePanel"),
  geomap: () => import("./geomap/GeomapPanel"),
  heatmap: () => import("./heatmap/HeatmapPanel"),
  histogram: () => import("./histogram/HistogramPanel"),
  logs: () => import("./logs/LogsPanel"),
  nodeGraph: () => import("./node-graph/NodeGraphPanel"),
  piechart: () => import("./piechart/PieChartPanel"),
  stat: () => import("./stat/StatPanel"),
  "state-timeline": () => import("./state-timeline/StateTimelinePanel"),
  "status-history": () => import("./status-history/StatusHistoryPanel"),
  table: () => import("./table/TablePanel"),
  text: () => import("./text/TextPanel"),
  timeseries: () => import("./timeseries/TimeSeriesPanel"),
  traces: () => import("./traces/TracesPanel"),
  xychart: () => import("./xychart/XYChartPanel"),
};

const components = new Map(
  Object.entries(loaders).map(([type, loader]) => [type, lazy(loader)] as const),
);

export function panelComponent(type: string): ComponentType<PanelProps> | undefined {
  return components.get(type);
}

const WITHOUT_QUERIES = new Set(["alertlist", "annolist", "dashlist", "row", "text"]);

/** Some panels draw without a query: they need none, or ask something else by themselves. */
export function needsData(type: string): boolean {
  return !WITHOUT_QUERIES.has(type);
}
