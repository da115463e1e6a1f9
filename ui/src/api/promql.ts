/** Help with the text of queries: /format_query, /parse_query and /functions. */
import { array, boolean, object, plainObject, string, withDefault } from "../lib/decode";
import type { JsonObject } from "../lib/json";
import { call, ifServed } from "./http";

export async function formatQuery(expr: string, signal?: AbortSignal): Promise<string> {
  return (await call("/format_query", { query: expr }, string, signal)).data;
}

/** The query as a tree; null when the server makes none. */
export async function parseQuery(expr: string, signal?: AbortSignal): Promise<JsonObject | null> {
  const answer = await ifServed(call("/parse_query", { query: expr }, plainObject, signal));
  return (answer?.data as JsonObject | undefined) ?? null;
}

const promqlFunction = object({
  name: string,
  help: withDefault(string, ""),
  /** The types of the arguments, optional ones included. */
  arguments: withDefault(array(string), []),
  isExperimental: withDefault(boolean, false),
  /** Prometheus does not have it. */
  isOwn: withDefault(boolean, false),
  isEnabled: withDefault(boolean, true),
});

export type PromqlFunction = ReturnType<typeof promqlFunction>;

/** The functions that a query may call. */
export async function fetchFunctions(signal?: AbortSignal): Promise<PromqlFunction[]> {
  const functions = (await call("/functions", {}, array(promqlFunction), signal)).data;
  return functions.filter(({ isEnabled }) => isEnabled);
}
