/** `singlestat` becomes `stat`, or `gauge` where it drew one. */
import { own } from "../../../lib/own";
import {
  arr,
  bool,
  defined,
  type JsonObject,
  num,
  obj,
  objs,
  str,
  without,
} from "../../../lib/json";
import { upgradeMapping } from "./fields";

const OLD_KEYS = (
  "cacheTimeout colorBackground colorPostfix colorPrefix colorValue colors decimals format gauge " +
  "mappingType mappingTypes nullPointMode nullText postfix postfixFontSize prefix prefixFontSize " +
  "rangeMaps sparkline tableColumn thresholds valueFontSize valueMaps valueName"
).split(" ");

const CALCS: Record<string, string> = {
  avg: "mean",
  current: "lastNotNull",
  total: "sum",
  name: "lastNotNull",
  first: "firstNotNull",
};

export function singlestatToStat(panel: JsonObject): JsonObject {
  if (panel.type !== "singlestat" && panel.type !== "grafana-singlestat-panel") return panel;
  const gauge = obj(panel.gauge);
  const isGauge = bool(gauge.show);
  const valueName = str(panel.valueName, "avg");
  const reduceOptions = {
    calcs: [own(CALCS, valueName) ?? valueName],
    values: false,
    fields: panel.tableColumn ? `/^${str(panel.tableColumn, "")}$/` : "",
  };
  const sparkline = bool(obj(panel.sparkline).show);
  const background = bool(panel.colorBackground);
  return {
    ...without(panel, ...OLD_KEYS),
    type: isGauge ? "gauge" : "stat",
    fieldConfig: {
      defaults: defined({
        unit: unitOf(panel),
        decimals: num(panel.decimals),
        noValue: str(panel.nullText),
        min: isGauge ? num(gauge.minValue, 0) : undefined,
        max: isGauge ? num(gauge.maxValue, 100) : undefined,
        mappings: mappingsOf(panel),
        thresholds: thresholdsOf(panel),
        color: coloured(panel) || isGauge ? { mode: "thresholds" } : undefined,
        ...obj(obj(panel.fieldConfig).defaults),
      }),
      overrides: arr(obj(panel.fieldConfig).overrides),
    },
    options: isGauge
      ? {
          reduceOptions,
          showThresholdLabels: bool(gauge.thresholdLabels),
          showThresholdMarkers: bool(gauge.thresholdMarkers, true),
        }
      : {
          reduceOptions,
          orientation: "horizontal",
          textMode: valueName === "name" ? "name" : "value",
          colorMode: background ? "background" : coloured(panel) ? "value" : "none",
          graphMode: sparkline ? "area" : "none",
          justifyMode: "auto",
        },
  };
}

function coloured(panel: JsonObject): boolean {
  return bool(panel.colorBackground) || bool(panel.colorValue);
}

/** Text after the number was common for units that Grafana did not know. */
function unitOf(panel: JsonObject): string | undefined {
  const unit = str(panel.format, "none");
  const postfix = str(panel.postfix, "").trim();
  const prefix = str(panel.prefix, "").trim();
  if (unit !== "none" && unit !== "short") return unit;
  if (postfix !== "") return `suffix:${postfix}`;
  if (prefix !== "") return `prefix:${prefix}`;
  return unit;
}

function thresholdsOf(panel: JsonObject): JsonObject {
  const values = str(panel.thresholds, "")
    .split(",")
    .map((text) => num(text.trim()))
    .filter((value): value is number => value !== undefined);
  const colors = arr(panel.colors).map((color) => str(color, "green"));
  const steps = [null, ...values].map((value, index) => ({
    value,
    color: colors[index] ?? ["green", "orange", "red"][index] ?? "red",
  }));
  return { mode: "absolute", steps };
}

function mappingsOf(panel: JsonObject): JsonObject[] | undefined {
  const byRange = panel.mappingType === 2;
  const old = byRange ? objs(panel.rangeMaps) : objs(panel.valueMaps);
  const upgraded = old.flatMap((one) => upgradeMapping({ ...one, type: byRange ? 2 : 1 }));
  return upgraded.length > 0 ? upgraded : undefined;
}
