/** Panels that were plugins, or had options of their own, before Grafana took them in. */
import { own } from "../../../lib/own";
import {
  arr,
  defined,
  isObject,
  type JsonObject,
  num,
  obj,
  objs,
  str,
  without,
} from "../../../lib/json";
import supported from "../../supported.json";

/** Types of plugins that have a successor which draws the same. */
const SUCCESSORS: Record<string, string> = supported.succeededPanels;

export function succeededPlugins(panel: JsonObject): JsonObject {
  const type = own(SUCCESSORS, str(panel.type, ""));
  if (type === undefined) return panel;
  return { ...panel, type, ...(type === "piechart" ? pieOptions(panel) : {}) };
}

function pieOptions(panel: JsonObject): JsonObject {
  if (panel.pieType === undefined) return {};
  const calc = { current: "lastNotNull", avg: "mean", total: "sum" }[str(panel.valueName, "")];
  const legend = obj(panel.legend);
  return {
    options: {
      pieType: str(panel.pieType, "pie"),
      reduceOptions: { calcs: [calc ?? str(panel.valueName, "lastNotNull")] },
      legend: {
        showLegend: legend.show !== false,
        displayMode: "table",
        placement: str(panel.legendType, "").startsWith("Right") ? "right" : "bottom",
        values: [
          legend.values === true ? "value" : "",
          legend.percentage === true ? "percent" : "",
        ].filter((value) => value !== ""),
      },
      ...obj(panel.options),
    },
    fieldConfig: {
      defaults: defined({ unit: str(panel.format), ...obj(obj(panel.fieldConfig).defaults) }),
      overrides: [
        ...Object.entries(obj(panel.aliasColors)).map(([name, color]) => ({
          matcher: { id: "byName", options: name },
          properties: [{ id: "color", value: { mode: "fixed", fixedColor: str(color, "green") } }],
        })),
        ...arr(obj(panel.fieldConfig).overrides),
      ],
    },
  };
}

/** The heatmap kept its axes and colours beside its options. */
export function heatmapOptions(panel: JsonObject): JsonObject {
  if (panel.type !== "heatmap" || !isObject(panel.color)) return panel;
  const { color, yAxis, dataFormat } = panel;
  const axis = obj(yAxis);
  const old = obj(color);
  return {
    ...without(panel, "color", "yAxis", "xAxis", "dataFormat", "cards", "heatmap", "yBucketBound"),
    options: {
      calculate: dataFormat !== "tsbuckets",
      color: defined({
        mode: old.mode === "opacity" ? "opacity" : "scheme",
        scheme: str(old.colorScheme, "interpolateOranges").replace("interpolate", ""),
        fill: str(old.cardColor),
        exponent: num(old.exponent),
        min: num(old.min),
        max: num(old.max),
        steps: 64,
      }),
      yAxis: defined({
        unit: str(axis.format),
        decimals: num(axis.decimals),
        min: num(axis.min),
        max: num(axis.max),
      }),
      legend: { show: obj(panel.legend).show !== false },
      ...obj(panel.options),
    },
  };
}

/** Panels made of a library's copy bring the model along when exported. */
export function libraryModels(panel: JsonObject): JsonObject {
  const model = obj(panel.libraryPanel).model;
  if (!isObject(model) || objs(panel.targets).length > 0) return panel;
  return { ...model, ...panel, type: str(model.type, str(panel.type, "")) };
}
