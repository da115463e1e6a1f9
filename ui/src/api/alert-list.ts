/** Alerts as they stand: what rules find, and what Alertmanager has been told, silenced ones marked. */
import { array, object, optional, record, string, withDefault } from "../lib/decode";
import { ApiError, call, callJson } from "./http";

export type AlertState = "firing" | "pending" | "silenced";

export interface ListedAlert {
  name: string;
  state: AlertState;
  labels: Record<string, string>;
  summary: string;
  /** RFC 3339; empty when nobody says since when. */
  since: string;
}

const labels = record(string);

const ruleAlerts = object({
  alerts: array(
    object({
      labels,
      annotations: withDefault(labels, {}),
      state: string,
      activeAt: withDefault(string, ""),
    }),
  ),
});

const receivedAlerts = array(
  object({
    labels,
    annotations: withDefault(labels, {}),
    startsAt: withDefault(string, ""),
    status: withDefault(object({ state: optional(string) }), { state: undefined }),
  }),
);

export async function fetchAlertList(signal?: AbortSignal): Promise<ListedAlert[]> {
  const [found, received] = await Promise.all([
    call("/alerts", {}, ruleAlerts, signal),
    callJson("/alertmanager/api/v2/alerts", {}, receivedAlerts, signal).catch(withoutAlertmanager),
  ]);
  const told = new Map(received.map((alert) => [identity(alert.labels), alert]));
  const listed = found.data.alerts.map((alert): ListedAlert => {
    const isSilenced = told.get(identity(alert.labels))?.status.state === "suppressed";
    told.delete(identity(alert.labels));
    const state = alert.state === "pending" ? "pending" : isSilenced ? "silenced" : "firing";
    return describe(alert.labels, alert.annotations, state, alert.activeAt);
  });
  // Others may send alerts, too.
  for (const alert of told.values()) {
    const state = alert.status.state === "suppressed" ? "silenced" : "firing";
    listed.push(describe(alert.labels, alert.annotations, state, alert.startsAt));
  }
  return listed;
}

/** A server may find alerts without sending any. */
function withoutAlertmanager(error: unknown): [] {
  if (error instanceof ApiError && error.kind !== "unreachable") return [];
  throw error;
}

function identity(all: Record<string, string>): string {
  return JSON.stringify(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describe(
  all: Record<string, string>,
  annotations: Record<string, string>,
  state: AlertState,
  since: string,
): ListedAlert {
  const { alertname = "Alert", ...rest } = all;
  const summary = annotations.summary ?? annotations.description ?? annotations.message ?? "";
  return { name: alertname, state, labels: rest, summary, since };
}
