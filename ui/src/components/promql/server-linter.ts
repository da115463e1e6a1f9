/** Underlines what the server cannot parse: only the server knows all of its functions and syntax. */
import type { Diagnostic } from "@codemirror/lint";
import { parseQuery } from "../../api/promql";
import { ApiError } from "../../api/http";
import { placeOfError } from "./query-error";

/** None where the server cannot be asked: an error that may be none helps nobody. */
export async function parseErrors(query: string): Promise<Diagnostic[]> {
  if (query.trim() === "") return [];
  try {
    await parseQuery(query);
    return [];
  } catch (error) {
    const rejected = error instanceof ApiError && error.kind === "rejected";
    const place = rejected ? placeOfError(query, error.message) : undefined;
    return place ? [{ ...place, severity: "error" }] : [];
  }
}
