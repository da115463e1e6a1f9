/** Which alerts the page shows, by state and by matchers or words. */
import { type Alert, type AlertState, alertStates } from "../../alerting/alerts";
import { matcherTest, parseMatchers } from "../../lib/matchers";

export type StateFilter = AlertState | "all";

export function readState(text: string | null): StateFilter {
  return alertStates.find((state) => state === text) ?? "all";
}

export interface AlertFilter {
  test: (alert: Alert) => boolean;
  /** What is wrong with the text; alerts are then not filtered. */
  error: string | undefined;
}

/** A text without an operator is words, each of which must occur somewhere. */
export function alertFilter(text: string): AlertFilter {
  if (!/[=~]/.test(text)) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return {
      test: (alert) => {
        const all = searchable(alert);
        return words.every((word) => all.includes(word));
      },
      error: undefined,
    };
  }
  const { matchers, error } = parseMatchers(text);
  if (error !== undefined) return { test: () => true, error };
  const test = matcherTest(matchers);
  return { test: ({ labels }) => test(labels), error: undefined };
}

function searchable({ labels, annotations }: Alert): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return [...pairs, ...Object.values(annotations)].join("\n").toLowerCase();
}

/** A matcher more, unless the text has it already or is no list of matchers. */
export function withMatcher(text: string, matcher: string): string {
  if (text.includes(matcher)) return text;
  const isList = /[=~]/.test(text) && parseMatchers(text).error === undefined;
  return isList ? `${text.trim().replace(/^\{(.*)\}$/s, "$1")}, ${matcher}` : matcher;
}
