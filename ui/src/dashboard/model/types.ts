/**
 * A dashboard as the UI works with it. It is read from Grafana's JSON once all migrations ran;
 * what the UI does not know stays in `document`, so a save loses nothing.
 */
import type { TimeRange } from "../../lib/timerange";
import type { FieldConfig, Transformation } from "../../data/types";
import type { JsonObject } from "../../lib/json";

export interface Dashboard {
  uid: string | undefined;
  title: string;
  description: string;
  tags: string[];
  time: TimeRange;
  /** As written: `10s`; empty when the dashboard does not refresh. */
  refresh: string;
  timezone: string;
  /** Whether a crosshair, or crosshair and tooltip, show on all graphs at once. */
  sharedCursor: "none" | "crosshair" | "tooltip";
  panels: Panel[];
  variables: Variable[];
  annotations: AnnotationQuery[];
  links: DashboardLink[];
  /** What a dashboard shared in public asks of those who import it. */
  inputs: DashboardInput[];
  issues: Issue[];
  /** After all migrations; what an edit changes. */
  document: JsonObject;
  /** As it came, without its wrapper. */
  source: JsonObject;
}

/** In columns (24 across) and rows of the grid. */
export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  transparent: boolean;
  grid: GridPos;
  targets: Target[];
  datasource: DatasourceRef | undefined;
  fieldConfig: FieldConfig;
  options: JsonObject;
  transformations: Transformation[];
  repeat: Repeat | undefined;
  links: DashboardLink[];
  /** The least step, as written: `1m` or `>1m`. */
  interval: string | undefined;
  maxDataPoints: number | undefined;
  /** Overrides of the dashboard's time: a length (`2h`), and how far back. */
  timeFrom: string | undefined;
  timeShift: string | undefined;
  /** Rows only. */
  collapsed: boolean;
  /** What a collapsed row hides. */
  panels: Panel[];
  /** Where it is in the JSON that came: `$.panels[3]`. */
  path: string;
  json: JsonObject;
}

export interface Repeat {
  variable: string;
  direction: "h" | "v";
  perRowMax: number;
}

export interface DatasourceRef {
  /** `prometheus` when it cannot be told. */
  type: string;
  uid: string | undefined;
}

export interface Target {
  refId: string;
  expr: string;
  legend: string;
  format: "time_series" | "table" | "heatmap";
  /** Asked at the end of the range, over it, or both. */
  kind: "instant" | "range" | "both";
  interval: string | undefined;
  intervalFactor: number;
  hidden: boolean;
  datasource: DatasourceRef | undefined;
  /** Server-side expressions (`math`, `reduce`) and queries of other languages. */
  unsupported: string | undefined;
}

export interface VariableOption {
  text: string;
  value: string;
}

interface VariableBase {
  name: string;
  label: string;
  description: string;
  hide: "none" | "label" | "all";
  /** What was chosen when the dashboard was saved. */
  saved: string[];
  multi: boolean;
  includeAll: boolean;
  /** What "All" stands for instead of every value. */
  allValue: string | undefined;
  /** A regular expression that picks and rewrites values, as `/…/` or plain. */
  regex: string;
  sort: number;
  path: string;
}

export type Variable = VariableBase &
  (
    | { type: "query"; query: string; refreshOnTime: boolean }
    | { type: "custom"; options: VariableOption[] }
    | { type: "constant"; value: string }
    | { type: "textbox"; value: string }
    | { type: "interval"; options: VariableOption[]; auto: AutoInterval | undefined }
    | { type: "datasource"; pluginType: string }
    | { type: "adhoc"; filters: AdhocFilter[] }
    | { type: "unsupported"; was: string; options: VariableOption[] }
  );

export interface AutoInterval {
  count: number;
  /** As written: `10s`. */
  least: string;
}

export interface AdhocFilter {
  key: string;
  operator: string;
  value: string;
}

interface AnnotationBase {
  name: string;
  enabled: boolean;
  hidden: boolean;
  color: string;
}

/** Annotations that PromQL finds. */
export interface PromqlAnnotations extends AnnotationBase {
  source: "promql";
  expr: string;
  step: string;
  titleFormat: string;
  textFormat: string;
  tagKeys: string[];
  /** The series' value is the time, in ms. */
  valueForTime: boolean;
}

/** Annotations that people made: on this dashboard, or anywhere with these tags. */
export interface NoteAnnotations extends AnnotationBase {
  source: "notes";
  tags: string[];
  matchAny: boolean;
}

export type AnnotationQuery = PromqlAnnotations | NoteAnnotations;

export interface DashboardLink {
  title: string;
  url: string;
  /** Links to all dashboards with these tags. */
  tags: string[];
  newTab: boolean;
  keepTime: boolean;
  keepVariables: boolean;
}

export interface DashboardInput {
  name: string;
  type: "datasource" | "constant";
  label: string;
  value: string;
}

/** Something in the JSON that this UI does not do. */
export interface Issue {
  path: string;
  feature: string;
}
