/** What the panel editor offers for each transformation: its name and its controls. */
import { transformationIds } from "../../../data/transform/ids";
import type { Control } from "./controls";

export interface TransformationForm {
  label: string;
  /** Paths are below the options. */
  controls: readonly Control[];
}

const REDUCERS = ["lastNotNull", "firstNotNull", "min", "max", "mean", "median", "sum", "count"];

const forms: Record<string, TransformationForm> = {
  organize: { label: "Hide, order and rename fields", controls: [] },
  filterFieldsByName: {
    label: "Keep fields by name",
    controls: [
      { path: "include.pattern", label: "Keep names like", kind: "text" },
      { path: "exclude.pattern", label: "Drop names like", kind: "text" },
    ],
  },
  filterByRefId: {
    label: "Keep queries",
    controls: [{ path: "include", label: "Queries, such as A|B", kind: "text" }],
  },
  renameByRegex: {
    label: "Rename by pattern",
    controls: [
      { path: "regex", label: "Pattern", kind: "text" },
      { path: "renamePattern", label: "Replacement, such as $1", kind: "text" },
    ],
  },
  reduce: {
    label: "Reduce to one value a series",
    controls: [
      { path: "reducers", label: "Calculations", kind: "many", choices: REDUCERS },
      {
        path: "mode",
        label: "Result",
        kind: "select",
        choices: [
          ["seriesToRows", "A row for each series"],
          ["reduceFields", "The same fields"],
        ],
        fallback: "seriesToRows",
      },
      { path: "labelsToFields", label: "Labels as columns", kind: "switch" },
    ],
  },
  sortBy: { label: "Sort", controls: [] },
  limit: {
    label: "Limit",
    controls: [{ path: "limitField", label: "Rows", kind: "number" }],
  },
  joinByField: {
    label: "Join by a field",
    controls: [
      { path: "byField", label: "Field", kind: "text" },
      {
        path: "mode",
        label: "Rows",
        kind: "select",
        choices: [
          ["outer", "All"],
          ["inner", "Those of all"],
        ],
        fallback: "outer",
      },
    ],
  },
  calculateField: {
    label: "Add a calculated field",
    controls: [
      {
        path: "mode",
        label: "How",
        kind: "select",
        choices: [
          ["reduceRow", "Of each row"],
          ["binary", "Of two fields"],
        ],
        fallback: "reduceRow",
      },
      {
        path: "reduce.reducer",
        label: "Calculation of the row",
        kind: "select",
        choices: REDUCERS,
      },
      { path: "binary.left", label: "Left", kind: "text" },
      {
        path: "binary.operator",
        label: "Operator",
        kind: "select",
        choices: ["+", "-", "*", "/"],
        fallback: "+",
      },
      { path: "binary.right", label: "Right", kind: "text" },
      { path: "alias", label: "Name", kind: "text" },
      { path: "replaceFields", label: "Instead of the others", kind: "switch" },
    ],
  },
  labelsToFields: {
    label: "Labels to fields",
    controls: [
      {
        path: "mode",
        label: "Labels as",
        kind: "select",
        choices: ["columns", "rows"],
        fallback: "columns",
      },
      { path: "valueLabel", label: "Name of the value from label", kind: "text" },
    ],
  },
  groupBy: { label: "Group", controls: [] },
  merge: { label: "Merge tables", controls: [] },
  concatenate: { label: "Side by side", controls: [] },
  seriesToRows: { label: "Series to rows", controls: [] },
  timeSeriesTable: { label: "Series to a table with sparklines", controls: [] },
  transpose: { label: "Swap rows and columns", controls: [] },
};

/** Without controls of their own, and with options: edited as JSON. */
export const AS_JSON: ReadonlySet<string> = new Set(
  [...transformationIds].filter((id) => !Object.hasOwn(forms, id)),
);

export function formOf(id: string): TransformationForm {
  return (Object.hasOwn(forms, id) ? forms[id] : undefined) ?? { label: id, controls: [] };
}

export function offeredTransformations(): { value: string; label: string }[] {
  return [...transformationIds]
    .filter((id) => id !== "noop" && id !== "seriesToColumns")
    .map((id) => ({ value: id, label: formOf(id).label }))
    .sort((a, b) => a.label.localeCompare(b.label));
}
