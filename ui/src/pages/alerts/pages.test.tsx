/** What the pages about alerts show of what strangers wrote, and which of it. */
import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../alerting/alerts";
import { ruleGroups } from "../../api/rules";
import type { Route } from "../../api/alerting";
import { AlertRow } from "../../components/alerts/AlertRow";
import { AttemptList } from "../../components/alerts/AttemptList";
import { LinkedText } from "../../components/alerts/LinkedText";
import { parseLabels } from "../routing/labels";
import { RouteBox } from "../routing/RouteBox";
import { filterGroups, isTooSlow, readFilter, slowestFirst } from "../rules/list";
import { alertFilter, readState, withMatcher } from "./filter";

const EVIL = '<img src=x onerror="alert(1)"><script>alert(1)</script>';

function show(node: ReactNode) {
  return render(
    <MantineProvider>
      <MemoryRouter>{node}</MemoryRouter>
    </MantineProvider>,
  );
}

const alert: Alert = {
  id: "1",
  name: EVIL,
  labels: { alertname: EVIL, severity: "critical", instance: EVIL },
  seriesLabels: {},
  annotations: { summary: `${EVIL} javascript:alert(1)` },
  state: "firing",
  sinceMs: 0,
  value: 1,
  origin: undefined,
  generatorUrl: "javascript:alert(1)",
  held: undefined,
};

describe("strangers' text", () => {
  it("is text in a row", () => {
    const { container } = show(<AlertRow alert={alert} to="?open=1" />);
    expect(container.querySelector("script, img")).toBeNull();
    expect(container.textContent).toContain(EVIL);
    expect(screen.getByText("critical")).toBeTruthy();
  });

  it("is text in the error of an attempt", () => {
    const attempt = {
      at: "2026-01-01T00:00:00Z",
      groupKey: "",
      receiver: EVIL,
      integration: "webhook",
      index: 0,
      reason: "first",
      number: 1,
      firing: 1,
      resolved: 0,
      outcome: "failed" as const,
      error: EVIL,
      isLast: true,
    };
    const { container } = show(<AttemptList attempts={[attempt]} max={5} />);
    expect(container.querySelector("script, img")).toBeNull();
    expect(screen.getAllByText(EVIL)).toHaveLength(2);
  });

  it.each([
    ["see https://runbooks.example.com/a?b=c.", ["https://runbooks.example.com/a?b=c"]],
    ["(http://x.example/y) and HTTPS://z.example/q", ["http://x.example/y", "HTTPS://z.example/q"]],
    ["javascript:alert(1) data:text/html,x //x.example ftp://x.example/a", []],
    ['https://x.example/"onmouseover="alert(1)', ["https://x.example"]],
  ])("%s has links %j", (text, links) => {
    const { container } = show(<LinkedText text={text} />);
    const found = [...container.querySelectorAll("a")];
    expect(found.map((link) => link.getAttribute("href")?.replace(/\/$/, ""))).toEqual(links);
    expect(found.every((link) => link.rel === "noopener noreferrer")).toBe(true);
    expect(container.textContent).toContain(text);
  });
});

describe("the filter of alerts", () => {
  it.each([
    ["", true],
    ["onerror CRITICAL", true],
    ["onerror warning", false],
    ['severity="critical"', true],
    ["severity=~crit.*, job=", true],
    ["severity!=critical", false],
  ])("%s: %s", (text, shown) => {
    expect(alertFilter(text).test(alert)).toBe(shown);
  });

  it("that cannot be read says so, and hides nothing", () => {
    const filter = alertFilter('severity="');
    expect(filter.error).toBe('Not a matcher: severity="');
    expect(filter.test(alert)).toBe(true);
  });

  it("grows by a matcher", () => {
    expect(withMatcher("", 'a="b"')).toBe('a="b"');
    expect(withMatcher('{c="d"}', 'a="b"')).toBe('c="d", a="b"');
    expect(withMatcher('a="b"', 'a="b"')).toBe('a="b"');
    expect(withMatcher("some words", 'a="b"')).toBe('a="b"');
  });

  it("knows states", () => {
    expect([readState("silenced"), readState("odd"), readState(null)]).toEqual([
      "silenced",
      "all",
      "all",
    ]);
  });
});

describe("rules", () => {
  const groups = ruleGroups(
    {
      groups: [
        {
          name: "g",
          interval: 10,
          evaluationTime: 9,
          rules: [
            { type: "recording", name: "a:b", query: "sum(x)", evaluationTime: 1 },
            {
              type: "alerting",
              name: "Down",
              query: "up == 0",
              state: "firing",
              health: "err",
              lastError: "too many",
              evaluationTime: 2,
            },
          ],
        },
      ],
    },
    "data",
  );
  const names = (query: string) =>
    filterGroups(groups, readFilter(new URLSearchParams(query)))
      .flatMap(({ rules }) => rules)
      .map(({ name }) => name);

  it.each([
    ["", ["a:b", "Down"]],
    ["search=SUM", ["a:b"]],
    ["search=too+many", ["Down"]],
    ["type=recording", ["a:b"]],
    ["state=firing", ["Down"]],
    ["state=pending", []],
    ["health=err", ["Down"]],
    ["health=odd&type=odd&state=odd", ["a:b", "Down"]],
  ])("with %s are %j", (query, found) => {
    expect(names(query)).toEqual(found);
  });

  it("are sorted by what they cost", () => {
    expect(slowestFirst(groups).map(({ rule }) => rule.name)).toEqual(["Down", "a:b"]);
    expect(groups.map(isTooSlow)).toEqual([true]);
  });
});

describe("routing", () => {
  it.each([
    ["", {}],
    ["a=b", { labels: { a: "b" } }],
    ['{a="b", c="d=e"}', { labels: { a: "b", c: "d=e" } }],
    ["a=~b", { error: 'An alert\'s label has one value: a="..."' }],
    ["a", { error: "Not a label: a" }],
  ])("labels %s", (text, expected) => {
    expect(parseLabels(text)).toEqual(expected);
  });

  it("marks the way that labels take", () => {
    const route = (id: string, ...routes: Route[]): Route => ({
      id,
      receiver: `to ${id}`,
      matchers: id === "0" ? [] : [EVIL],
      groupBy: [],
      groupByAll: true,
      groupWait: "30s",
      groupInterval: "",
      repeatInterval: "",
      muteTimeIntervals: [],
      activeTimeIntervals: [],
      continue: false,
      routes,
    });
    const { container } = show(
      <RouteBox
        isRoot
        route={route("0", route("0.0", route("0.0.0")), route("0.1"))}
        matches={[
          { id: "0.0.0", receiver: "x", path: ["0", "0.0", "0.0.0"], groupLabels: {}, mutedBy: [] },
        ]}
      />,
    );
    const marks = [...container.querySelectorAll("[data-route]")].map(
      (box) => `${box.getAttribute("data-route")} ${box.getAttribute("data-mark")}`,
    );
    expect(marks).toEqual(["0 passes", "0.0 passes", "0.0.0 ends", "0.1 off"]);
    expect(container.querySelector("img")).toBeNull();
  });
});
