/** From frames to the series of a chart: times on one grid, styles, axes by unit. */
import { dashOf, hiddenFrom } from "../../data/field-options";
import { namedColor } from "../../data/colors";
import type { ShownField, ShownFrame } from "../../data/shown";
import type { FieldOptions } from "../../data/types";
import { isBinary, joined, unitFormatter } from "../../data/units";
import { num, obj, str, word } from "../../lib/json";
import type { ColorScheme } from "../../theme/series-colors";
import type { ValueAxis } from "./axes";
import { digitsFor } from "./axes";
import type { ThresholdMarks } from "./marks";
import type { PlotSeries, SeriesStyle } from "./plot-data";

export interface ChartSeries extends PlotSeries {
  field: ShownField;
  /** What overrides keep out of the legend or the tooltip. */
  inLegend: boolean;
  inTooltip: boolean;
}

export interface ChartData {
  /** Seconds since the epoch, ascending. */
  times: Float64Array;
  series: ChartSeries[];
  axes: ValueAxis[];
}

export function chartData(frames: readonly ShownFrame[]): ChartData {
  const found: { field: ShownField; times: readonly number[] | Float64Array; key: string }[] = [];
  const keys = new Map<string, number>();
  frames.forEach((frame, frameIndex) => {
    const time = frame.fields.find(({ type }) => type === "time");
    if (!time) return;
    frame.fields.forEach((field, fieldIndex) => {
      if (field.type !== "number" && field.type !== "boolean") return;
      if (field.histograms !== undefined || hiddenFrom(field.options, "viz")) return;
      const name = `${frame.refId} ${JSON.stringify(field.labels ?? frameIndex)} ${fieldIndex}`;
      // Series whose labels a transformation dropped may be hard to tell apart.
      const count = (keys.get(name) ?? 0) + 1;
      keys.set(name, count);
      const key = count === 1 ? name : `${name} ${count}`;
      found.push({ field, times: time.values as readonly number[], key });
    });
  });
  const times = unionOf(found.map(({ times }) => times));
  const axes = new Map<string, ValueAxis>();
  const series = found.map(({ field, times: own, key }) => {
    const axis = axisOf(field, axes);
    return chartSeries(field, key, axis, onGrid(field, own, times));
  });
  // A chart of nothing still shows where nothing is.
  return { times: times.map((ms) => ms / 1000), series, axes: [...axes.values()] };
}

/** Frames of one query share their times, so the union is mostly the first of them. */
function unionOf(all: readonly (readonly number[] | Float64Array)[]): Float64Array {
  const [first] = all;
  if (!first) return new Float64Array();
  if (all.every((times) => times === first || sameTimes(times, first)))
    return Float64Array.from(first);
  const union = new Set<number>();
  for (const times of all) for (const time of times) union.add(time);
  return Float64Array.from(union).sort();
}

function sameTimes(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function onGrid(field: ShownField, own: ArrayLike<number>, times: Float64Array): Float64Array {
  if (own.length === times.length && field.values instanceof Float64Array) return field.values;
  const byTime = new Map<number, number>();
  for (let i = 0; i < own.length; i++) {
    const value = field.values[i];
    const number = typeof value === "boolean" ? Number(value) : value;
    if (typeof number === "number") byTime.set(own[i] ?? NaN, number);
  }
  return times.map((time) => byTime.get(time) ?? NaN);
}

function chartSeries(
  field: ShownField,
  key: string,
  axis: ValueAxis,
  values: Float64Array,
): ChartSeries {
  const { options } = field;
  const { custom } = options;
  const stacking = obj(custom.stacking);
  const mode = str(stacking.mode, "none");
  const transform = str(custom.transform, "");
  return {
    key,
    name: field.title,
    color: field.color === "transparent" ? "rgba(128, 128, 128, 0.01)" : field.color,
    values: transform === "constant" ? constant(values) : values,
    mirrored: transform === "negative-Y",
    style: styleOf(options),
    axis: axis.key,
    stack:
      mode === "normal" || mode === "percent"
        ? { group: JSON.stringify(stacking.group ?? "A"), percent: mode === "percent" }
        : undefined,
    format: (value) => field.display(value).full,
    field,
    inLegend: !hiddenFrom(options, "legend"),
    inTooltip: !hiddenFrom(options, "tooltip"),
  };
}

function constant(values: Float64Array): Float64Array {
  const first = values.find((value) => !Number.isNaN(value)) ?? NaN;
  return values.map(() => first);
}

function styleOf(options: FieldOptions): SeriesStyle {
  const { custom } = options;
  const draw = word(custom.drawStyle, ["line", "bars", "points"], "line");
  return {
    draw,
    interpolation: word(
      custom.lineInterpolation,
      ["linear", "smooth", "stepBefore", "stepAfter"],
      "linear",
    ),
    // A line of one pixel is hard to see on screens of today.
    widthPx: num(custom.lineWidth, 1) * 1.3,
    fill: num(custom.fillOpacity, draw === "bars" ? 70 : 0) / 100,
    gradient: custom.gradientMode === "opacity" || custom.gradientMode === "hue",
    dash: dashOf(options),
    points: word(custom.showPoints, ["auto", "always", "never"], "auto"),
    pointSizePx: num(custom.pointSize, 5),
    spanGaps: custom.spanNulls === true || num(custom.spanNulls, 0) > 0,
    fillTo: str(custom.fillBelowTo),
  };
}

/** Series of one unit share an axis; the first is on the left, others go to the right. */
function axisOf(field: ShownField, axes: Map<string, ValueAxis>): ValueAxis {
  const { options } = field;
  const { custom } = options;
  const placement = str(custom.axisPlacement, "auto");
  const label = str(custom.axisLabel, "");
  const distribution = obj(custom.scaleDistribution);
  const identity = [options.unit ?? "", placement, label, str(distribution.type, "linear")];
  const key = `y ${identity.join(" ")}`;
  const style = styleOf(options);
  const isArea = style.draw === "bars" || style.fill > 0 || obj(custom.stacking).mode === "normal";
  const known = axes.get(key);
  if (known) {
    known.fromZero ||= isArea;
    known.min = least(known.min, options.min);
    known.max = most(known.max, options.max);
    known.softMin = least(known.softMin, num(custom.axisSoftMin));
    known.softMax = most(known.softMax, num(custom.axisSoftMax));
    return known;
  }
  const isFirst = axes.size === 0;
  const isPercentStack = obj(custom.stacking).mode === "percent";
  const format = unitFormatter(isPercentStack ? "percentunit" : options.unit);
  const axis: ValueAxis = {
    key,
    side: sideOf(placement, isFirst),
    label: label === "" ? undefined : label,
    format: (value, splits, increment) => {
      if (options.mappings.length > 0 && !isPercentStack) return field.display(value).full;
      const decimals = isPercentStack ? undefined : options.decimals;
      return tick(format, value, splits, increment, decimals);
    },
    binary: isBinary(options.unit),
    fromZero: isArea,
    min: isPercentStack ? 0 : options.min,
    max: isPercentStack ? 1 : options.max,
    softMin: num(custom.axisSoftMin),
    softMax: num(custom.axisSoftMax),
    log:
      distribution.type === "log" || distribution.type === "symlog"
        ? { base: distribution.log === 2 ? 2 : 10, symmetric: distribution.type === "symlog" }
        : undefined,
    showGrid: custom.axisGridShow === undefined ? isFirst : custom.axisGridShow !== false,
  };
  axes.set(key, axis);
  return axis;
}

/** Grid lines close together need more digits than values do. */
function tick(
  format: ReturnType<typeof unitFormatter>,
  value: number,
  splits: readonly number[],
  increment: number,
  decimals: number | undefined,
): string {
  const short = format(value, decimals);
  if (decimals !== undefined || digitsFor(splits, increment) <= 3) return joined(short);
  return joined(format(value, 2));
}

function sideOf(placement: string, isFirst: boolean): ValueAxis["side"] {
  if (placement === "hidden") return "hidden";
  if (placement === "left" || placement === "right") return placement;
  return isFirst ? "left" : "right";
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}

/** Thresholds are drawn for the first field that asks for it. */
export function thresholdMarks(
  series: readonly ChartSeries[],
  scheme: ColorScheme,
): ThresholdMarks | undefined {
  for (const { field, axis } of series) {
    const mode = str(obj(field.options.custom.thresholdsStyle).mode, "off");
    if (mode === "off" || axis === undefined) continue;
    const { mode: scale, steps } = field.options.thresholds;
    const at = (value: number) =>
      scale === "percentage" ? field.low + ((field.high - field.low) * value) / 100 : value;
    return {
      axis,
      line: mode.includes("line") || mode.includes("dashed"),
      dashed: mode.includes("dashed"),
      area: mode.includes("area"),
      steps: steps.map(({ value, color }) => ({
        value: at(value),
        color: namedColor(color, scheme),
      })),
    };
  }
  return undefined;
}
