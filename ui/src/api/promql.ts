/** Help with the text of queries: /format_query and /parse_query. */
import { plainObject, string } from "../lib/decode";
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
