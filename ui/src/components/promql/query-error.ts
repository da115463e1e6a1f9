/** Where in a query an error lies, read from the error's text. */

export interface QueryErrorPlace {
  /** Offsets into the query; equal when only a point is known. */
  from: number;
  to: number;
  message: string;
}

/**
 * Parse errors name a place as `line:column: parse error: ...` (both from one), after the
 * name of the parameter that was bad.
 */
export function placeOfError(query: string, error: string): QueryErrorPlace | undefined {
  const match = /(?:^|[\s:])(\d+):(\d+): (parse error: .*)$/s.exec(error);
  if (!match) return undefined;
  const [line, column] = [Number(match[1]), Number(match[2])];
  const lines = query.split("\n");
  if (line < 1 || line > lines.length) return undefined;
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const from = Math.min(before + Math.max(column - 1, 0), query.length);
  const word = /^\w+/.exec(query.slice(from))?.[0] ?? "";
  return {
    from,
    to: Math.min(from + Math.max(word.length, 1), query.length),
    message: match[3] ?? "",
  };
}
