/** From a value to what is shown of it: text with unit, mapped words, colour. */
import type { ColorScheme } from "../theme/series-colors";
import { colorByName, continuousColor, namedColor, paletteColor } from "./colors";
import type { FieldOptions, MappingResult, Mapping, Value } from "./types";
import { type FormatContext, type Formatted, joined, unitFormatter } from "./units";

export interface Display extends Formatted {
  /** Prefix, text and suffix together. */
  full: string;
  color: string;
  /** The value as a number, NaN when it is none. */
  number: number;
  /** Where it lies between the field's least and most, from 0 to 1. */
  share: number;
}

export interface DisplayContext extends FormatContext {
  scheme: ColorScheme;
  /** Place among the series of the panel, for colours by order. */
  index: number;
  /** What the data span, where the options set no bounds. */
  low: number;
  high: number;
  name: string;
}

/** Grey-green that says "nothing special". */
export const BASE_COLOR = "green";

export type Displayer = (value: Value) => Display;

export function displayer(options: FieldOptions, type: string, context: DisplayContext): Displayer {
  // A unit meant for the other columns says nothing about times.
  const asTime = type === "time" && !/^(?:dateTime|time:)/.test(options.unit ?? "");
  const format = unitFormatter(asTime ? "dateTimeAsIso" : options.unit, context);
  const low = options.min ?? context.low;
  const high = options.max ?? context.high;
  return (value) => {
    const number = toNumber(value);
    const share = high > low ? Math.min(1, Math.max(0, (number - low) / (high - low))) : 0;
    const mapped = mappingFor(options.mappings, value, number);
    const formatted = mapped?.text === undefined ? render(value, number) : words(mapped.text);
    return {
      ...formatted,
      full: joined(formatted),
      color:
        mapped?.color === undefined
          ? colorFor(options, number, share, context)
          : namedColor(mapped.color, context.scheme),
      number,
      share,
    };
  };

  function render(value: Value, number: number): Formatted {
    const isNothing = value === null || value === undefined || Number.isNaN(value);
    if (isNothing) return words(options.noValue ?? "–");
    if (typeof value === "boolean") return words(String(value));
    // Words stay words, even those that look like numbers: a port is not a count of bytes.
    if (typeof value === "string") return words(value);
    return format(number, options.decimals);
  }
}

function words(text: string): Formatted {
  return { prefix: "", text, suffix: "" };
}

export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
}

export function mappingFor(
  mappings: readonly Mapping[],
  value: Value,
  number: number,
): MappingResult | undefined {
  for (const mapping of mappings) {
    switch (mapping.type) {
      case "value": {
        const found = mapping.results.get(String(value));
        if (found) return found;
        break;
      }
      case "range":
        if (number >= mapping.from && number <= mapping.to) return mapping.result;
        break;
      case "regex": {
        const match = mapping.pattern.exec(String(value));
        if (match) {
          const text = mapping.result.text?.replace(/\$(\d)/g, (_, n: string) => match[+n] ?? "");
          return { ...mapping.result, text };
        }
        break;
      }
      case "special":
        if (isSpecial(mapping.match, value, number)) return mapping.result;
    }
  }
  return undefined;
}

function isSpecial(match: string, value: Value, number: number): boolean {
  const isNull = value === null || value === undefined;
  const isNaNumber = typeof value === "number" && Number.isNaN(number);
  switch (match) {
    // A sample that is missing reads as NaN here.
    case "null":
      return isNull || isNaNumber;
    case "nan":
      return isNaNumber;
    case "null+nan":
    case "null+NaN":
      return isNull || isNaNumber;
    case "true":
      return value === true;
    case "false":
      return value === false;
    case "empty":
      return value === "";
    default:
      return false;
  }
}

export function thresholdColor(options: FieldOptions, number: number, share: number): string {
  const { mode, steps } = options.thresholds;
  const at = mode === "percentage" ? share * 100 : number;
  let color = steps[0]?.color ?? BASE_COLOR;
  for (const step of steps) if (at >= step.value) color = step.color;
  return color;
}

function colorFor(
  options: FieldOptions,
  number: number,
  share: number,
  { scheme, index, name }: DisplayContext,
): string {
  const { mode, fixed } = options.color;
  switch (mode) {
    case "thresholds":
    case "":
      return namedColor(thresholdColor(options, number, share), scheme);
    case "fixed":
    case "shades":
      return namedColor(fixed ?? "text", scheme);
    case "palette-classic":
      return paletteColor(index, scheme);
    case "palette-classic-by-name":
      return colorByName(name, scheme);
    default:
      return continuousColor(mode, share, scheme) ?? paletteColor(index, scheme);
  }
}
