/** The table of old (columns by styles, one transform) becomes today's. */
import {
  arr,
  bool,
  defined,
  type JsonObject,
  num,
  objs,
  obj,
  str,
  without,
} from "../../../lib/json";

const OLD_KEYS = ["columns", "styles", "transform", "scroll", "showHeader", "sort", "fontSize"];

export function oldTable(panel: JsonObject): JsonObject {
  const isOld =
    panel.type === "table-old" || (panel.type === "table" && Array.isArray(panel.styles));
  if (!isOld) return panel;
  const styles = objs(panel.styles);
  const general = styles.find((style) => style.pattern === "/.*/");
  const special = styles.filter((style) => style !== general);
  return {
    ...without(panel, ...OLD_KEYS),
    type: "table",
    fieldConfig: {
      defaults: { custom: { align: "auto" }, ...(general ? numberStyle(general) : {}) },
      overrides: [...special.flatMap(styleOverride), ...arr(obj(panel.fieldConfig).overrides)],
    },
    options: { showHeader: bool(panel.showHeader, true), ...sortOf(panel), ...obj(panel.options) },
    transformations: [...transformationsOf(panel), ...arr(panel.transformations)],
  };
}

/** Only tables of plain queries name their columns; an index then means nothing. */
function sortOf(panel: JsonObject): JsonObject {
  const column = objs(panel.columns)[num(obj(panel.sort).col, -1)];
  const name = str(column?.text);
  if (name === undefined) return {};
  return { sortBy: [{ displayName: name, desc: bool(obj(panel.sort).desc) }] };
}

function transformationsOf(panel: JsonObject): JsonObject[] {
  switch (panel.transform) {
    case "timeseries_to_rows":
      return [{ id: "seriesToRows", options: {} }];
    case "timeseries_to_columns":
      return [{ id: "seriesToColumns", options: { byField: "Time" } }];
    case "timeseries_aggregations": {
      const reducers = objs(panel.columns).map((column) => reducerOf(str(column.value, "avg")));
      return [{ id: "reduce", options: { reducers: reducers.length > 0 ? reducers : ["mean"] } }];
    }
    case "table":
      return [{ id: "merge", options: {} }];
    default:
      return [];
  }
}

function reducerOf(old: string): string {
  return { avg: "mean", current: "lastNotNull", total: "sum" }[old] ?? old;
}

function styleOverride(style: JsonObject): JsonObject[] {
  const pattern = str(style.pattern, "");
  const properties: JsonObject[] = [];
  const alias = str(style.alias, "");
  if (alias !== "") properties.push({ id: "displayName", value: alias });
  if (style.type === "hidden") properties.push({ id: "custom.hidden", value: true });
  if (style.type === "date") {
    const format = str(style.dateFormat, "");
    properties.push({ id: "unit", value: format ? `time: ${format}` : "dateTimeAsIso" });
  }
  if (style.type === "number") {
    for (const [id, value] of Object.entries(numberStyle(style))) {
      properties.push({ id, value: value ?? null });
    }
    const mode = { cell: "color-background", row: "color-background", value: "color-text" }[
      str(style.colorMode, "")
    ];
    if (mode) properties.push({ id: "custom.cellOptions", value: { type: mode } });
  }
  const url = str(style.linkUrl, "");
  if (bool(style.link) && url !== "") {
    const links = [
      { title: str(style.linkTooltip, ""), url, targetBlank: bool(style.linkTargetBlank) },
    ];
    properties.push({ id: "links", value: links });
  }
  if (properties.length === 0) return [];
  const isRegex = /^\/.*\/$/.test(pattern);
  return [{ matcher: { id: isRegex ? "byRegexp" : "byName", options: pattern }, properties }];
}

function numberStyle(style: JsonObject): JsonObject {
  const limits = arr(style.thresholds).map((value) => num(value));
  const colors = arr(style.colors).map((color) => str(color, "green"));
  const known = limits.filter((value): value is number => value !== undefined);
  const steps = [null, ...known].map((value, index) => ({
    value,
    color: colors[index] ?? "green",
  }));
  return defined({
    unit: style.type === "number" ? str(style.unit) : undefined,
    decimals: num(style.decimals),
    thresholds: known.length > 0 ? { mode: "absolute", steps } : undefined,
  });
}
