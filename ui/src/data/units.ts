/**
 * Numbers in the units of dashboards, by the ids that Grafana gives them: `bytes`, `reqps`,
 * `percentunit`, `currencyEUR`, `suffix:apples`. A value comes apart, so that its unit can be small.
 */
import { formatTime, type TimeZone } from "../lib/timerange";
import { clockText, durationText, timePattern } from "./unit-times";
import { type Scale, unitTable } from "./unit-table";

export interface Formatted {
  prefix: string;
  text: string;
  suffix: string;
}

export interface FormatContext {
  zone: TimeZone;
  nowMs: number;
}

/** Formats a value; without `decimals` about three digits are significant. */
export type Formatter = (value: number, decimals?: number) => Formatted;

const DIGITS = 3;

export function unitFormatter(unit: string | undefined, context?: FormatContext): Formatter {
  const inner = rawFormatter(unit ?? "", context ?? { zone: "local", nowMs: Date.now() });
  return (value, decimals) => {
    if (Number.isNaN(value)) return plain("–");
    if (!Number.isFinite(value)) return plain(value > 0 ? "+Inf" : "−Inf");
    return inner(value, decimals);
  };
}

export function formatUnit(value: number, unit: string | undefined, decimals?: number): string {
  return joined(unitFormatter(unit)(value, decimals));
}

export function joined({ prefix, text, suffix }: Formatted): string {
  return prefix + text + suffix;
}

/** Whether grid lines fall on powers of two. */
export function isBinary(unit: string | undefined): boolean {
  const spec = unitTable.get(unit ?? "");
  return spec?.kind === "scale" && spec.steps[1]?.[0] === 1024;
}

function rawFormatter(unit: string, context: FormatContext): Formatter {
  const custom = /^(suffix|prefix|si|count|currency|time|bool|string):(.*)$/s.exec(unit);
  if (custom) return customFormatter(custom[1] ?? "", custom[2] ?? "", context);
  const spec = unitTable.get(unit);
  // An unknown id is what its author wants to see behind the number.
  if (!spec) return unit === "" ? number : withSuffix(` ${unit}`);
  switch (spec.kind) {
    case "scale":
      return (value, decimals) => scaled(value, spec, decimals);
    case "suffix":
      return withSuffix(spec.suffix, spec.factor ?? 1);
    case "bool":
      return (value) => plain(value === 0 ? spec.no : spec.yes);
    case "special":
      return specialFormatter(spec.name, context);
  }
}

function customFormatter(kind: string, rest: string, context: FormatContext): Formatter {
  switch (kind) {
    case "suffix":
      return withSuffix(/^[\s%]/.test(rest) ? rest : ` ${rest}`);
    case "prefix":
      return (value, decimals) => ({ ...number(value, decimals), prefix: rest });
    case "currency":
      return (value, decimals) => ({
        ...scaled(value, SHORT, decimals),
        prefix: rest.replace(/^(financial:)?/, ""),
      });
    case "count":
      return (value, decimals) => appended(scaled(value, SHORT, decimals), ` ${rest}`);
    case "si": {
      // `si:mF` counts in thousandths.
      const [, lead = "", name = rest] = /^([afpnumkMGTPE])(?=.)(.+)$/.exec(rest) ?? [];
      const factor = { n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9 }[lead] ?? 1;
      return (value, decimals) => scaled(value * factor, si(factor === 1 ? rest : name), decimals);
    }
    case "time":
      return (value) => plain(timePattern(value, rest.trim(), context.zone));
    case "bool": {
      const [yes = "true", no = "false"] = rest.split("/");
      return (value) => plain(value === 0 ? no : yes);
    }
    default:
      return (value) => plain(String(value));
  }
}

function specialFormatter(name: string, { zone, nowMs }: FormatContext): Formatter {
  switch (name) {
    case "dateTimeAsIso":
    case "dateTimeAsLocal":
    case "dateTimeAsSystem":
      return (value) => plain(formatTime(value, zone));
    case "dateTimeAsIsoNoDateIfToday":
      return (value) => {
        const [date, clock] = formatTime(value, zone).split(" ");
        const isToday = formatTime(nowMs, zone).startsWith(date ?? "");
        return plain(isToday ? (clock ?? "") : formatTime(value, zone));
      };
    case "dateTimeAsUS":
      return (value) => plain(timePattern(value, "MM/DD/YYYY h:mm:ss a", zone));
    case "dateTimeFromNow":
      return (value) => {
        const seconds = (nowMs - value) / 1000;
        const age = durationText(Math.abs(seconds), 1);
        return plain(seconds >= 0 ? `${age} ago` : `in ${age}`);
      };
    case "dtdurationms":
      return (value) => plain(durationText(value / 1000));
    case "dtdurations":
      return (value) => plain(durationText(value));
    case "dthms":
    case "clocks":
      return (value) => plain(clockText(value));
    case "clockms":
      return (value) => plain(clockText(value / 1000));
    case "dtdhms":
      return (value) => plain(clockText(value, true));
    case "timeticks":
      return (value) => plain(durationText(value / 100));
    case "locale":
      return (value, decimals) =>
        plain(
          value.toLocaleString(
            "en-US",
            decimals === undefined
              ? { maximumFractionDigits: 3 }
              : { minimumFractionDigits: decimals, maximumFractionDigits: decimals },
          ),
        );
    case "hex":
      return (value) => plain(Math.round(value).toString(16).toUpperCase());
    case "hex0x":
      return (value) => plain(`0x${Math.round(value).toString(16).toUpperCase()}`);
    case "sci":
      return (value, decimals) => plain(value.toExponential(decimals ?? 2));
    default:
      return (value) => plain(String(value));
  }
}

const SHORT: Scale = unitTable.get("short") as Scale;

export function si(name: string): Scale {
  const steps: [number, string][] = [
    [1e-9, ` n${name}`],
    [1e-6, ` µ${name}`],
    [1e-3, ` m${name}`],
    [1, ` ${name}`],
    [1e3, ` k${name}`],
    [1e6, ` M${name}`],
    [1e9, ` G${name}`],
    [1e12, ` T${name}`],
  ];
  return { kind: "scale", steps };
}

/** In the largest step that the value fills; smaller than all, in the smallest. */
function scaled(value: number, { steps, prefix, unit = 1 }: Scale, decimals?: number): Formatted {
  const size = Math.abs(value * unit);
  const least = steps[0] ?? [1, ""];
  let chosen = size === 0 ? (steps.find(([factor]) => factor === unit) ?? least) : least;
  if (size > 0) for (const step of steps) if (size >= step[0] * 0.9995) chosen = step;
  return {
    prefix: prefix ?? "",
    text: digits((value * unit) / chosen[0], decimals),
    suffix: chosen[1],
  };
}

const number: Formatter = (value, decimals) => plain(digits(value, decimals));

function withSuffix(suffix: string, factor = 1): Formatter {
  return (value, decimals) => ({ prefix: "", text: digits(value * factor, decimals), suffix });
}

function appended(formatted: Formatted, suffix: string): Formatted {
  return { ...formatted, suffix: formatted.suffix + suffix };
}

function plain(text: string): Formatted {
  return { prefix: "", text, suffix: "" };
}

/** Whole numbers stay whole; others keep about three digits. */
function digits(value: number, decimals?: number): string {
  if (decimals !== undefined) return withMinus(value.toFixed(Math.min(Math.max(decimals, 0), 12)));
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-6 || size >= 1e15) return withMinus(value.toExponential(2));
  if (Number.isInteger(value)) return withMinus(String(value));
  const places = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(size)));
  const text = value.toFixed(Math.min(places, 10));
  return withMinus(text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

/** A true minus sign is as wide as a digit. */
function withMinus(text: string): string {
  return text.replace("-", "−");
}
