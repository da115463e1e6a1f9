/** Frames made ready to be drawn: every field with its name, options, colour and formatter. */
import { legendNames } from "../lib/series";
import type { ColorScheme } from "../theme/series-colors";
import { type Displayer, displayer } from "./display";
import { optionsFor } from "./field-options";
import { reduceField } from "./reduce";
import type { Field, FieldConfig, FieldOptions, Frame } from "./types";
import type { FormatContext } from "./units";

export interface ShownField extends Field {
  title: string;
  options: FieldOptions;
  display: Displayer;
  /** The colour of the whole field, such as that of its line. */
  color: string;
  /** The least and the most of its scale, from options or data. */
  low: number;
  high: number;
}

export interface ShownFrame extends Omit<Frame, "fields"> {
  fields: ShownField[];
}

export interface ShowContext extends FormatContext {
  scheme: ColorScheme;
  /** Replaces `${__field.labels.x}` and dashboard variables in names. */
  interpolate: (text: string, scoped: Record<string, string>) => string;
  /** What unset colours mean: lines go by order, single values by thresholds. */
  defaultColorMode: "palette-classic" | "thresholds";
}

export function showFrames(
  frames: readonly Frame[],
  config: FieldConfig,
  context: ShowContext,
): ShownFrame[] {
  const titles = fieldTitles(frames);
  const bounds = valueBounds(frames);
  let index = 0;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const plainTitle = titles.get(field) ?? field.name;
      const options = optionsFor(config, { field, title: plainTitle, refId: frame.refId });
      const title =
        options.displayName === undefined
          ? plainTitle
          : context.interpolate(options.displayName, fieldVariables(field, plainTitle));
      const place = field.type === "number" ? index++ : 0;
      return showField(field, title, options, place, bounds, context);
    }),
  }));
}

function showField(
  field: Field,
  title: string,
  read: FieldOptions,
  index: number,
  bounds: Bounds,
  context: ShowContext,
): ShownField {
  const mode = read.color.mode === "" ? context.defaultColorMode : read.color.mode;
  const options = { ...read, color: { ...read.color, mode } };
  const low = options.min ?? bounds.low;
  const high = options.max ?? bounds.high;
  const display = displayer(options, field.type, {
    ...context,
    index,
    low,
    high,
    name: title,
  });
  return { ...field, title, options, display, low, high, color: fieldColor() };

  function fieldColor(): string {
    if (field.type !== "number") return display(null).color;
    const byValue = mode === "thresholds" || mode.startsWith("continuous");
    const reducer = options.color.seriesBy === "last" ? "lastNotNull" : options.color.seriesBy;
    return display(byValue ? reduceField(field, reducer) : 0).color;
  }
}

/** What each series is called: what the query says, else the labels in which it differs. */
function fieldTitles(frames: readonly Frame[]): Map<Field, string> {
  const titles = new Map<Field, string>();
  const labelled: Field[] = [];
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.legend !== undefined) titles.set(field, field.legend);
      else if (field.labels !== undefined && field.name === VALUE) labelled.push(field);
    }
  }
  const names = legendNames(labelled.map(({ labels }) => labels ?? {}));
  labelled.forEach((field, index) => {
    const name = names[index] ?? "";
    titles.set(field, name === "{}" || name === "" ? VALUE : name);
  });
  return titles;
}

/** The name of the value column of a series. */
export const VALUE = "Value";

interface Bounds {
  low: number;
  high: number;
}

function valueBounds(frames: readonly Frame[]): Bounds {
  let low = Infinity;
  let high = -Infinity;
  for (const { fields } of frames) {
    for (const { type, values } of fields) {
      if (type !== "number") continue;
      for (const value of values) {
        if (typeof value !== "number" || !Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return low > high ? { low: 0, high: 100 } : { low, high };
}

/** `__field.name` and its kin, for names and links. */
export function fieldVariables(field: Field, title: string): Record<string, string> {
  const scoped: Record<string, string> = {
    "__field.name": title,
    "__field.displayName": title,
    "__series.name": title,
    __series_name: title,
  };
  for (const [label, value] of Object.entries(field.labels ?? {})) {
    scoped[`__field.labels.${label}`] = value;
    scoped[`__field.labels["${label}"]`] = value;
  }
  return scoped;
}
