/** The functions that a query variable asks with: label_values, metrics, query_result… */

export type Definition =
  | { kind: "labelNames"; match: string | undefined }
  | { kind: "labelValues"; label: string; match: string | undefined }
  | { kind: "metrics"; pattern: string }
  | { kind: "queryResult"; expr: string }
  | { kind: "series"; match: string };

/** Plain text is a selector whose series are listed. */
export function parseDefinition(text: string): Definition {
  const query = text.trim();
  const call = /^(label_names|label_values|metrics|query_result)\s*\((.*)\)\s*$/s.exec(query);
  if (!call) return { kind: "series", match: query };
  const [, name, inner = ""] = call;
  const argument = inner.trim();
  switch (name) {
    case "label_names":
      return { kind: "labelNames", match: argument === "" ? undefined : argument };
    case "metrics":
      return { kind: "metrics", pattern: argument };
    case "query_result":
      return { kind: "queryResult", expr: argument };
    default: {
      // The label follows the last comma that no brace or quote encloses.
      const comma = lastComma(argument);
      const match = comma < 0 ? "" : argument.slice(0, comma).trim();
      const label = argument.slice(comma + 1).trim();
      return { kind: "labelValues", label, match: match === "" ? undefined : match };
    }
  }
}

function lastComma(text: string): number {
  let depth = 0;
  let quote = "";
  let found = -1;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? "";
    if (quote !== "") {
      if (character === "\\") i += 1;
      else if (character === quote) quote = "";
    } else if (`"'\``.includes(character)) quote = character;
    else if ("{([".includes(character)) depth += 1;
    else if ("})]".includes(character)) depth -= 1;
    else if (character === "," && depth === 0) found = i;
  }
  return found;
}
