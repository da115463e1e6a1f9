/** Help with the text of queries: /format_query. */
import { string } from "../lib/decode";
import { call } from "./http";

export async function formatQuery(expr: string, signal?: AbortSignal): Promise<string> {
  return (await call("/format_query", { query: expr }, string, signal)).data;
}
