/** From JSON text, or any wrapper around a dashboard, to the model. */
import {
  bool,
  isObject,
  type JsonObject,
  num,
  obj,
  objs,
  str,
  strs,
  word,
  filled,
} from "../../lib/json";
import type { FieldConfig, Transformation } from "../../data/types";
import { migrate } from "./migrate";
import { pathOf } from "./migrations/panels";
import { parseTarget, readDatasource } from "./parse-target";
import { parseVariables } from "./parse-variable";
import { findIssues } from "./report";
import type {
  AnnotationQuery,
  Dashboard,
  DashboardInput,
  DashboardLink,
  GridPos,
  Panel,
} from "./types";
import { fromResource } from "./resource";

/** A text that holds no dashboard; the message says why. */
export class DashboardError extends Error {
  override name = "DashboardError";
}

export const COLUMNS = 24;
const DEFAULT_TIME = { from: "now-6h", to: "now" };
const PANEL_ROWS_MAX = 500;

export function parseDashboardText(text: string): Dashboard {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DashboardError(`This is not JSON: ${error instanceof Error ? error.message : ""}`);
  }
  return parseDashboard(value);
}

export function parseDashboard(value: unknown): Dashboard {
  const source = unwrap(value);
  const document = migrate(fromResource(source));
  const time = obj(document.time);
  const tooltip = num(document.graphTooltip, 0);
  const dashboard: Dashboard = {
    uid: filled(document.uid),
    title: filled(document.title) ?? "Untitled dashboard",
    description: str(document.description, ""),
    tags: strs(document.tags),
    time: { from: str(time.from, DEFAULT_TIME.from), to: str(time.to, DEFAULT_TIME.to) },
    refresh: str(document.refresh, ""),
    timezone: str(document.timezone, ""),
    sharedCursor: tooltip === 2 ? "tooltip" : tooltip === 1 ? "crosshair" : "none",
    panels: objs(document.panels).map(parsePanel),
    variables: parseVariables(obj(document.templating).list),
    annotations: parseAnnotations(obj(document.annotations).list),
    links: objs(document.links).map(parseLink),
    inputs: objs(document.__inputs).map(parseInput),
    issues: [],
    document,
    source,
  };
  return { ...dashboard, issues: findIssues(dashboard) };
}

/** The JSON to store or download: what came, untouched unless somebody edited it. */
export function exportDashboard(dashboard: Dashboard): JsonObject {
  return dashboard.source;
}

/** Dashboards travel bare, as resources, or in the `{"dashboard": …}` of the HTTP API. */
function unwrap(value: unknown): JsonObject {
  if (!isObject(value)) throw new DashboardError("A dashboard is a JSON object.");
  if (isObject(value.dashboard)) return unwrap(value.dashboard);
  if (isObject(value.spec)) return value;
  const looksRight = ["panels", "rows", "templating", "schemaVersion", "title", "elements"];
  if (!looksRight.some((key) => key in value)) {
    throw new DashboardError("This JSON has no panels and no title: it is no dashboard.");
  }
  return value;
}

function parsePanel(json: JsonObject): Panel {
  const datasource = readDatasource(json.datasource);
  const repeat = str(json.repeat);
  return {
    id: num(json.id, 0),
    type: str(json.type, ""),
    title: str(json.title, ""),
    description: str(json.description, ""),
    transparent: bool(json.transparent),
    grid: parseGrid(json.gridPos),
    targets: objs(json.targets).map((target, index) => parseTarget(target, index, datasource)),
    datasource,
    fieldConfig: parseFieldConfig(json.fieldConfig),
    options: obj(json.options),
    transformations: objs(json.transformations).flatMap(parseTransformation),
    repeat: repeat
      ? {
          variable: repeat,
          direction: word(json.repeatDirection, ["h", "v"], "h"),
          perRowMax: num(json.maxPerRow, 4),
        }
      : undefined,
    links: objs(json.links).map(parseLink),
    interval: filled(json.interval),
    maxDataPoints: num(json.maxDataPoints),
    timeFrom: filled(json.timeFrom),
    timeShift: filled(json.timeShift),
    collapsed: bool(json.collapsed),
    panels: objs(json.panels).map(parsePanel),
    path: pathOf(json),
    json,
  };
}

function parseGrid(value: unknown): GridPos {
  const grid = obj(value);
  const clamp = (n: number, low: number, high: number) => Math.min(Math.max(n, low), high);
  const w = clamp(Math.round(num(grid.w, 12)), 1, COLUMNS);
  return {
    w,
    x: clamp(Math.round(num(grid.x, 0)), 0, COLUMNS - w),
    y: Math.max(0, Math.round(num(grid.y, 0))),
    h: clamp(Math.round(num(grid.h, 8)), 1, PANEL_ROWS_MAX),
  };
}

function parseFieldConfig(value: unknown): FieldConfig {
  const config = obj(value);
  return {
    defaults: obj(config.defaults),
    overrides: objs(config.overrides).map((override) => ({
      matcher: { id: str(obj(override.matcher).id, ""), options: obj(override.matcher).options },
      properties: objs(override.properties).map(({ id, value }) => ({ id: str(id, ""), value })),
    })),
  };
}

function parseTransformation(json: JsonObject): Transformation[] {
  if (json.disabled === true) return [];
  const filter = obj(json.filter);
  return [
    {
      id: str(json.id, ""),
      options: obj(json.options),
      refId: filter.id === "byRefId" ? str(filter.options) : undefined,
    },
  ];
}

/** One entry asks for the notes of this dashboard; where it is missing, they are shown as well. */
function parseAnnotations(list: unknown): AnnotationQuery[] {
  const all = objs(list).flatMap(parseAnnotation);
  const hasNotes = all.some((one) => one.source === "notes" && one.tags.length === 0);
  return hasNotes ? all : [OWN_NOTES, ...all];
}

const OWN_NOTES: AnnotationQuery = {
  source: "notes",
  name: "Notes",
  enabled: true,
  hidden: true,
  color: "blue",
  tags: [],
  matchAny: false,
};

function parseAnnotation(json: JsonObject): AnnotationQuery[] {
  const target = obj(json.target);
  const base = {
    name: str(json.name, "Annotation"),
    enabled: bool(json.enable, true),
    hidden: json.hide === true,
    color: str(json.iconColor, "blue"),
  };
  const ofGrafana = readDatasource(json.datasource)?.type === "grafana";
  if (json.builtIn === 1 || ofGrafana || str(json.datasource) === "-- Grafana --") {
    const tags = target.type === "tags" || json.type === "tags" ? strs(target.tags) : [];
    const matchAny = bool(target.matchAny);
    return [{ ...base, source: "notes", tags: [...tags, ...strs(json.tags)], matchAny }];
  }
  const expr = str(json.expr) ?? str(target.expr);
  if (expr === undefined || expr === "") return [];
  return [
    {
      ...base,
      source: "promql",
      expr,
      step: str(json.step, ""),
      titleFormat: str(json.titleFormat, ""),
      textFormat: str(json.textFormat, ""),
      tagKeys: str(json.tagKeys, "")
        .split(",")
        .map((key) => key.trim())
        .filter(Boolean),
      valueForTime: json.useValueForTime === "on" || json.useValueForTime === true,
    },
  ];
}

function parseLink(json: JsonObject): DashboardLink {
  const byTags = json.type === "dashboards";
  return {
    title: str(json.title, "") || strs(json.tags).join(", "),
    url: str(json.url, "") || str(json.dashUri, ""),
    tags: byTags ? strs(json.tags) : [],
    newTab: bool(json.targetBlank),
    keepTime: bool(json.keepTime),
    keepVariables: bool(json.includeVars),
  };
}

function parseInput(json: JsonObject): DashboardInput {
  return {
    name: str(json.name, ""),
    type: word(json.type, ["datasource", "constant"], "datasource"),
    label: str(json.label, "") || str(json.name, ""),
    value: typeof json.value === "number" ? String(json.value) : str(json.value, ""),
  };
}

/** All panels, including those that collapsed rows hide. */
export function allPanels(panels: readonly Panel[]): Panel[] {
  return panels.flatMap((panel) => [panel, ...allPanels(panel.panels)]);
}
