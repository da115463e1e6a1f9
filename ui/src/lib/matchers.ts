/** Label matchers as Alertmanager writes them: `severity="critical", team=~"infra|web"`. */
import type { Labels } from "./series";

export const matchOps = ["=", "!=", "=~", "!~"] as const;
export type MatchOp = (typeof matchOps)[number];

export interface Matcher {
  name: string;
  op: MatchOp;
  value: string;
}

/** The matchers of a text, or what is wrong with it. An empty text has none. */
export type ParsedMatchers =
  { matchers: Matcher[]; error?: undefined } | { matchers?: undefined; error: string };

/** Braces around the whole and quotes around plain values may be left out. */
export function parseMatchers(text: string): ParsedMatchers {
  const trimmed = text.trim();
  const inner = /^\{(.*)\}$/s.exec(trimmed)?.[1] ?? trimmed;
  const matchers: Matcher[] = [];
  const one =
    /\s*("(?:[^"\\]|\\.)*"|[^\s=!~,{}"]+)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^,"]*?)\s*(?:,|$)/sy;
  while (one.lastIndex < inner.length && inner.slice(one.lastIndex).trim() !== "") {
    const rest = inner.slice(one.lastIndex).trim();
    const match = one.exec(inner);
    if (!match) return { error: `Not a matcher: ${rest.slice(0, 60)}` };
    const [, name = "", op = "=", value = ""] = match;
    const matcher = { name: unquoted(name), op: op as MatchOp, value: unquoted(value) };
    if (regexOf(matcher) === null) return { error: `Not a regular expression: ${matcher.value}` };
    matchers.push(matcher);
  }
  return { matchers };
}

export function formatMatcher({ name, op, value }: Matcher): string {
  const plain = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
  return `${plain ? name : JSON.stringify(name)}${op}${JSON.stringify(value)}`;
}

export function formatMatchers(matchers: readonly Matcher[]): string {
  return matchers.map(formatMatcher).join(", ");
}

/** Matchers that these labels fulfil, and few others. */
export function matchersOf(labels: Labels): Matcher[] {
  return Object.entries(labels)
    .sort(([a], [b]) => Number(b === "alertname") - Number(a === "alertname") || (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, op: "=", value }));
}

/** Whether labels fulfil all of the matchers; a missing label counts as empty. */
export function matcherTest(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => {
    const { name, op, value } = matcher;
    const regex = regexOf(matcher);
    const wanted = op === "=" || op === "=~";
    return (labels: Labels) => {
      const actual = labels[name] ?? "";
      return (regex ? regex.test(actual) : actual === value) === wanted;
    };
  });
  return (labels) => tests.every((test) => test(labels));
}

/** Alertmanager refuses a silence that alerts without any of its labels would fulfil. */
export function matchesEmpty(matchers: readonly Matcher[]): boolean {
  return matcherTest(matchers)({});
}

/** Undefined where the matcher takes text as it is; null when it cannot be read. */
function regexOf({ op, value }: Matcher): RegExp | undefined | null {
  if (op === "=" || op === "!=") return undefined;
  // Go's flags stand within the expression, at its beginning.
  const [, flags = "", body = ""] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(value) ?? [];
  try {
    return new RegExp(`^(?:${body})$`, [...new Set(`${flags}s`)].join(""));
  } catch {
    return null;
  }
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text;
  return text
    .slice(1, -1)
    .replace(/\\(.)/gs, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
