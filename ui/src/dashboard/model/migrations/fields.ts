/** Changes of how fields are described: mappings, thresholds, cells, legends, tooltips. */
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

/** `options.fieldOptions` held what is now `fieldConfig` and `options.reduceOptions`. */
export function fieldOptions(panel: JsonObject): JsonObject {
  const options = obj(panel.options);
  const old = options.fieldOptions;
  if (!isObject(old)) return panel;
  const defaults = obj(old.defaults);
  const thresholds = old.thresholds ?? defaults.thresholds;
  return {
    ...panel,
    options: {
      ...without(options, "fieldOptions"),
      reduceOptions: defined({ calcs: old.calcs, values: old.values, limit: old.limit }),
    },
    fieldConfig: {
      ...obj(panel.fieldConfig),
      defaults: defined({
        ...defaults,
        mappings: old.mappings ?? defaults.mappings,
        thresholds: Array.isArray(thresholds)
          ? { mode: "absolute", steps: thresholds }
          : thresholds,
        ...obj(obj(panel.fieldConfig).defaults),
      }),
      overrides: arr(obj(panel.fieldConfig).overrides ?? old.overrides ?? old.override),
    },
  };
}

/** The first gauges kept everything under `options-gauge`, flat. */
export function firstGauges(panel: JsonObject): JsonObject {
  const old = panel["options-gauge"];
  if (!isObject(old)) return panel;
  const steps = objs(old.thresholds)
    .map(({ value, color, index }) => ({
      color: color ?? "green",
      value: index === 0 ? null : (value ?? null),
    }))
    .sort((a, b) => num(a.value, -Infinity) - num(b.value, -Infinity));
  return {
    ...without(panel, "options-gauge"),
    options: {
      showThresholdLabels: old.showThresholdLabels ?? false,
      showThresholdMarkers: old.showThresholdMarkers ?? true,
      reduceOptions: { calcs: [old.stat === "current" ? "lastNotNull" : str(old.stat, "mean")] },
    },
    fieldConfig: {
      defaults: defined({
        unit: old.unit,
        decimals: old.decimals,
        min: old.minValue,
        max: old.maxValue,
        thresholds: { mode: "absolute", steps },
      }),
      overrides: [],
    },
  };
}

/** Mappings by number (1: value, 2: range) became objects by kind. */
export function valueMappings(panel: JsonObject): JsonObject {
  return mapConfigs(panel, (config) => {
    const mappings = objs(config.mappings);
    if (!mappings.some(({ type }) => typeof type === "number" || type === undefined)) return config;
    return { ...config, mappings: mappings.flatMap(upgradeMapping) };
  });
}

export function upgradeMapping(mapping: JsonObject): JsonObject[] {
  if (typeof mapping.type === "string") return [mapping];
  const result = { text: str(mapping.text, "") };
  if (mapping.type === 2 || mapping.from !== undefined) {
    const options = { from: num(mapping.from) ?? null, to: num(mapping.to) ?? null, result };
    return [{ type: "range", options }];
  }
  const value = mapping.value;
  if (value === undefined) return [];
  if (value === null || value === "null")
    return [{ type: "special", options: { match: "null", result } }];
  const key = typeof value === "object" ? JSON.stringify(value) : String(value);
  return [{ type: "value", options: { [key]: result } }];
}

/** Cells said `displayMode: "color-background"` before they had options. */
export function cellOptions(panel: JsonObject): JsonObject {
  if (panel.type !== "table") return panel;
  const known: Record<string, JsonObject> = {
    "color-background": { type: "color-background", mode: "gradient" },
    "color-background-solid": { type: "color-background", mode: "basic" },
    "gradient-gauge": { type: "gauge", mode: "gradient" },
    "lcd-gauge": { type: "gauge", mode: "lcd" },
    basic: { type: "gauge", mode: "basic" },
  };
  const upgrade = (mode: unknown): JsonObject =>
    own(known, str(mode, "auto")) ?? { type: str(mode, "auto") };
  const fieldConfig = obj(panel.fieldConfig);
  const defaults = obj(fieldConfig.defaults);
  const custom = obj(defaults.custom);
  const changedDefaults =
    custom.displayMode === undefined
      ? defaults
      : {
          ...defaults,
          custom: {
            ...without(custom, "displayMode"),
            cellOptions: custom.cellOptions ?? upgrade(custom.displayMode),
          },
        };
  const overrides = objs(fieldConfig.overrides).map((override) => ({
    ...override,
    properties: objs(override.properties).map((property) =>
      property.id === "custom.displayMode"
        ? { id: "custom.cellOptions", value: upgrade(property.value) }
        : property,
    ),
  }));
  return { ...panel, fieldConfig: { ...fieldConfig, defaults: changedDefaults, overrides } };
}

/** `legend.displayMode: "hidden"` became `showLegend`, `tooltipOptions` became `tooltip`. */
export function legendAndTooltip(panel: JsonObject): JsonObject {
  const options = obj(panel.options);
  const legend = options.legend;
  const tooltip = options.tooltipOptions;
  if (!isObject(tooltip) && !(isObject(legend) && legend.showLegend === undefined)) return panel;
  const upgraded = isObject(legend)
    ? {
        legend: {
          ...legend,
          displayMode: legend.displayMode === "hidden" ? "list" : (legend.displayMode ?? "list"),
          showLegend: legend.showLegend ?? legend.displayMode !== "hidden",
        },
      }
    : {};
  return {
    ...panel,
    options: {
      ...without(options, "tooltipOptions"),
      ...upgraded,
      ...(isObject(tooltip) ? { tooltip: options.tooltip ?? tooltip } : {}),
    },
  };
}

/** Text panels held mode and content beside their options. */
export function textOptions(panel: JsonObject): JsonObject {
  const type = panel.type === "text2" ? "text" : panel.type;
  if (type !== "text") return panel;
  const options = obj(panel.options);
  const mode = str(options.mode ?? panel.mode, "markdown");
  return {
    ...panel,
    type,
    options: {
      ...options,
      mode: mode === "text" ? "markdown" : mode,
      content: options.content ?? str(panel.content, ""),
    },
  };
}

function mapConfigs(panel: JsonObject, change: (config: JsonObject) => JsonObject): JsonObject {
  const fieldConfig = panel.fieldConfig;
  if (!isObject(fieldConfig)) return panel;
  return {
    ...panel,
    fieldConfig: {
      ...fieldConfig,
      defaults: change(obj(fieldConfig.defaults)),
      overrides: objs(fieldConfig.overrides).map((override) => ({
        ...override,
        properties: objs(override.properties).map((property) =>
          property.id === "mappings"
            ? { ...property, value: arr(change({ mappings: property.value ?? [] }).mappings) }
            : property,
        ),
      })),
    },
  };
}
