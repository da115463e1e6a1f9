/**
 * Alerts as one list: rules say what is pending and firing and why, Alertmanager says what is
 * silenced, inhibited and sent where, and the series `ALERTS` says what has ended lately.
 */
import type { HeldAlert } from "../api/alertmanager";
import type { InstantSample } from "../api/query";
import type { ActiveAlert, AlertingRule, RuleGroup } from "../api/rules";
import type { Labels } from "../lib/series";
import { fingerprint } from "./fingerprint";
import { severityRank } from "./severity";

export const alertStates = ["firing", "pending", "silenced", "inhibited", "resolved"] as const;
export type AlertState = (typeof alertStates)[number];

export interface RuleOfAlert {
  group: string;
  file: string;
  rule: AlertingRule;
}

export interface Alert {
  /** The same from one refresh to the next, and in links. */
  id: string;
  name: string;
  labels: Labels;
  /** Labels of its series `ALERTS`: those above without external ones. */
  seriesLabels: Labels;
  annotations: Labels;
  state: AlertState;
  /** Milliseconds since the epoch: when it began to be pending or to fire, or when it ended. */
  sinceMs: number;
  value: number | undefined;
  /** Absent for alerts that others pushed to Alertmanager. */
  origin: RuleOfAlert | undefined;
  /** Where whoever pushed it says that it comes from. */
  generatorUrl: string;
  /** Alertmanager's own account of it. */
  held: HeldAlert | undefined;
}

/** Labels of the series `ALERTS` that the alerts themselves do not have. */
const SERIES_LABELS = new Set(["__name__", "alertstate"]);

export function mergeAlerts(
  groups: readonly RuleGroup[],
  held: readonly HeldAlert[],
  ended: readonly InstantSample[] = [],
): Alert[] {
  const unclaimed = new Unclaimed(held);
  const alerts: Alert[] = [];
  for (const group of groups) {
    for (const rule of group.rules) {
      if (rule.type !== "alerting") continue;
      const origin = { group: group.name, file: group.file, rule };
      for (const active of rule.alerts) {
        if (active.state === "inactive") continue;
        alerts.push(fromRule(active, origin, unclaimed.claim(active)));
      }
    }
  }
  for (const alert of unclaimed.rest()) alerts.push(fromAlertmanager(alert));
  const current = new Set(alerts.map(({ id }) => id));
  for (const alert of ended.map((sample) => fromSeries(sample, groups))) {
    if (!current.has(alert.id)) alerts.push(alert);
  }
  return alerts.sort(byUrgency);
}

/** Graver first, then what began later. */
function byUrgency(a: Alert, b: Alert): number {
  return (
    alertStates.indexOf(a.state) - alertStates.indexOf(b.state) ||
    severityRank(a.labels) - severityRank(b.labels) ||
    b.sinceMs - a.sinceMs ||
    a.id.localeCompare(b.id)
  );
}

/** What Alertmanager holds, until a rule's alert claims its own. */
class Unclaimed {
  private readonly byKey: Map<string, HeldAlert>;
  /** Labels that Alertmanager's copies have on top: the server's external ones. */
  private external: Labels = {};

  constructor(held: readonly HeldAlert[]) {
    this.byKey = new Map(held.map((alert) => [fingerprint(alert.labels), alert]));
  }

  claim({ labels, state }: ActiveAlert): HeldAlert | undefined {
    if (state !== "firing") return undefined;
    return (
      this.take(fingerprint(labels)) ??
      this.take(fingerprint({ ...labels, ...this.external })) ??
      this.claimWithExternal(labels)
    );
  }

  rest(): Iterable<HeldAlert> {
    return this.byKey.values();
  }

  private take(key: string): HeldAlert | undefined {
    const alert = this.byKey.get(key);
    this.byKey.delete(key);
    return alert;
  }

  private claimWithExternal(labels: Labels): HeldAlert | undefined {
    const own = Object.entries(labels);
    for (const [key, alert] of this.byKey) {
      if (!own.every(([name, value]) => alert.labels[name] === value)) continue;
      // The next alert most likely has the same, and is then found at once.
      this.external = Object.fromEntries(
        Object.entries(alert.labels).filter(([name]) => !Object.hasOwn(labels, name)),
      );
      return this.take(key);
    }
    return undefined;
  }
}

function fromRule(
  { labels, annotations, state, activeAt, value }: ActiveAlert,
  origin: RuleOfAlert,
  held: HeldAlert | undefined,
): Alert {
  return {
    id: fingerprint(labels),
    name: labels.alertname ?? origin.rule.name,
    labels: held?.labels ?? labels,
    seriesLabels: labels,
    annotations,
    state: state === "pending" ? "pending" : stateOf(held),
    sinceMs: time(activeAt ?? held?.startsAt),
    value,
    origin,
    generatorUrl: held?.generatorURL ?? "",
    held,
  };
}

function fromAlertmanager(held: HeldAlert): Alert {
  const { labels, annotations, startsAt, generatorURL } = held;
  return {
    id: fingerprint(labels),
    name: labels.alertname ?? "",
    labels,
    seriesLabels: labels,
    annotations,
    state: stateOf(held),
    sinceMs: time(startsAt),
    value: undefined,
    origin: undefined,
    generatorUrl: generatorURL,
    held,
  };
}

/** The sample's value is when the series was last seen, in seconds. */
function fromSeries(sample: InstantSample, groups: readonly RuleGroup[]): Alert {
  const labels = Object.fromEntries(
    Object.entries(sample.labels).filter(([name]) => !SERIES_LABELS.has(name)),
  );
  const origin = ruleOf(labels, groups);
  return {
    id: fingerprint(labels),
    name: labels.alertname ?? "",
    labels,
    seriesLabels: labels,
    annotations: {},
    state: "resolved",
    sinceMs: (sample.value ?? NaN) * 1000,
    value: undefined,
    origin,
    generatorUrl: "",
    held: undefined,
  };
}

/** The rule that makes alerts of this name and with these of its labels. */
export function ruleOf(labels: Labels, groups: readonly RuleGroup[]): RuleOfAlert | undefined {
  for (const { name, file, rules } of groups) {
    for (const rule of rules) {
      if (rule.type !== "alerting" || rule.name !== labels.alertname) continue;
      const fixed = Object.entries(rule.labels).filter(([, value]) => !value.includes("{{"));
      if (fixed.every(([label, value]) => (labels[label] ?? "") === value)) {
        return { group: name, file, rule };
      }
    }
  }
  return undefined;
}

/** An alert that is silenced and inhibited counts as silenced: that is what somebody did. */
function stateOf(held: HeldAlert | undefined): AlertState {
  if (held === undefined) return "firing";
  if (held.status.silencedBy.length > 0) return "silenced";
  return held.status.inhibitedBy.length > 0 ? "inhibited" : "firing";
}

function time(text: string | undefined): number {
  const ms = Date.parse(text ?? "");
  return ms > 0 ? ms : NaN;
}

export interface AlertSection {
  /** What its alerts have in common. */
  title: string;
  receiver: string | undefined;
  alerts: Alert[];
}

/** How a list may be cut up besides by a label of that name. */
export const GROUP_BY_RECEIVER = "@receiver";
export const GROUP_BY_NOTHING = "@nothing";

export function groupAlerts(alerts: readonly Alert[], by: string): AlertSection[] {
  if (by === GROUP_BY_NOTHING) {
    return alerts.length === 0 ? [] : [{ title: "", receiver: undefined, alerts: [...alerts] }];
  }
  const sections = new Map<string, AlertSection>();
  const put = (title: string, receiver: string | undefined, alert: Alert) => {
    const section = sections.get(title) ?? { title, receiver, alerts: [] };
    section.alerts.push(alert);
    sections.set(title, section);
  };
  for (const alert of alerts) {
    if (by !== GROUP_BY_RECEIVER) {
      put(alert.labels[by] ?? "", undefined, alert);
      continue;
    }
    const receivers = alert.held?.receivers ?? [];
    if (receivers.length === 0) put("", undefined, alert);
    for (const { name } of receivers) put(name, name, alert);
  }
  // Alerts come in order of urgency, so sections do; what has no title comes last.
  return [...sections.values()].sort((a, b) => Number(a.title === "") - Number(b.title === ""));
}
