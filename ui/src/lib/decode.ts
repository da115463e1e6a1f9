/** Decoders: turn JSON of unknown shape into typed values, naming the path where it differs. */

export type Decoder<T> = (value: unknown, path: string) => T;

/** The server answered something else than its API promises. */
export class ShapeError extends Error {
  constructor(
    readonly path: string,
    expected: string,
    actual: unknown,
  ) {
    super(`${path}: expected ${expected}, got ${describe(actual)}`);
    this.name = "ShapeError";
  }
}

export const string: Decoder<string> = (value, path) => {
  if (typeof value !== "string") throw new ShapeError(path, "a string", value);
  return value;
};

export const number: Decoder<number> = (value, path) => {
  if (typeof value !== "number") throw new ShapeError(path, "a number", value);
  return value;
};

export const boolean: Decoder<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new ShapeError(path, "true or false", value);
  return value;
};

/** A float as Prometheus writes it: a string, because JSON has no NaN and no infinities. */
export const floatString: Decoder<number> = (value, path) =>
  parseFloatString(string(value, path), path);

export function parseFloatString(text: string, path = "value"): number {
  const usual = Number(text);
  // An empty text is no zero.
  if (Number.isFinite(usual) && usual !== 0) return usual;
  switch (text) {
    case "NaN":
      return NaN;
    case "+Inf":
    case "Inf":
      return Infinity;
    case "-Inf":
      return -Infinity;
  }
  if (text.trim() === "" || Number.isNaN(usual)) throw new ShapeError(path, "a float", text);
  return usual;
}

export function array<T>(item: Decoder<T>): Decoder<T[]> {
  return (value, path) => {
    // Go marshals a nil slice as null.
    if (value === null) return [];
    if (!Array.isArray(value)) throw new ShapeError(path, "an array", value);
    return value.map((element, index) => item(element, `${path}[${index}]`));
  };
}

export function record<T>(item: Decoder<T>): Decoder<Record<string, T>> {
  return (value, path) => {
    const entries = Object.entries(plainObject(value, path));
    return Object.fromEntries(entries.map(([key, entry]) => [key, item(entry, `${path}.${key}`)]));
  };
}

export function optional<T>(item: Decoder<T>): Decoder<T | undefined> {
  return (value, path) => (value === undefined || value === null ? undefined : item(value, path));
}

export function withDefault<T>(item: Decoder<T>, fallback: T): Decoder<T> {
  return (value, path) => (value === undefined || value === null ? fallback : item(value, path));
}

export function oneOf<const T extends string>(...allowed: T[]): Decoder<T> {
  return (value, path) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new ShapeError(path, allowed.join(" or "), value);
    return found;
  };
}

type Shape = Record<string, Decoder<unknown>>;
type Decoded<S extends Shape> = { [K in keyof S]: ReturnType<S[K]> };

export function object<S extends Shape>(shape: S): Decoder<Decoded<S>> {
  const fields = Object.entries(shape);
  return (value, path) => {
    const source = plainObject(value, path);
    const decoded = fields.map(([key, field]) => [key, field(source[key], `${path}.${key}`)]);
    return Object.fromEntries(decoded) as Decoded<S>;
  };
}

export function plainObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ShapeError(path, "an object", value);
  }
  return value as Record<string, unknown>;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
