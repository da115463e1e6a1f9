/** Which alerts a list shows, and in which order, by the options that dashboards keep. */
import { type Alert, type AlertState, alertStates } from "../../alerting/alerts";
import { filled, type JsonObject, num, obj, str, strs } from "../../lib/json";
import { matcherTest, parseMatchers } from "../../lib/matchers";

/** Throws where the filter of labels can't be read. */
export function filterAlerts(
  alerts: readonly Alert[],
  options: JsonObject,
  interpolate: (text: string) => string,
): Alert[] {
  const states = shownStates(options);
  const name = interpolate(str(options.alertName, "")).toLowerCase();
  const { matchers, error } = parseMatchers(
    interpolate(filled(options.alertInstanceLabelFilter) ?? ""),
  );
  if (error !== undefined) throw new Error(`The filter of this list: ${error}`);
  const test = matcherTest(matchers);
  const shown = alerts.filter(
    (alert) =>
      states.has(alert.state) && alert.name.toLowerCase().includes(name) && test(alert.labels),
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
  if (isOn(["firing", "alerting"], true))
    ["firing", "silenced", "inhibited"].forEach((state) => states.add(state as AlertState));
  if (isOn(["pending"], true)) states.add("pending");
  return states;
}

function sortAlerts(alerts: Alert[], order: number): Alert[] {
  const byName = (a: Alert, b: Alert) => a.name.localeCompare(b.name);
  const byTime = (a: Alert, b: Alert) => a.sinceMs - b.sinceMs;
  switch (order) {
    case 2:
      return alerts.sort((a, b) => byName(b, a));
    case 3:
      return alerts.sort(
        (a, b) => alertStates.indexOf(a.state) - alertStates.indexOf(b.state) || byName(a, b),
      );
    case 4:
      return alerts.sort(byTime);
    case 5:
      return alerts.sort((a, b) => byTime(b, a));
    default:
      return alerts.sort(byName);
  }
}
