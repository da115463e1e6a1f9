/** What Bellwether tells about notifications beyond Alertmanager's API: attempts and routes. */
import {
  array,
  boolean,
  type Decoder,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  withDefault,
} from "../lib/decode";
import { callJson, ifServed } from "./http";

const ROOT = "/api/bellwether/v1/alerting";

const attempt = object({
  /** RFC 3339. */
  at: string,
  groupKey: string,
  receiver: string,
  /** `email`, `slack` and so on. */
  integration: string,
  /** Its place among the receiver's integrations of that kind. */
  index: withDefault(number, 0),
  reason: withDefault(string, ""),
  /** The first try is 1. */
  number: withDefault(number, 1),
  firing: withDefault(number, 0),
  resolved: withDefault(number, 0),
  outcome: oneOf("sent", "retried", "failed"),
  error: optional(string),
  isLast: withDefault(boolean, true),
});

export type Attempt = ReturnType<typeof attempt>;

export interface Route {
  /** Its place in the tree: `0.1` is the second child of the root. */
  id: string;
  receiver: string;
  matchers: string[];
  groupBy: string[];
  groupByAll: boolean;
  groupWait: string;
  groupInterval: string;
  repeatInterval: string;
  muteTimeIntervals: string[];
  activeTimeIntervals: string[];
  continue: boolean;
  routes: Route[];
}

const strings = withDefault(array(string), []);

/** Deeper trees than this are nobody's; a reader without a bound would be one for mischief. */
const DEPTH_MAX = 50;

function route(depth: number): Decoder<Route> {
  return (value, path) =>
    object({
      id: string,
      receiver: withDefault(string, ""),
      matchers: strings,
      groupBy: strings,
      groupByAll: withDefault(boolean, false),
      groupWait: withDefault(string, ""),
      groupInterval: withDefault(string, ""),
      repeatInterval: withDefault(string, ""),
      muteTimeIntervals: strings,
      activeTimeIntervals: strings,
      continue: withDefault(boolean, false),
      routes: depth < DEPTH_MAX ? withDefault(array(route(depth + 1)), []) : () => [],
    })(value, path);
}

const routing = object({
  route: route(0),
  receivers: withDefault(array(object({ name: string, integrations: strings })), []),
  inhibitRules: withDefault(
    array(object({ sourceMatchers: strings, targetMatchers: strings, equal: strings })),
    [],
  ),
  timeIntervals: strings,
});

export type Routing = ReturnType<typeof routing>;

const routeMatch = object({
  id: string,
  receiver: string,
  /** The ids of the routes passed, the root first. */
  path: array(string),
  groupLabels: withDefault(record(string), {}),
  /** Time intervals that mute it now. */
  mutedBy: strings,
});

export type RouteMatch = ReturnType<typeof routeMatch>;

/** The newest first; null when the server does not tell. */
export async function fetchAttempts(
  limit: number,
  signal?: AbortSignal,
): Promise<Attempt[] | null> {
  const decode = object({ attempts: array(attempt) });
  const params = { limit };
  const answer = await ifServed(callJson(`${ROOT}/attempts`, { params }, decode, signal));
  return answer?.attempts ?? null;
}

/** Null when the server does not tell. */
export async function fetchRouting(signal?: AbortSignal): Promise<Routing | null> {
  return (await ifServed(callJson(`${ROOT}/routes`, {}, routing, signal))) ?? null;
}

/** Where an alert with these labels would go. */
export async function testRoute(
  labels: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<RouteMatch[]> {
  const label = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const decode = object({ matches: array(routeMatch) });
  return (await callJson(`${ROOT}/route-test`, { params: { label } }, decode, signal)).matches;
}
