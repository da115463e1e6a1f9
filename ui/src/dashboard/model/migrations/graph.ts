/** The `graph` panel of old becomes `timeseries`, `barchart` or `histogram`. */
import { own } from "../../../lib/own";
import {
  arr,
  bool,
  defined,
  isObject,
  type JsonObject,
  num,
  obj,
  objs,
  str,
  without,
  filled,
} from "../../../lib/json";

/** Keys of the old panel that the new one says elsewhere. */
const OLD_KEYS = (
  "aliasColors bars dashes dashLength spaceLength fill fillGradient lines linewidth nullPointMode " +
  "percentage pointradius points renderer seriesOverrides stack steppedLine thresholds " +
  "timeRegions tooltip xaxis yaxes yaxis legend decimals hiddenSeries"
).split(" ");

export function graphToTimeseries(panel: JsonObject): JsonObject {
  if (panel.type !== "graph") return panel;
  const mode = str(obj(panel.xaxis).mode, "time");
  const type = { series: "barchart", histogram: "histogram" }[mode] ?? "timeseries";
  const [left = {}, right = {}] = objs(panel.yaxes);
  const overrides = [...colorOverrides(panel), ...seriesOverrides(panel, right)];
  const rest = without(panel, ...OLD_KEYS);
  return {
    ...rest,
    type,
    fieldConfig: {
      defaults: defined({
        color: { mode: "palette-classic" },
        ...axisConfig(left),
        decimals: num(panel.decimals) ?? num(left.decimals),
        ...thresholds(panel),
        ...obj(obj(panel.fieldConfig).defaults),
        custom: {
          ...drawing(panel),
          ...axisCustom(left),
          ...thresholdStyle(panel),
          ...obj(obj(obj(panel.fieldConfig).defaults).custom),
        },
      }),
      overrides: [...overrides, ...arr(obj(panel.fieldConfig).overrides)],
    },
    options: { ...legendOptions(panel), ...tooltipOptions(panel), ...obj(panel.options) },
    ...(mode === "series" && !Array.isArray(panel.transformations)
      ? { transformations: [{ id: "reduce", options: { reducers: xaxisCalcs(panel) } }] }
      : {}),
  };
}

function drawing(panel: JsonObject): JsonObject {
  const lines = bool(panel.lines, true);
  const bars = bool(panel.bars);
  const points = bool(panel.points);
  const stacked = bool(panel.stack);
  return defined({
    drawStyle: bars ? "bars" : lines ? "line" : "points",
    lineInterpolation: bool(panel.steppedLine) ? "stepAfter" : "linear",
    lineWidth: bars ? 0 : num(panel.linewidth, 1),
    // The old panel drew bars full, and counted the fill of areas to ten.
    fillOpacity: bars ? 100 : num(panel.fill, 1) * 10,
    gradientMode: num(panel.fillGradient, 0) > 0 ? "opacity" : "none",
    showPoints: points ? "always" : "never",
    pointSize: points ? num(panel.pointradius, 2) * 2 : undefined,
    spanNulls: panel.nullPointMode === "connected",
    insertNulls: undefined,
    lineStyle: bool(panel.dashes)
      ? { fill: "dash", dash: [num(panel.dashLength, 10), num(panel.spaceLength, 10)] }
      : undefined,
    stacking: stacked
      ? { mode: bool(panel.percentage) ? "percent" : "normal", group: "A" }
      : { mode: "none", group: "A" },
  });
}

function axisConfig(axis: JsonObject): JsonObject {
  return defined({
    unit: str(axis.format),
    min: num(axis.min),
    max: num(axis.max),
  });
}

function axisCustom(axis: JsonObject): JsonObject {
  const base = num(axis.logBase, 1);
  return defined({
    axisLabel: filled(axis.label),
    axisPlacement: axis.show === false ? "hidden" : undefined,
    scaleDistribution: base > 1 ? { type: "log", log: base } : undefined,
  });
}

function colorOverrides(panel: JsonObject): JsonObject[] {
  return Object.entries(obj(panel.aliasColors)).flatMap(([name, color]) =>
    typeof color === "string"
      ? [override(name, [{ id: "color", value: { mode: "fixed", fixedColor: color } }])]
      : [],
  );
}

function seriesOverrides(panel: JsonObject, right: JsonObject): JsonObject[] {
  return objs(panel.seriesOverrides).flatMap((old) => {
    const alias = str(old.alias);
    if (alias === undefined) return [];
    const properties: JsonObject[] = [];
    const set = (id: string, value: unknown) => {
      if (value !== undefined) properties.push({ id, value: value as JsonObject });
    };
    if (old.yaxis === 2) {
      set("custom.axisPlacement", right.show === false ? "hidden" : "right");
      for (const [key, value] of Object.entries(axisConfig(right))) set(key, value);
      for (const [key, value] of Object.entries(axisCustom(right))) set(`custom.${key}`, value);
    }
    if (old.transform === "negative-Y") set("custom.transform", "negative-Y");
    if (typeof old.color === "string") set("color", { mode: "fixed", fixedColor: old.color });
    if (num(old.fill) !== undefined) set("custom.fillOpacity", num(old.fill, 0) * 10);
    if (num(old.linewidth) !== undefined) set("custom.lineWidth", num(old.linewidth));
    if (old.lines === false) set("custom.lineWidth", 0);
    if (old.bars === true) set("custom.drawStyle", "bars");
    if (old.points === true) set("custom.showPoints", "always");
    if (old.steppedLine === true) set("custom.lineInterpolation", "stepAfter");
    if (old.dashes === true) set("custom.lineStyle", { fill: "dash", dash: [10, 10] });
    if (old.stack === false) set("custom.stacking", { mode: "none", group: "A" });
    if (old.stack === true) set("custom.stacking", { mode: "normal", group: "A" });
    if (typeof old.stack === "string") set("custom.stacking", { mode: "normal", group: old.stack });
    if (old.legend === false) set("custom.hideFrom", { legend: true, tooltip: false, viz: false });
    if (typeof old.fillBelowTo === "string") set("custom.fillBelowTo", old.fillBelowTo);
    return properties.length > 0 ? [override(alias, properties)] : [];
  });
}

/** An alias in slashes is a regular expression. */
function override(alias: string, properties: JsonObject[]): JsonObject {
  const isRegex = /^\/.*\/[a-z]*$/.test(alias);
  return { matcher: { id: isRegex ? "byRegexp" : "byName", options: alias }, properties };
}

function thresholds(panel: JsonObject): JsonObject {
  const old = objs(panel.thresholds);
  if (old.length === 0) return {};
  const sorted = old
    .map((one) => ({ one, value: num(one.value) }))
    .filter((entry): entry is { one: JsonObject; value: number } => entry.value !== undefined)
    .sort((a, b) => a.value - b.value);
  const below = sorted.every(({ one }) => one.op === "lt");
  const colors = sorted.map(({ one }) => thresholdColor(one));
  const steps: JsonObject[] = below
    ? [
        { value: null, color: colors[0] ?? "red" },
        ...sorted.map(({ value }, i) => ({ value, color: colors[i + 1] ?? "transparent" })),
      ]
    : [
        { value: null, color: "transparent" },
        ...sorted.map(({ value }, i) => ({ value, color: colors[i] ?? "red" })),
      ];
  return { thresholds: { mode: "absolute", steps } };
}

function thresholdColor(threshold: JsonObject): string {
  const named = { critical: "red", warning: "orange", ok: "green" }[str(threshold.colorMode, "")];
  return named ?? str(threshold.lineColor) ?? str(threshold.fillColor) ?? "red";
}

function thresholdStyle(panel: JsonObject): JsonObject {
  const old = objs(panel.thresholds);
  if (old.length === 0) return {};
  const fill = old.some((one) => one.fill === true);
  const line = old.some((one) => one.line !== false);
  return { thresholdsStyle: { mode: fill && line ? "line+area" : fill ? "area" : "line" } };
}

/** The old legend's columns, as today's calculations. */
const LEGEND_CALCS: Record<string, string> = {
  min: "min",
  max: "max",
  avg: "mean",
  current: "lastNotNull",
  total: "sum",
};

function legendOptions(panel: JsonObject): JsonObject {
  const legend = obj(panel.legend);
  const values = bool(legend.values);
  const calcs = Object.entries(LEGEND_CALCS)
    .filter(([old]) => values && bool(legend[old]))
    .map(([, calc]) => calc);
  return {
    legend: defined({
      showLegend: bool(legend.show, true),
      displayMode: bool(legend.alignAsTable) ? "table" : "list",
      placement: bool(legend.rightSide) ? "right" : "bottom",
      calcs,
      sortBy: str(legend.sort) ? sortColumn(str(legend.sort, "")) : undefined,
      sortDesc: str(legend.sort) ? bool(legend.sortDesc) : undefined,
    }),
  };
}

function sortColumn(old: string): string {
  const names: Record<string, string> = {
    min: "Min",
    max: "Max",
    avg: "Mean",
    current: "Last *",
    total: "Total",
  };
  return names[old] ?? "Name";
}

function tooltipOptions(panel: JsonObject): JsonObject {
  const tooltip = panel.tooltip;
  if (!isObject(tooltip)) return { tooltip: { mode: "multi", sort: "none" } };
  const sort = { 1: "asc", 2: "desc" }[num(tooltip.sort, 0)] ?? "none";
  return { tooltip: { mode: bool(tooltip.shared, true) ? "multi" : "single", sort } };
}

function xaxisCalcs(panel: JsonObject): string[] {
  const [value] = arr(obj(panel.xaxis).values);
  const known: Record<string, string> = { ...LEGEND_CALCS, count: "count" };
  return [own(known, str(value, "total")) ?? "sum"];
}
