/** Transformations that make one value of a series. */
import { own } from "../../lib/own";
import { type JsonObject, bool, obj, str, strs } from "../../lib/json";
import { reduceField, reducerName } from "../reduce";
import type { Field, Frame } from "../types";
import { nameOf } from "./names";

/** A row for each series with a column for each reducer, or the same fields with one value each. */
export function reduceFrames(frames: Frame[], options: JsonObject): Frame[] {
  const wanted = strs(options.reducers);
  const reducers = wanted.length > 0 ? wanted : ["max"];
  return options.mode === "reduceFields"
    ? frames.map((frame) => reduceInPlace(frame, reducers, bool(options.includeTimeField)))
    : [toRows(frames, reducers, bool(options.labelsToFields))];
}

function reduceInPlace(frame: Frame, reducers: readonly string[], withTime: boolean): Frame {
  const fields = frame.fields
    .filter(({ type }) => type === "number" || (withTime && type === "time"))
    .flatMap((field) =>
      reducers.map((id): Field => {
        const name = nameOf(field);
        const title = reducers.length > 1 ? `${name} ${reducerName(id)}` : name;
        return {
          ...field,
          name: title,
          legend: field.legend === undefined ? undefined : title,
          values: [reduceField(field, id)],
        };
      }),
    );
  return { ...frame, length: 1, fields };
}

function toRows(frames: readonly Frame[], reducers: readonly string[], withLabels: boolean): Frame {
  const series = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === "number"));
  const labels = withLabels
    ? [...new Set(series.flatMap((field) => Object.keys(field.labels ?? {})))].sort()
    : [];
  return {
    refId: frames[0]?.refId ?? "",
    kind: "table",
    length: series.length,
    fields: [
      { name: "Field", type: "string", values: series.map(nameOf) },
      ...labels.map((label): Field => ({
        name: label,
        type: "string",
        values: series.map((field) => own(field.labels ?? {}, label) ?? ""),
      })),
      ...reducers.map((id): Field => ({
        name: reducerName(id),
        type: "number",
        config: series[0]?.config,
        values: series.map((field) => reduceField(field, id)),
      })),
    ],
  };
}

/** A row for each series: its labels, and what is left of it. */
export function timeSeriesTable(frames: Frame[], options: JsonObject): Frame[] {
  const queries = [...new Set(frames.map(({ refId }) => refId))];
  return queries.map((refId) => {
    const series = frames
      .filter((frame) => frame.refId === refId)
      .flatMap(({ fields }) => fields.filter(({ type }) => type === "number"));
    const labels = [...new Set(series.flatMap((field) => Object.keys(field.labels ?? {})))].sort();
    const stat = str(obj(options[refId]).stat, "lastNotNull");
    return {
      refId,
      kind: "table",
      length: series.length,
      fields: [
        ...labels.map((label): Field => ({
          name: label,
          type: "string",
          values: series.map((field) => own(field.labels ?? {}, label) ?? ""),
        })),
        {
          name: `Trend #${refId}`,
          type: "number",
          values: series.map((field) => reduceField(field, stat)),
        },
      ],
    };
  });
}
