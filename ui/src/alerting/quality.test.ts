/** The report on alerts, its history and its notifications. */
import { describe, expect, it } from "vitest";
import type { Attempt } from "../api/alerting";
import { ruleGroups } from "../api/rules";
import { noiseOf } from "../pages/alert-quality/use-quality";
import { describePast, historyQuery, stretchesOf } from "./history";
import { attemptRuns, attemptsOfGroup, groupLabelsText, receiverHealth } from "./notified";
import { qualityQueries, reportQuality } from "./quality";

const sample = (labels: Record<string, string>, value: number) => ({
  labels,
  timeSeconds: 0,
  value,
});

describe("reportQuality", () => {
  const groups = ruleGroups(
    {
      groups: [
        {
          name: "g",
          rules: ["Flaps", "Always", "Never", "Fine"].map((name) => ({
            type: "alerting",
            name,
            query: "up",
            labels: { severity: name === "Fine" ? "{{ $labels.s }}" : "warning" },
          })),
        },
      ],
    },
    "data",
  );
  const report = reportQuality({
    groups,
    stepSeconds: 60,
    rangeSeconds: 86_400,
    watchedSteps: 1000,
    firing: [
      sample({ alertname: "Flaps", instance: "a" }, 20),
      sample({ alertname: "Flaps", instance: "b" }, 1),
      sample({ alertname: "Always" }, 950),
      sample({ alertname: "Fine", severity: "critical" }, 60),
      sample({ alertname: "Pushed" }, 5),
    ],
    begins: [
      sample({ alertname: "Flaps", instance: "a" }, 4),
      sample({ alertname: "Flaps", instance: "b" }, 1),
      sample({ alertname: "Fine" }, 1),
      sample({ alertname: "Pushed" }, 1),
    ],
  });
  const of = (name: string) => report.find((quality) => quality.name === name);

  it.each([
    ["Flaps", "flapping"],
    ["Always", "always"],
    ["Never", "never"],
    ["Fine", "fine"],
    ["Pushed", "fine"],
  ])("%s is %s", (name, verdict) => {
    expect(of(name)?.verdict).toBe(verdict);
  });

  it("counts over all label sets", () => {
    expect(of("Flaps")).toMatchObject({
      instances: 2,
      timesFired: 5,
      firingSeconds: 21 * 60,
      meanSeconds: (21 * 60) / 5,
      timesFiredWorst: 4,
    });
  });

  it("what fired all along has fired once", () => {
    expect(of("Always")?.timesFired).toBe(1);
  });

  it("severities come from rules and series, not from templates", () => {
    expect(of("Fine")?.severities).toEqual(["critical"]);
  });

  it("the noisiest comes first", () => {
    expect(report[0]?.name).toBe("Flaps");
    expect(report.at(-1)?.name).toBe("Never");
  });
});

it("a server that has watched for an hour cannot tell what always fires", () => {
  const [quality] = reportQuality({
    groups: [],
    stepSeconds: 60,
    rangeSeconds: 604_800,
    watchedSteps: 60,
    firing: [sample({ alertname: "New" }, 60)],
    begins: [],
  });
  expect(quality).toMatchObject({ verdict: "fine", shareWorst: 1 });
});

it("what fires long and often does not flap", () => {
  const [quality] = reportQuality({
    groups: [],
    stepSeconds: 60,
    rangeSeconds: 604_800,
    watchedSteps: 10_080,
    firing: [sample({ alertname: "Nightly" }, 7 * 120)],
    begins: [sample({ alertname: "Nightly" }, 7)],
  });
  expect(quality?.verdict).toBe("fine");
});

it("the queries look closer at shorter ranges", () => {
  const week = qualityQueries(604_800);
  expect(week.firing).toBe('sum_over_time(ALERTS{alertstate="firing"}[7d:1m])');
  expect(week.begins).toContain("offset 1m)[7d:1m]");
  expect(qualityQueries(86_400).stepSeconds).toBe(15);
  expect(qualityQueries(30 * 86_400).stepSeconds).toBe(300);
});

describe("history", () => {
  const grid = { start: 100, end: 150, step: 10 };
  const series = (alertstate: string, ...values: number[]) => ({
    labels: { __name__: "ALERTS", alertstate },
    values: Float64Array.from(values),
  });

  it("is stretches of a state", () => {
    const stretches = stretchesOf(
      [series("pending", 1, 1, NaN, NaN, NaN, 1), series("firing", NaN, 1, 1, NaN, 1, NaN)],
      grid,
    );
    expect(stretches).toEqual([
      { state: "pending", start: 90, end: 100 },
      { state: "firing", start: 100, end: 120 },
      { state: "firing", start: 130, end: 140 },
      { state: "pending", start: 140, end: 150 },
    ]);
    expect(describePast(stretches)).toEqual({ timesFired: 2, firingSeconds: 30 });
  });

  it("asks for one alert, whatever its labels hold", () => {
    expect(historyQuery({ __name__: "ALERTS", alertname: 'a"b', "x.y": "1" }, "30s")).toBe(
      'max_over_time(ALERTS{alertname="a\\"b","x.y"="1"}[30s])',
    );
  });
});

describe("notifications", () => {
  const attempt = (change: Partial<Attempt>): Attempt => ({
    at: "2026-01-01T00:00:00Z",
    groupKey: '{}:{alertname="A"}',
    receiver: "pager",
    integration: "webhook",
    index: 0,
    reason: "first",
    number: 1,
    firing: 1,
    resolved: 0,
    outcome: "sent",
    error: undefined,
    isLast: true,
    ...change,
  });

  it("belong to the group whose labels end the key", () => {
    const labels = { team: 'a"b', alertname: "A" };
    expect(groupLabelsText(labels)).toBe('{alertname="A", team="a\\"b"}');
    const found = attemptsOfGroup(
      [
        attempt({ groupKey: '{}/{x="y"}:{alertname="A", team="a\\"b"}' }),
        attempt({ groupKey: '{}/{x="y"}:{alertname="A", team="a\\"b"}', receiver: "chat" }),
        attempt({}),
      ],
      { labels, receiver: { name: "pager" } },
    );
    expect(found).toHaveLength(1);
  });

  it("receivers in trouble come first, judged by their newest attempt", () => {
    const health = receiverHealth([
      attempt({ receiver: "a" }),
      attempt({ receiver: "z", outcome: "retried", error: "no route" }),
      attempt({ receiver: "a", outcome: "failed", error: "old" }),
      attempt({ receiver: "z" }),
    ]);
    expect(health.map(({ receiver, isFailing }) => [receiver, isFailing])).toEqual([
      ["z", true],
      ["a", false],
    ]);
    expect(health[1]).toMatchObject({ sent: 1, failed: 1 });
  });

  it("tries that fail alike are one line", () => {
    const failed = attempt({ outcome: "retried", error: "500" });
    const other = attempt({ groupKey: '{}:{alertname="B"}' });
    const runs = attemptRuns([
      failed,
      other,
      { ...failed, outcome: "failed" },
      attempt({ outcome: "retried", error: "refused" }),
      attempt({}),
      attempt({}),
    ]);
    expect(runs.map(({ attempt: { error }, count }) => [error, count])).toEqual([
      ["500", 2],
      [undefined, 1],
      ["refused", 1],
      [undefined, 1],
      [undefined, 1],
    ]);
  });

  it("noise is counted by receiver", () => {
    const labels = { receiver: "pager", integration: "webhook" };
    const noise = noiseOf(
      [sample(labels, 3.9), sample({ receiver: "idle" }, 0)],
      [sample(labels, 1), sample({ receiver: "chat" }, 9)],
    );
    expect(noise).toEqual([
      { receiver: "chat", integration: "", sent: 0, failed: 9 },
      { receiver: "pager", integration: "webhook", sent: 4, failed: 1 },
    ]);
  });
});
