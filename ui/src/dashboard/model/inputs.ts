/** Filling in what a shared dashboard asks of those who import it. */
import type { Json, JsonObject } from "../../lib/json";
import { isObject } from "../../lib/json";
import type { DashboardInput } from "./types";

/** The dashboard with `${NAME}` of constants replaced everywhere; what it asked for is answered. */
export function withInputs(
  json: JsonObject,
  inputs: readonly DashboardInput[],
  values: Readonly<Record<string, string>>,
): JsonObject {
  const answers = inputs
    .filter(({ type }) => type === "constant")
    .map(({ name, value }) => [`\${${name}}`, values[name] ?? value] as const);
  if (answers.length === 0) return json;
  const replace = (value: Json | undefined): Json | undefined => {
    if (typeof value === "string") {
      return answers.reduce((text, [name, answer]) => text.replaceAll(name, answer), value);
    }
    if (Array.isArray(value)) return value.map((item) => replace(item) ?? null);
    return isObject(value) ? replaceAll(value) : value;
  };
  const replaceAll = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, replace(value)]));
  return replaceAll(json);
}
