/** The component of each type of panel, loaded when a dashboard first has one. */
import { type ComponentType, lazy } from "react";
import type { PanelProps } from "./panel-props";

type Loader = () => Promise<{ default: ComponentType<PanelProps> }>;

const loaders: Record<string, Loader> = {
  barchart: () => import("./barchart/BarChartPanel"),
  bargauge: () => import("./bargauge/BarGaugePanel"),
  gauge: () => import("./gauge/GaugePanel"),
  heatmap: () => import("./heatmap/HeatmapPanel"),
  histogram: () => import("./histogram/HistogramPanel"),
  piechart: () => import("./piechart/PieChartPanel"),
  stat: () => import("./stat/StatPanel"),
  "state-timeline": () => import("./state-timeline/StateTimelinePanel"),
  "status-history": () => import("./status-history/StatusHistoryPanel"),
  table: () => import("./table/TablePanel"),
  text: () => import("./text/TextPanel"),
  timeseries: () => import("./timeseries/TimeSeriesPanel"),
};

const components = new Map(
  Object.entries(loaders).map(([type, loader]) => [type, lazy(loader)] as const),
);

export function panelComponent(type: string): ComponentType<PanelProps> | undefined {
  return components.get(type);
}

/** Panels that draw without asking anything. */
export function needsData(type: string): boolean {
  return type !== "text" && type !== "row";
}
