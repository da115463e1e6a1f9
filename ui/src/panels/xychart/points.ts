/** Pairs of numbers for a scatter plot: one field along, the others up. */
import type { ShownField, ShownFrame } from "../../data/shown";
import { filled, type JsonObject, obj, objs } from "../../lib/json";

export interface PointSeries {
  key: string;
  x: ShownField;
  y: ShownField;
  points: [x: number, y: number][];
}

/** More would only be a blot. */
const POINTS_MAX = 4_000;

export function pointSeries(frames: readonly ShownFrame[], options: JsonObject): PointSeries[] {
  const [first = {}] = objs(options.series);
  const wantedX = filled(obj(options.dims).x) ?? nameIn(first.x);
  const wantedY = nameIn(first.y);
  return frames.flatMap((frame, index) => {
    const numbers = frame.fields.filter(({ type }) => type === "number");
    const x = find(numbers, wantedX) ?? numbers[0];
    if (!x) return [];
    const ys = numbers.filter((field) => field !== x);
    const chosen = wantedY === undefined ? ys : ys.filter((y) => find([y], wantedY));
    return chosen.map((y) => ({ key: `${index} ${y.title}`, x, y, points: pairs(x, y) }));
  });
}

/** A field by name, or by today's matchers. */
function nameIn(value: unknown): string | undefined {
  return filled(value) ?? filled(obj(obj(value).matcher).options);
}

function find(fields: readonly ShownField[], wanted: string | undefined): ShownField | undefined {
  return fields.find(({ name, title }) => wanted === name || wanted === title);
}

function pairs(x: ShownField, y: ShownField): [number, number][] {
  const found: [number, number][] = [];
  for (let row = 0; row < x.values.length && found.length < POINTS_MAX; row++) {
    const [a, b] = [x.values[row], y.values[row]];
    if (typeof a === "number" && typeof b === "number" && Number.isFinite(a + b))
      found.push([a, b]);
  }
  return found;
}
