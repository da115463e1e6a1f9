/** What transformations call a field: the name that people see. */
import { seriesName } from "../../lib/series";
import type { Field, Frame } from "../types";

export function nameOf({ name, legend, labels }: Field): string {
  if (legend !== undefined) return legend;
  if (labels === undefined || Object.keys(labels).length === 0) return name;
  return name === "Value" ? seriesName(labels) : name;
}

export function renamed(field: Field, name: string): Field {
  return {
    ...field,
    name,
    legend: field.legend === undefined ? undefined : name,
    labels: undefined,
  };
}

export function timeField(frame: Frame): Field | undefined {
  return frame.fields.find(({ type }) => type === "time");
}

/** The same frame with some of its rows, in the order given. */
export function pickRows(frame: Frame, rows: readonly number[]): Frame {
  return {
    ...frame,
    length: rows.length,
    fields: frame.fields.map((field) => ({
      ...field,
      values: rows.map((row) => field.values[row]),
      histograms: field.histograms && rows.map((row) => field.histograms?.[row]),
    })),
  };
}
