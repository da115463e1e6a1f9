/** The old graph's axes and thresholds, whose keys changed twice before the panel went. */
import { defined, isObject, type JsonObject, num, obj, objs, without } from "../../../lib/json";

/** `y_formats` and `grid.leftMin` became the pair `yaxes`. */
export function axesOfFirstGraphs(panel: JsonObject): JsonObject {
  if (panel.type !== "graph" || Array.isArray(panel.yaxes)) return panel;
  const grid = obj(panel.grid);
  const formats = Array.isArray(panel.y_formats) ? panel.y_formats : [];
  if (formats.length === 0 && grid.leftMin === undefined && panel.leftYAxisLabel === undefined)
    return panel;
  const axis = (side: "left" | "right", index: number) =>
    defined({
      format: formats[index] ?? "short",
      label: panel[`${side}YAxisLabel`],
      min: grid[`${side}Min`],
      max: grid[`${side}Max`],
      logBase: grid[`${side}LogBase`] ?? 1,
      show: panel["y-axis"] ?? true,
    });
  return {
    ...without(panel, "y_formats", "leftYAxisLabel", "rightYAxisLabel", "y-axis"),
    yaxes: [axis("left", 0), axis("right", 1)],
  };
}

/** Dashboards written by hand spell it `yAxes`. */
export function axesByHand(panel: JsonObject): JsonObject {
  if (!Array.isArray(panel.yAxes)) return panel;
  return { ...without(panel, "yAxes"), yaxes: panel.yaxes ?? panel.yAxes };
}

/** `grid.threshold1` and `grid.threshold2` became a list. */
export function graphThresholds(panel: JsonObject): JsonObject {
  const grid = panel.grid;
  if (panel.type !== "graph" || !isObject(grid)) return panel;
  const [first, second] = [num(grid.threshold1), num(grid.threshold2)];
  const rest = without(panel, "grid");
  if (first === undefined || objs(panel.thresholds).length > 0) return rest;
  // Two thresholds that fall are lower bounds.
  const op = second !== undefined && second < first ? "lt" : "gt";
  const threshold = (value: number, color: unknown): JsonObject => ({
    op,
    value,
    colorMode: "custom",
    fill: grid.thresholdLine !== true,
    line: grid.thresholdLine === true,
    ...(typeof color === "string" ? { fillColor: color, lineColor: color } : {}),
  });
  return {
    ...rest,
    thresholds: [
      threshold(first, grid.threshold1Color),
      ...(second === undefined ? [] : [threshold(second, grid.threshold2Color)]),
    ],
  };
}
