/**
 * From any age of Grafana's dashboard JSON to today's, in small steps. Each step goes by the shape
 * it replaces and not by `schemaVersion`: dashboards written by hand often claim a version whose
 * shape they do not have.
 */
import type { JsonObject } from "../../lib/json";
import {
  currentOfMulti,
  hiddenVariables,
  refreshAsText,
  servicesAndPulldowns,
  sharedCrosshair,
  variableRefresh,
  variableTags,
} from "./migrations/dashboard";
import {
  cellOptions,
  fieldOptions,
  firstGauges,
  legendAndTooltip,
  textOptions,
  valueMappings,
} from "./migrations/fields";
import { graphToTimeseries } from "./migrations/graph";
import { axesByHand, axesOfFirstGraphs, graphThresholds } from "./migrations/graph-axes";
import { dropRepeatCopies, numberPanels, placeStrays, rowsToGrid } from "./migrations/layout";
import { mapPanels, markPaths, type PanelMigration } from "./migrations/panels";
import { heatmapOptions, libraryModels, succeededPlugins } from "./migrations/plugins";
import { singlestatToStat } from "./migrations/singlestat";
import { oldTable } from "./migrations/table";

const BEFORE_PANELS = [
  servicesAndPulldowns,
  sharedCrosshair,
  refreshAsText,
  hiddenVariables,
  variableRefresh,
  currentOfMulti,
  variableTags,
  rowsToGrid,
  dropRepeatCopies,
  placeStrays,
  numberPanels,
];

/** Oldest first: a later step sees what earlier ones made. */
const PANELS: PanelMigration[] = [
  libraryModels,
  axesByHand,
  axesOfFirstGraphs,
  graphThresholds,
  firstGauges,
  fieldOptions,
  succeededPlugins,
  singlestatToStat,
  graphToTimeseries,
  oldTable,
  heatmapOptions,
  textOptions,
  valueMappings,
  cellOptions,
  legendAndTooltip,
];

export function migrate(source: JsonObject): JsonObject {
  const migrated = BEFORE_PANELS.reduce((dashboard, step) => step(dashboard), markPaths(source));
  return PANELS.reduce((dashboard, step) => mapPanels(dashboard, step), migrated);
}
