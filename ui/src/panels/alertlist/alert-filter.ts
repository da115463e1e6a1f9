/** Which alerts a list shows, and in which order, by the options that dashboards keep. */
import type { AlertState, ListedAlert } from "../../api/alert-list";
import { filled, type JsonObject, num, obj, str, strs } from "../../lib/json";

interface Matcher {
  label: string;
  test: (value: string) => boolean;
}

export function filterAlerts(
  alerts: readonly ListedAlert[],
  options: JsonObject,
  interpolate: (text: string) => string,
): ListedAlert[] {
  const states = shownStates(options);
  const name = interpolate(str(options.alertName, "")).toLowerCase();
  const text = filled(options.alertInstanceLabelFilter);
  const matchers = text === undefined ? [] : readMatchers(interpolate(text));
  const shown = alerts.filter(
    (alert) =>
      states.has(alert.state) &&
      alert.name.toLowerCase().includes(name) &&
      matchers.every(({ label, test }) =>
        test((label === "alertname" ? alert.name : alert.labels[label]) ?? ""),
      ),
  );
  return sortAlerts(shown, num(options.sortOrder, 1)).slice(0, num(options.maxItems, 20));
}

/** Lists of old keep `["alerting"]`, today's an object of switches. */
function shownStates(options: JsonObject): Set<AlertState> {
  const { stateFilter } = options;
  const isOn = (names: string[], fallback: boolean) => {
    if (Array.isArray(stateFilter)) {
      return stateFilter.length === 0 || strs(stateFilter).some((one) => names.includes(one));
    }
    const values = names.map((name) => obj(stateFilter)[name]).filter((one) => one !== undefined);
    return values.length === 0 ? fallback : values.includes(true);
  };
  const states = new Set<AlertState>();
  if (isOn(["firing", "alerting"], true)) states.add("firing").add("silenced");
  if (isOn(["pending"], true)) states.add("pending");
  return states;
}

/** `{severity="critical", job=~"a|b"}`; what cannot be read matches nothing. */
export function readMatchers(text: string): Matcher[] {
  const inner = text.trim().replace(/^\{/, "").replace(/\}$/, "");
  return [...inner.matchAll(/([\w.]+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = "", operator = "", value = ""]) => ({ label, test: tester(operator, value) }),
  );
}

function tester(operator: string, value: string): Matcher["test"] {
  if (operator === "=") return (actual) => actual === value;
  if (operator === "!=") return (actual) => actual !== value;
  try {
    const pattern = new RegExp(`^(?:${value})$`);
    return (actual) => pattern.test(actual) === (operator === "=~");
  } catch {
    return () => false;
  }
}

const URGENCY: Record<AlertState, number> = { firing: 0, pending: 1, silenced: 2 };

function sortAlerts(alerts: ListedAlert[], order: number): ListedAlert[] {
  const byName = (a: ListedAlert, b: ListedAlert) => a.name.localeCompare(b.name);
  const byTime = (a: ListedAlert, b: ListedAlert) => Date.parse(a.since) - Date.parse(b.since);
  switch (order) {
    case 2:
      return alerts.sort((a, b) => byName(b, a));
    case 3:
      return alerts.sort((a, b) => URGENCY[a.state] - URGENCY[b.state] || byName(a, b));
    case 4:
      return alerts.sort(byTime);
    case 5:
      return alerts.sort((a, b) => byTime(b, a));
    default:
      return alerts.sort(byName);
  }
}
