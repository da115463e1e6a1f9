/** Tables of answers, and how a dashboard wants their fields shown. */
import type { HistogramValue, LabelSet } from "../api/query";
import type { Json, JsonObject } from "../lib/json";

export type FieldType = "time" | "number" | "string" | "boolean" | "other";

export type Value = number | string | boolean | null | undefined;

export type Values = readonly Value[] | Float64Array;

/** A column. Numbers absent from a series are NaN; times are in milliseconds. */
export interface Field {
  name: string;
  type: FieldType;
  values: Values;
  labels?: LabelSet | undefined;
  /** What the query calls the series, when it says so. */
  legend?: string | undefined;
  /** Options that the data source or a transformation set; overrides go over them. */
  config?: JsonObject | undefined;
  /** Native histograms stand beside the values that draw them as lines. */
  histograms?: (HistogramValue | undefined)[] | undefined;
}

export interface Frame {
  refId: string;
  name?: string | undefined;
  fields: Field[];
  length: number;
  /** How the fields belong together; series of a range query have one value field a frame. */
  kind: "series" | "table" | "heatmap";
}

export interface FieldConfig {
  /** As in the JSON; `field-config.ts` reads them once overrides are applied. */
  defaults: JsonObject;
  overrides: Override[];
}

export interface Override {
  matcher: { id: string; options: Json | undefined };
  properties: { id: string; value: Json | undefined }[];
}

export interface Transformation {
  id: string;
  options: JsonObject;
  /** Applies to the frames of one query only. */
  refId: string | undefined;
}

/** What a field's options say, read and checked. */
export interface FieldOptions {
  displayName: string | undefined;
  unit: string | undefined;
  decimals: number | undefined;
  min: number | undefined;
  max: number | undefined;
  noValue: string | undefined;
  color: { mode: string; fixed: string | undefined; seriesBy: "last" | "min" | "max" };
  thresholds: Thresholds;
  mappings: Mapping[];
  links: { title: string; url: string; newTab: boolean }[];
  custom: JsonObject;
}

export interface Thresholds {
  mode: "absolute" | "percentage";
  /** Ascending; the first reaches down to −Infinity. */
  steps: { value: number; color: string }[];
}

export interface MappingResult {
  text: string | undefined;
  color: string | undefined;
}

export type Mapping =
  | { type: "value"; results: Map<string, MappingResult> }
  | { type: "range"; from: number; to: number; result: MappingResult }
  | { type: "regex"; pattern: RegExp; result: MappingResult }
  | { type: "special"; match: string; result: MappingResult };
