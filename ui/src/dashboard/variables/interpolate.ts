/**
 * Variables in texts: `$name`, `${name}`, `${name:format}`, `[[name]]`. In PromQL a choice of
 * several becomes a regular expression whose special characters are escaped.
 */
import { own } from "../../lib/own";

/** What is chosen for a variable. */
export interface Chosen {
  /** Several only where the variable allows it. */
  values: readonly string[];
  /** Names of the values, where they differ. */
  texts?: readonly string[];
  multi: boolean;
  /** "All" that stands for itself, such as `.*`: it is used as written. */
  allValue?: string | undefined;
}

export type Scope = Readonly<Record<string, Chosen | string | number | undefined>>;

/** How a value appears where no format is named. */
export type DefaultFormat = "promql" | "text" | "plain";

const VARIABLE =
  /\$(\w+)|\$\{(\w+(?:\.[^:^}]+|\[[^\]]*\])*)(?::([^}]+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;

/** Names that stand for nothing are left as they are: `$1` is also what label_replace takes. */
export function interpolate(text: string, scope: Scope, fallback: DefaultFormat): string {
  if (!/[$[]/.test(text)) return text;
  return text.replace(
    VARIABLE,
    (match, bare?: string, braced?: string, format?: string, square?: string, old?: string) => {
      const chosen = own(scope, bare ?? braced ?? square ?? "");
      if (chosen === undefined) return match;
      if (typeof chosen !== "object") return String(chosen);
      const [name = "", ...args] = (format ?? old ?? "").split(":");
      return render(chosen, name, args.join(":"), bare ?? braced ?? square ?? "", fallback);
    },
  );
}

/** Names of variables in a text, known or not. */
export function variablesIn(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, bare, braced, , square] of text.matchAll(VARIABLE)) {
    const name = bare ?? braced ?? square;
    if (name !== undefined) found.add(name.split(/[.[]/)[0] ?? name);
  }
  return found;
}

function render(
  chosen: Chosen,
  format: string,
  argument: string,
  name: string,
  fallback: DefaultFormat,
): string {
  const asText = format === "text" || (format === "" && fallback === "text");
  if (chosen.allValue !== undefined && !asText && format !== "queryparam") return chosen.allValue;
  const { values } = chosen;
  const [only = ""] = values;
  switch (format) {
    case "":
      return byDefault(chosen, fallback);
    case "raw":
      return values.join(",");
    case "regex":
      return values.length === 1 ? escapeRegex(only) : `(${values.map(escapeRegex).join("|")})`;
    case "pipe":
      return values.join("|");
    case "csv":
      return values.join(",");
    case "glob":
      return values.length === 1 ? only : `{${values.join(",")}}`;
    case "distributed":
      return values.map((value, i) => (i === 0 ? value : `${name}=${value}`)).join(",");
    case "json":
      return JSON.stringify(values.length === 1 && !chosen.multi ? only : values);
    case "lucene":
      return values.length === 1
        ? escapeLucene(only)
        : `(${values.map((value) => `"${escapeLucene(value)}"`).join(" OR ")})`;
    case "percentencode":
      return encodeURIComponent(values.length === 1 ? only : `{${values.join(",")}}`);
    case "queryparam":
      return values
        .map((value) => `var-${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
        .join("&");
    case "singlequote":
      return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(",");
    case "doublequote":
      return values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(",");
    case "sqlstring":
      return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(",");
    case "text":
      return (chosen.texts ?? values).join(" + ");
    case "join":
      return values.join(argument === "" ? "," : argument);
    case "date":
      return dateText(Number(only), argument);
    default:
      return byDefault(chosen, fallback);
  }
}

function byDefault(chosen: Chosen, fallback: DefaultFormat): string {
  const { values, multi } = chosen;
  const [only = ""] = values;
  if (fallback === "text") return (chosen.texts ?? values).join(" + ");
  if (fallback === "plain") return values.length === 1 ? only : `{${values.join(",")}}`;
  // A variable of one value may be used anywhere in a query, so it is only made safe for quotes.
  if (!multi) return escapeQuoted(only);
  return values.length === 1
    ? escapeInQuotes(only)
    : `(${values.map((value) => escapeInQuotes(value)).join("|")})`;
}

/** Characters with a meaning in RE2. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** For a regular expression within a PromQL string, where a backslash is written twice. */
function escapeInQuotes(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|]/g, (character) =>
      character === "\\" ? "\\\\\\\\" : `\\\\${character}`,
    )
    .replaceAll('"', '\\"');
}

function escapeQuoted(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

function escapeLucene(text: string): string {
  return text.replace(/([!*+\-=<>\s&|()[\]{}^~?:\\/"])/g, "\\$1");
}

function dateText(ms: number, format: string): string {
  if (format === "seconds") return String(Math.round(ms / 1000));
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "";
  const iso = date.toISOString();
  if (format === "" || format === "iso") return iso;
  return format
    .replace("YYYY", iso.slice(0, 4))
    .replace("MM", iso.slice(5, 7))
    .replace("DD", iso.slice(8, 10))
    .replace("HH", iso.slice(11, 13))
    .replace("mm", iso.slice(14, 16))
    .replace("ss", iso.slice(17, 19));
}
