/** Transformations in their order; one that is not known leaves its input as it is. */
import { own } from "../../lib/own";
import type { Json, JsonObject } from "../../lib/json";
import { isObject } from "../../lib/json";
import type { Frame, Transformation } from "../types";
import { calculateField } from "./calculate";
import {
  convertFieldType,
  filterByRefId,
  filterFieldsByName,
  organize,
  renameByRegex,
} from "./fields";
import { groupBy } from "./group";
import { concatenate, joinByField, joinByLabels, merge } from "./join";
import { reduceFrames, timeSeriesTable } from "./reduce";
import { filterByValue, limit, sortBy } from "./rows";
import { groupingToMatrix, labelsToFields, rowsToFields, seriesToRows, transpose } from "./shape";

type Transform = (frames: Frame[], options: JsonObject) => Frame[];

const transforms: Record<string, Transform> = {
  calculateField,
  concatenate,
  convertFieldType,
  filterByRefId,
  filterByValue,
  filterFieldsByName,
  groupBy,
  groupingToMatrix,
  joinByField,
  joinByLabels,
  labelsToFields,
  limit,
  merge,
  noop: (frames) => frames,
  organize,
  // Series are kept one in a frame throughout.
  prepareTimeSeries: (frames) => frames,
  reduce: reduceFrames,
  renameByRegex,
  rowsToFields,
  seriesToColumns: joinByField,
  seriesToRows,
  sortBy,
  timeSeriesTable,
  transpose,
};

export function transformFrames(
  frames: Frame[],
  transformations: readonly Transformation[],
  interpolate: (text: string) => string,
): Frame[] {
  return transformations.reduce((current, { id, options, refId }) => {
    const transform = own(transforms, id);
    if (!transform) return current;
    const read = interpolated(options, interpolate);
    if (refId === undefined) return transform(current, read);
    const others = current.filter((frame) => frame.refId !== refId);
    return [
      ...transform(
        current.filter((frame) => frame.refId === refId),
        read,
      ),
      ...others,
    ];
  }, frames);
}

function interpolated(options: JsonObject, interpolate: (text: string) => string): JsonObject {
  const replace = (value: Json | undefined): Json | undefined => {
    if (typeof value === "string") return interpolate(value);
    if (Array.isArray(value)) return value.map((item) => replace(item) ?? null);
    return isObject(value) ? interpolated(value, interpolate) : value;
  };
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, replace(value)]));
}
