/** The single values that stats, gauges, bars and pies show: fields reduced, or rows one by one. */
import { readRegex } from "../data/field-options";
import type { Display } from "../data/display";
import { reduceField } from "../data/reduce";
import type { ShownField, ShownFrame } from "../data/shown";
import type { Value, Values } from "../data/types";
import { bool, type JsonObject, num, obj, str, strs } from "../lib/json";

export interface SingleValue {
  key: string;
  title: string;
  value: Value;
  display: Display;
  field: ShownField;
  /** What the value was reduced from, for a sparkline. */
  history: Float64Array | undefined;
}

/** More tiles than this are no overview any more. */
export const VALUES_MAX = 200;
const ROWS_LIMIT = 25;

export function singleValues(frames: readonly ShownFrame[], options: JsonObject): SingleValue[] {
  const reduce = obj(options.reduceOptions);
  const wanted = str(reduce.fields, "");
  const found = bool(reduce.values)
    ? rowValues(frames, wanted, num(reduce.limit, ROWS_LIMIT))
    : reducedValues(frames, wanted, strs(reduce.calcs)[0] ?? "lastNotNull");
  return found.slice(0, VALUES_MAX);
}

function reducedValues(frames: readonly ShownFrame[], wanted: string, calc: string): SingleValue[] {
  return frames.flatMap((frame, frameIndex) =>
    frame.fields
      .filter((field) => isWanted(field, wanted))
      .map((field, index) => {
        const value = reduceField(field, calc);
        return {
          key: `${frameIndex} ${index} ${field.title}`,
          title: field.title,
          value,
          display: field.display(value),
          field,
          history: historyOf(field.values),
        };
      }),
  );
}

function rowValues(frames: readonly ShownFrame[], wanted: string, limit: number): SingleValue[] {
  return frames.flatMap((frame, frameIndex) => {
    const names = frame.fields.filter(({ type }) => type === "string");
    const fields = frame.fields.filter((field) => isWanted(field, wanted));
    return Array.from({ length: Math.min(frame.length, limit) }, (_, row) => {
      const name = names.map(({ values }) => String(values[row] ?? "")).join(" ");
      return fields.map((field) => {
        const value = field.values[row];
        const own = field.options.displayName !== undefined;
        const title = own || name === "" ? field.title : name;
        return {
          key: `${frameIndex} ${row} ${field.title}`,
          title: fields.length > 1 && !own ? `${title} ${field.title}`.trim() : title,
          value,
          display: field.display(value),
          field,
          history: undefined,
        };
      });
    }).flat();
  });
}

/** Numbers by default; a name or an expression picks others. */
function isWanted(field: ShownField, wanted: string): boolean {
  if (field.histograms !== undefined) return false;
  if (wanted === "") return field.type === "number" || field.type === "boolean";
  if (wanted.startsWith("/")) return readRegex(wanted)?.test(field.title) ?? false;
  return field.title === wanted || field.name === wanted;
}

function historyOf(values: Values): Float64Array | undefined {
  if (values instanceof Float64Array) return values.length > 1 ? values : undefined;
  if (values.length < 2 || typeof values[0] !== "number") return undefined;
  return Float64Array.from(values, (value) => (typeof value === "number" ? value : NaN));
}

/** How many tiles go side by side so that each is as large as can be. */
export function tileColumns(
  count: number,
  { width, height }: { width: number; height: number },
  aspect: number,
): number {
  let best = 1;
  let bestSize = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const size = Math.min(width / columns / aspect, height / rows);
    if (size > bestSize * 1.001) {
      best = columns;
      bestSize = size;
    }
  }
  return best;
}

/** The largest font in px with which a text fits. */
export function fontToFit(
  text: string,
  width: number,
  height: number,
  { least = 12, most = 72 } = {},
): number {
  const ems = Array.from(text, (letter) => (/[mwMW%@]/.test(letter) ? 0.92 : 0.64));
  const byWidth =
    width /
    Math.max(
      0.64,
      ems.reduce((sum, em) => sum + em, 0),
    );
  return Math.round(Math.min(most, Math.max(least, Math.min(byWidth, height))));
}
