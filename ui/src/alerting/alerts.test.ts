/** Alerts of rules, of Alertmanager and of the series ALERTS as one list. */
import { describe, expect, it } from "vitest";
import type { HeldAlert } from "../api/alertmanager";
import { type RuleGroup, ruleGroups } from "../api/rules";
import {
  type Alert,
  GROUP_BY_NOTHING,
  GROUP_BY_RECEIVER,
  groupAlerts,
  mergeAlerts,
  ruleOf,
} from "./alerts";
import { fingerprint } from "./fingerprint";
import { severityRank, toneOf } from "./severity";

type Labels = Record<string, string>;

function groups(...alerts: { labels: Labels; state: string; activeAt?: string }[]): RuleGroup[] {
  const rules = alerts.map(({ labels, state, activeAt = "2026-01-01T00:00:00Z" }) => ({
    type: "alerting",
    name: labels.alertname,
    query: "up == 0",
    labels: { severity: labels.severity ?? "warning" },
    state,
    alerts: [{ labels, annotations: { summary: "s" }, state, activeAt, value: "1e+00" }],
  }));
  return ruleGroups({ groups: [{ name: "g", file: "f.yml", rules }] }, "data");
}

function held(
  labels: Labels,
  status: Partial<HeldAlert["status"]> = {},
  ...to: string[]
): HeldAlert {
  return {
    labels,
    annotations: {},
    startsAt: "2026-01-01T00:00:00Z",
    endsAt: "",
    updatedAt: "",
    generatorURL: "http://elsewhere/graph",
    fingerprint: fingerprint(labels),
    receivers: to.map((name) => ({ name })),
    status: { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [], ...status },
  };
}

const states = (alerts: readonly Alert[]) => alerts.map(({ name, state }) => `${name} ${state}`);

describe("mergeAlerts", () => {
  const down = { alertname: "Down", severity: "critical", instance: "a" };

  it("takes the rule's word for pending, Alertmanager's for what is quiet", () => {
    const rules = groups(
      { labels: { alertname: "Slow" }, state: "pending" },
      { labels: down, state: "firing" },
      { labels: { ...down, instance: "b" }, state: "firing" },
    );
    const alerts = mergeAlerts(rules, [
      held(down, { silencedBy: ["s"] }),
      held({ ...down, instance: "b" }, { inhibitedBy: ["x"] }),
    ]);
    expect(states(alerts)).toEqual(["Slow pending", "Down silenced", "Down inhibited"]);
    expect(alerts[1]?.origin?.group).toBe("g");
    expect(alerts[1]?.value).toBe(1);
  });

  it("knows its own alert under external labels", () => {
    const [alert, ...others] = mergeAlerts(groups({ labels: down, state: "firing" }), [
      held({ ...down, cluster: "home" }),
    ]);
    expect(others).toEqual([]);
    expect(alert?.labels).toMatchObject({ cluster: "home" });
    expect(alert?.seriesLabels).toEqual(down);
    expect(alert?.id).toBe(fingerprint(down));
  });

  it("keeps up with thousands, external labels or not", () => {
    const many = Array.from({ length: 3000 }, (_, i) => ({ alertname: "A", instance: `i${i}` }));
    const rules = groups(...many.map((labels) => ({ labels, state: "firing" })));
    const copies = many.map((labels) => held({ ...labels, cluster: "home" })).reverse();
    const alerts = mergeAlerts(rules, copies);
    expect(alerts).toHaveLength(3000);
    expect(alerts.every(({ held, labels }) => held?.labels === labels)).toBe(true);
  });

  it("lists alerts that others pushed", () => {
    const [alert] = mergeAlerts([], [held({ alertname: "Pushed" })]);
    expect(alert).toMatchObject({ name: "Pushed", state: "firing", origin: undefined });
  });

  it("lists what has ended lately, unless it fires again", () => {
    const series = (labels: Labels) => ({
      labels: { __name__: "ALERTS", alertstate: "firing", ...labels },
      timeSeconds: 100,
      value: 50,
    });
    const rules = groups({ labels: down, state: "firing" });
    const alerts = mergeAlerts(rules, [], [series(down), series({ ...down, instance: "b" })]);
    expect(states(alerts)).toEqual(["Down firing", "Down resolved"]);
    expect(alerts[1]).toMatchObject({ sinceMs: 50_000, labels: { instance: "b" } });
    expect(alerts[1]?.origin?.rule.name).toBe("Down");
  });

  it("puts the gravest first, then the latest", () => {
    const alert = (alertname: string, severity: string, activeAt: string) => ({
      labels: { alertname, severity },
      state: "firing",
      activeAt,
    });
    const rules = groups(
      alert("Old", "critical", "2026-01-01T00:00:00Z"),
      alert("Info", "info", "2026-01-05T00:00:00Z"),
      alert("New", "critical", "2026-01-04T00:00:00Z"),
    );
    expect(mergeAlerts(rules, []).map(({ name }) => name)).toEqual(["New", "Old", "Info"]);
  });
});

it("alerts find their rule by name and fixed labels", () => {
  const rules = groups({ labels: { alertname: "A", severity: "critical" }, state: "inactive" });
  expect(ruleOf({ alertname: "A", severity: "critical", x: "y" }, rules)?.group).toBe("g");
  expect(ruleOf({ alertname: "A", severity: "info" }, rules)).toBeUndefined();
});

describe("groupAlerts", () => {
  const alerts = mergeAlerts(
    [],
    [
      held({ alertname: "A", team: "x" }, {}, "pager", "chat"),
      held({ alertname: "A", team: "y" }, {}, "chat"),
      held({ alertname: "B" }),
    ],
  );
  const titles = (by: string) =>
    groupAlerts(alerts, by).map((section) => `${section.title}:${section.alerts.length}`);

  it("by a label; those without it come last", () => {
    expect(titles("alertname").sort()).toEqual(["A:2", "B:1"]);
    expect(titles("team").at(-1)).toBe(":1");
  });

  it("by receiver, an alert under each that it goes to", () => {
    expect(titles(GROUP_BY_RECEIVER).sort()).toEqual([":1", "chat:2", "pager:1"]);
  });

  it("or not at all", () => {
    expect(titles(GROUP_BY_NOTHING)).toEqual([":3"]);
    expect(groupAlerts([], GROUP_BY_NOTHING)).toEqual([]);
  });
});

it.each<[Labels, string]>([
  [{}, "cbf29ce484222325"],
  // As a real Alertmanager names it.
  [
    { alertname: "Flapping", cluster: "home", severity: "warning", team: "web" },
    "deb9406511a4d220",
  ],
])("fingerprints are those of Prometheus", (labels, expected) => {
  expect(fingerprint(labels)).toBe(expected);
});

it("severities of any spelling have a tone", () => {
  expect(["Critical", "page", "warn", "P4", "constructor", ""].map(toneOf)).toEqual([
    "critical",
    "critical",
    "warning",
    "info",
    "none",
    "none",
  ]);
  expect(severityRank({ severity: "critical" })).toBeLessThan(severityRank({ severity: "info" }));
});
