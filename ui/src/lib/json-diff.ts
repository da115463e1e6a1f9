/** What differs between two JSON documents, path by path, as a person would look for it. */
import { isObject, type Json, type JsonObject } from "./json";

export interface Change {
  /** Such as `panels["CPU"].fieldConfig.defaults.unit`. */
  path: string;
  kind: "added" | "removed" | "changed" | "moved";
  before: Json | undefined;
  after: Json | undefined;
}

/** Members of lists that carry one of these are the same member wherever they stand. */
const IDENTITIES = ["id", "refId", "name", "uid"] as const;

export function diffJson(before: Json | undefined, after: Json | undefined, path = ""): Change[] {
  if (before === after) return [];
  if (before === undefined) return [{ path, kind: "added", before, after }];
  if (after === undefined) return [{ path, kind: "removed", before, after }];
  if (isObject(before) && isObject(after)) return diffObjects(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, path);
  return [{ path, kind: "changed", before, after }];
}

function diffObjects(before: JsonObject, after: JsonObject, path: string): Change[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => diffJson(before[key], after[key], below(path, key)));
}

function diffLists(before: Json[], after: Json[], path: string): Change[] {
  const identity = IDENTITIES.find((key) => identifies(before, key) && identifies(after, key));
  if (identity === undefined) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => diffJson(before[i], after[i], `${path}[${i}]`)).flat();
  }
  const [old, young] = [byIdentity(before, identity), byIdentity(after, identity)];
  const changes = [...new Set([...old.keys(), ...young.keys()])].flatMap((key) => {
    const shown = nameOf(young.get(key)) ?? nameOf(old.get(key)) ?? key;
    return diffJson(old.get(key), young.get(key), `${path}[${shown}]`);
  });
  const kept = (keys: Iterable<string>, other: ReadonlyMap<string, unknown>) =>
    [...keys].filter((key) => other.has(key));
  const order = [kept(old.keys(), young), kept(young.keys(), old)];
  if (JSON.stringify(order[0]) === JSON.stringify(order[1])) return changes;
  return [...changes, { path, kind: "moved", before: order[0], after: order[1] }];
}

function identifies(list: Json[], key: string): boolean {
  const values = list.map((one) => (isObject(one) ? one[key] : undefined));
  const areNamed = values.every((one) => typeof one === "string" || typeof one === "number");
  return areNamed && new Set(values).size === values.length;
}

function byIdentity(list: Json[], key: string): Map<string, JsonObject> {
  return new Map(list.filter(isObject).map((one) => [JSON.stringify(one[key]), one]));
}

function nameOf(json: JsonObject | undefined): string | undefined {
  const { title } = json ?? {};
  return typeof title === "string" && title !== "" ? JSON.stringify(title) : undefined;
}

function below(path: string, key: string): string {
  if (!/^[\w$]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
