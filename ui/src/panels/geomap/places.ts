/** Places on the earth out of frames: by latitude and longitude, or by geohash. */
import type { ShownField, ShownFrame } from "../../data/shown";
import type { Display } from "../../data/display";
import { filled, type JsonObject, obj, objs } from "../../lib/json";

export interface Place {
  longitude: number;
  latitude: number;
  title: string;
  display: Display;
}

interface Names {
  latitude: readonly string[];
  longitude: readonly string[];
  geohash: readonly string[];
}

const AUTO: Names = {
  latitude: ["latitude", "lat"],
  longitude: ["longitude", "lon", "lng", "long"],
  geohash: ["geohash"],
};
const PLACES_MAX = 2_000;

export function placesOf(frames: readonly ShownFrame[], options: JsonObject): Place[] {
  const [layer = {}] = objs(options.layers);
  const names = namesOf(obj(layer.location));
  return frames
    .flatMap((frame) =>
      frame.kind === "table" ? fromRows(frame, names) : fromLabels(frame, names),
    )
    .slice(0, PLACES_MAX);
}

function namesOf(location: JsonObject): Names {
  const own = (key: string, auto: readonly string[]) => {
    const name = filled(location[key]);
    return name === undefined ? auto : [name];
  };
  return {
    latitude: own("latitude", AUTO.latitude),
    longitude: own("longitude", AUTO.longitude),
    geohash: own("geohash", AUTO.geohash),
  };
}

function fromRows(frame: ShownFrame, names: Names): Place[] {
  const find = (wanted: readonly string[]) =>
    frame.fields.find(({ name, title }) => wanted.includes(name) || wanted.includes(title));
  const [latitude, longitude, geohash] = [
    find(names.latitude),
    find(names.longitude),
    find(names.geohash),
  ];
  const known = new Set([latitude, longitude, geohash]);
  const value = frame.fields.find((field) => field.type === "number" && !known.has(field));
  const texts = frame.fields.filter((field) => field.type === "string" && !known.has(field));
  const shown = value ?? latitude ?? geohash;
  if (!shown) return [];
  return Array.from({ length: frame.length }, (_, row) => {
    const at = (field: ShownField | undefined) => field && String(field.values[row] ?? "");
    return placeAt(
      { latitude: at(latitude), longitude: at(longitude), geohash: at(geohash) },
      texts.map(({ values }) => String(values[row] ?? "")).join(" ") || shown.title,
      shown.display(shown.values[row]),
    );
  }).flat();
}

/** A series says in its labels where it is. */
function fromLabels(frame: ShownFrame, names: Names): Place[] {
  return frame.fields.flatMap((field) => {
    const { labels } = field;
    if (field.type !== "number" || labels === undefined) return [];
    const at = (wanted: readonly string[]) => {
      const name = wanted.find((one) => Object.hasOwn(labels, one));
      return name === undefined ? undefined : labels[name];
    };
    const position = {
      latitude: at(names.latitude),
      longitude: at(names.longitude),
      geohash: at(names.geohash),
    };
    return placeAt(position, field.title, field.display(lastNumber(field)));
  });
}

function lastNumber({ values }: ShownField): number {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (typeof value === "number" && !Number.isNaN(value)) return value;
  }
  return NaN;
}

interface Position {
  latitude: string | undefined;
  longitude: string | undefined;
  geohash: string | undefined;
}

function placeAt(position: Position, title: string, display: Display): Place[] {
  const numbers = [position.latitude, position.longitude].map((text) =>
    text === undefined || text.trim() === "" ? NaN : Number(text),
  );
  const [latitude = NaN, longitude = NaN] = numbers;
  if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
    return [{ latitude, longitude, title, display }];
  }
  const decoded = position.geohash === undefined ? undefined : decodeGeohash(position.geohash);
  return decoded ? [{ ...decoded, title, display }] : [];
}

const BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz";

/** The middle of the cell that a geohash names; undefined when it is none. */
export function decodeGeohash(text: string): { latitude: number; longitude: number } | undefined {
  const bounds = { longitude: [-180, 180], latitude: [-90, 90] };
  let isLongitude = true;
  if (text === "") return undefined;
  for (const letter of text.toLowerCase()) {
    const digit = BASE32.indexOf(letter);
    if (digit < 0) return undefined;
    for (let bit = 4; bit >= 0; bit--) {
      const range = isLongitude ? bounds.longitude : bounds.latitude;
      const middle = ((range[0] ?? 0) + (range[1] ?? 0)) / 2;
      range[(digit >> bit) & 1 ? 0 : 1] = middle;
      isLongitude = !isLongitude;
    }
  }
  const middleOf = ([low = 0, high = 0]: number[]) => (low + high) / 2;
  return { latitude: middleOf(bounds.latitude), longitude: middleOf(bounds.longitude) };
}
