/**
 * The pages about alerts in a real Chromium. What must hold on any server is asked of the one at
 * BASE_URL, be it one with few alerts or without an Alertmanager; what needs alerts of a kind is
 * shown with answers of the test's own.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  axeFaults,
  BASE_URL,
  colouredPixels,
  launch,
  overflowPx,
  until,
  usePage,
} from "./browser.mjs";

const PAGES = [
  "/alerts",
  "/alerts/silences",
  "/alerts/silences/edit",
  "/alerts/notifications",
  "/alerts/routing",
  "/alerts/rules",
  "/alerts/report",
];

const EVIL = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;

let browser;
let hasAlertmanager = false;
before(async () => {
  browser = await launch();
  const response = await fetch(`${BASE_URL}/alertmanager/api/v2/status`);
  hasAlertmanager = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
});
after(() => browser?.close());
const withPage = (path, options, body) => usePage(browser, path, options, body);

/** A page at which the server's answers by path are those given, from the first request on. */
async function withAnswers(answers, path, options, body) {
  await withPage("/targets", options, async (page) => {
    await page.route(
      (url) => Object.hasOwn(answers, url.pathname),
      (route) => {
        const found = answers[new URL(route.request().url()).pathname];
        const { status = 200, json } = typeof found === "function" ? found(route.request()) : found;
        return route.fulfill({
          status,
          contentType: status === 200 ? "application/json" : "text/plain",
          body: status === 200 ? JSON.stringify(json) : "404 page not found",
        });
      },
    );
    await page.goto(BASE_URL + path);
    await body(page);
  });
}

const MATRIX = "/api/v1/query_range";
const AM = "/alertmanager/api/v2";
const OWN = "/api/bellwether/v1/alerting";
const prometheus = (data) => ({ json: { status: "success", data } });
const missing = { status: 404 };
const minutesAgo = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

/** One alert, as rules and Alertmanager tell of it. */
function alertOf(labels, status = {}) {
  return {
    labels,
    annotations: { summary: `Summary of ${labels.instance}`, evil: EVIL },
    startsAt: minutesAgo(20),
    endsAt: minutesAgo(-5),
    fingerprint: labels.instance,
    receivers: [{ name: "pager" }],
    status: { state: "active", silencedBy: [], inhibitedBy: [], ...status },
  };
}

function scene() {
  const labels = (instance, severity) => ({ alertname: "Hot", instance, severity, evil: EVIL });
  const hot = labels("a:1", "critical");
  const quiet = labels("b:1", "warning");
  const rule = {
    type: "alerting",
    name: "Hot",
    query: "temperature > 80",
    duration: 60,
    labels: {},
    annotations: { runbook_url: "https://runbooks.example.com/hot" },
    state: "firing",
    health: "ok",
    evaluationTime: 0.01,
    lastEvaluation: minutesAgo(0),
    alerts: [
      {
        labels: hot,
        annotations: alertOf(hot).annotations,
        state: "firing",
        activeAt: minutesAgo(20),
        value: "9e+01",
      },
      { labels: quiet, annotations: {}, state: "firing", activeAt: minutesAgo(10), value: "9e+01" },
    ],
  };
  rule.alerts[0].annotations.runbook_url = "https://runbooks.example.com/hot";
  const slow = {
    type: "recording",
    name: "a:b",
    query: "sum(x)",
    health: "err",
    lastError: EVIL,
    evaluationTime: 2,
  };
  const held = [alertOf(hot), alertOf(quiet, { state: "suppressed", silencedBy: ["s1"] })];
  const attempt = (change) => ({
    at: minutesAgo(1),
    groupKey: '{}:{alertname="Hot"}',
    receiver: "pager",
    integration: "webhook",
    index: 0,
    reason: "first",
    number: 1,
    firing: 2,
    resolved: 0,
    outcome: "sent",
    error: null,
    isLast: true,
    ...change,
  });
  return {
    "/api/v1/rules": prometheus({
      groups: [
        { name: "heat", file: "heat.yml", rules: [rule, slow], interval: 15, evaluationTime: 2 },
      ],
    }),
    "/api/v1/parse_query": prometheus({
      type: "binaryExpr",
      op: ">",
      bool: false,
      lhs: { type: "vectorSelector", name: "temperature", matchers: [], offset: 0 },
      rhs: { type: "numberLiteral", val: "80" },
    }),
    "/api/v1/query": prometheus({ resultType: "vector", result: [] }),
    [MATRIX]: (request) => prometheus({ resultType: "matrix", result: matrix(request) }),
    [`${AM}/alerts`]: (request) => {
      const filters = new URL(request.url()).searchParams.getAll("filter").join();
      return {
        json: held.filter(
          ({ labels }) => !filters.includes("instance") || filters.includes(labels.instance),
        ),
      };
    },
    [`${AM}/alerts/groups`]: {
      json: [{ labels: { alertname: "Hot" }, receiver: { name: "pager" }, alerts: held }],
    },
    [`${AM}/silences`]: {
      json: [
        {
          id: "s1",
          status: { state: "active" },
          matchers: [{ name: "instance", value: "b:1", isRegex: false, isEqual: true }],
          startsAt: minutesAgo(10),
          endsAt: minutesAgo(-60),
          createdBy: "ada",
          comment: EVIL,
        },
      ],
    },
    [`${OWN}/attempts`]: {
      json: {
        attempts: [
          attempt({ outcome: "retried", error: `no route to ${EVIL}` }),
          attempt({ receiver: "chat", integration: "slack" }),
        ],
      },
    },
    [`${OWN}/routes`]: {
      json: {
        route: {
          id: "0",
          receiver: "chat",
          groupBy: ["alertname"],
          groupWait: "30s",
          routes: [
            { id: "0.0", receiver: "pager", matchers: ['severity="critical"'], groupByAll: true },
            { id: "0.1", receiver: "nobody", matchers: [EVIL] },
          ],
        },
        receivers: [{ name: "pager", integrations: ["webhook"] }],
        inhibitRules: [{ sourceMatchers: ['a="b"'], targetMatchers: ['c="d"'], equal: ["e"] }],
        timeIntervals: ["nights"],
      },
    },
    [`${OWN}/route-test`]: {
      json: {
        matches: [
          {
            id: "0.0",
            receiver: "pager",
            path: ["0", "0.0"],
            groupLabels: { alertname: "Hot" },
            mutedBy: ["nights"],
          },
        ],
      },
    },
  };
}

/** Whatever is asked, on the grid that was asked for. */
function matrix(request) {
  const params = new URL(request.url()).searchParams;
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(params.get(name)));
  const values = [];
  for (let time = start; time <= end; time += step) values.push([time, "85"]);
  if (params.get("query").includes("ALERTS")) {
    return [{ metric: { alertstate: "firing" }, values: values.slice(-20) }];
  }
  return [{ metric: { __name__: "temperature", instance: "a:1" }, values }];
}

describe("any server", () => {
  for (const path of PAGES) {
    test(`${path} says something`, () =>
      withPage(path, {}, async (page) => {
        await page.getByRole("navigation", { name: "Alerting" }).waitFor();
        await page.waitForLoadState("networkidle");
        const text = await page.locator("main").innerText();
        assert.ok(text.length > 80, text);
        assert.equal(await page.getByRole("alert").count(), 0);
      }));

    test(`${path} fits a phone`, () =>
      withPage(path, { viewport: { width: 390, height: 844 } }, async (page) => {
        await page.waitForLoadState("networkidle");
        assert.ok((await overflowPx(page)) <= 0, "something sticks out");
      }));

    for (const colorScheme of ["light", "dark"]) {
      test(`axe finds no fault in ${path} (${colorScheme})`, () =>
        withPage(path, { colorScheme, reducedMotion: "reduce" }, async (page) => {
          await page.waitForLoadState("networkidle");
          assert.deepEqual(await axeFaults(page), []);
        }));
    }
  }

  test("a silence lives: made, found, extended, changed, ended, made again", async (t) => {
    if (!hasAlertmanager) return t.skip("this server has no Alertmanager");
    const label = `e2e_${Date.now()}`;
    await withPage("/alerts/silences/edit", {}, async (page) => {
      const found = () => page.getByRole("listitem").filter({ hasText: label });
      await page.getByLabel("Add a matcher").fill(`${label}=~"x|y"`);
      await page.getByLabel("Add a matcher").press("Enter");
      await page.getByText("matches no alert that there is now").waitFor();
      await page.getByRole("button", { name: "8h" }).click();
      await page.getByLabel("Author").fill("e2e");
      await page.getByLabel("Comment").fill(EVIL);
      await page.getByRole("button", { name: "Silence", exact: true }).click();

      await page.waitForURL(/\/alerts\/silences$/);
      await found().getByText("ends in 7h 59m").waitFor();
      await found().getByText(EVIL).waitFor();
      await found().getByRole("button", { name: "Extend" }).click();
      await page.getByRole("menuitem", { name: "by 1 day" }).click();
      await found().getByText("ends in 1d 7h").waitFor();

      await found().getByRole("link", { name: "Edit" }).click();
      await page.getByRole("heading", { name: "Edit silence" }).waitFor();
      assert.equal(await page.getByLabel("Author").inputValue(), "e2e");
      await page.getByLabel("Comment").fill("changed");
      await page.getByRole("button", { name: "Save" }).click();
      await page.waitForURL(/\/alerts\/silences$/);
      await found().getByText("changed").waitFor();

      await found().getByRole("button", { name: "Expire" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await found().getByRole("button", { name: "Expire" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Expire" }).click();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await found().first().waitFor({ state: "hidden" });

      await page.getByRole("button", { name: /^Expired/ }).click();
      await page.waitForURL(/state=expired/);
      await found().first().getByRole("link", { name: "Make again" }).click();
      await page.getByRole("heading", { name: "Silence again" }).waitFor();
      assert.equal(await page.getByLabel(`Value for ${label}`).inputValue(), "x|y");
      assert.equal(await page.evaluate(() => window.hacked), undefined);
    });
  });

  test("home tells of alerts", () =>
    withPage("/", {}, async (page) => {
      await page.getByRole("region", { name: "Alerts" }).getByText("All alerts").click();
      await page.waitForURL(/\/alerts$/);
    }));

  test("Ctrl-K finds the routing tree", () =>
    withPage("/targets", {}, async (page) => {
      await page.getByRole("heading", { name: "Targets" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("routing");
      await page.getByRole("option", { name: /Alerts: Routing/ }).click();
      await page.waitForURL(/alerts\/routing/);
    }));
});

describe("a server without alerting", () => {
  const none = Object.fromEntries(Object.keys(scene()).map((path) => [path, missing]));
  for (const [path, text] of [
    ["/alerts", "Nothing is watched yet"],
    ["/alerts/silences", "This server has no Alertmanager"],
    ["/alerts/silences/edit", "This server has no Alertmanager"],
    ["/alerts/notifications", "This server sends no notifications"],
    ["/alerts/routing", "This server routes no alerts"],
    ["/alerts/rules", "There are no rules"],
  ]) {
    test(`${path} says so`, () =>
      withAnswers(
        { ...none, [`${AM}/status`]: missing, "/api/v1/query": scene()["/api/v1/query"] },
        path,
        {},
        (page) => page.getByText(text).waitFor(),
      ));
  }
});

describe("alerts", () => {
  const row = (page, instance) =>
    page.getByRole("listitem").filter({ hasText: `instance=${instance}` });

  test("are shown by state, and filtered by matchers that the address keeps", () =>
    withAnswers(scene(), "/alerts", {}, async (page) => {
      await row(page, "a:1").getByText("firing").waitFor();
      await row(page, "b:1").getByText("silenced").waitFor();
      await page.getByRole("button", { name: "Silenced 1" }).click();
      await row(page, "a:1").waitFor({ state: "hidden" });
      assert.match(page.url(), /state=silenced/);
      await page.getByRole("button", { name: "All 2" }).click();
      await page.keyboard.press("/");
      await page.keyboard.type('severity=~"crit.*"');
      await row(page, "b:1").waitFor({ state: "hidden" });
      await page.waitForURL(/filter=severity/);
      await page.reload();
      await row(page, "a:1").waitFor();
      assert.equal(await row(page, "b:1").count(), 0);
      await page.getByLabel("Filter alerts").fill('severity="');
      await page.getByText("Not a matcher").waitFor();
    }));

  test("open by keyboard to graph, threshold, history, notifications and runbook", () =>
    withAnswers(scene(), "/alerts", {}, async (page) => {
      await row(page, "a:1").waitFor();
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      const drawer = page.getByRole("dialog");
      await drawer.getByText("Fires when > 80").waitFor();
      const chart = drawer.getByRole("img", { name: "Graph of Hot: 1 series" });
      await chart.waitFor();
      await until("line and threshold are drawn", async () => (await colouredPixels(chart)) > 100);
      await drawer.getByRole("img", { name: /^History: fired once/ }).waitFor();
      await drawer.getByText("failed, retrying").waitFor();
      const runbook = drawer.getByRole("link", { name: "Runbook" });
      assert.equal(await runbook.getAttribute("href"), "https://runbooks.example.com/hot");
      assert.match(page.url(), /open=[0-9a-f]{16}/);
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "hidden" });
      assert.doesNotMatch(page.url(), /open=/);
    }));

  test("are silenced from where they are seen, with a preview", () =>
    withAnswers(scene(), "/alerts", {}, async (page) => {
      await row(page, "a:1").getByRole("link", { name: "Silence Hot" }).click();
      await page.getByText("1 of 2 alerts").waitFor();
      assert.equal(await page.getByLabel("Value for instance").inputValue(), "a:1");
      await page.getByRole("button", { name: "Remove instance" }).click();
      await page.getByText("This matches every alert").waitFor();
    }));

  test("are silenced as a group, by what they have in common", () =>
    withAnswers(scene(), "/alerts", {}, async (page) => {
      await page.getByRole("link", { name: "Silence all of Hot" }).click();
      await page.getByText("2 of 2 alerts").waitFor();
      assert.equal(await page.getByLabel("Value for alertname").inputValue(), "Hot");
      assert.equal(await page.getByLabel("Value for instance").count(), 0);
    }));

  test("stay on the screen while they are asked for again", () =>
    withAnswers(scene(), "/alerts", {}, async (page) => {
      await row(page, "a:1").waitFor();
      await page.evaluate(() => {
        window.blanks = 0;
        const look = () => {
          if (document.querySelectorAll("a[data-alert]").length !== 2) window.blanks += 1;
          requestAnimationFrame(look);
        };
        look();
      });
      await page.waitForTimeout(6_500);
      assert.equal(await page.evaluate(() => window.blanks), 0);
    }));

  test("stay on the screen when the server refuses, with the reason where it failed", () =>
    withAnswers(scene(), "/alerts", {}, async (page) => {
      await row(page, "a:1").waitFor();
      await page.route(`**${AM}/alerts`, (route) =>
        route.fulfill({ status: 503, contentType: "application/json", body: '"overloaded"' }),
      );
      await page.getByRole("alert").getByText("overloaded").waitFor();
      assert.ok(await row(page, "b:1").getByText("silenced").isVisible());
      await page.reload();
      await page.getByRole("alert").getByText("overloaded").waitFor();
      assert.ok(await row(page, "a:1").isVisible());
    }));

  for (const path of [
    "/alerts",
    "/alerts?open=x",
    "/alerts/silences",
    "/alerts/notifications",
    "/alerts/routing?labels=severity%3Dcritical",
    "/alerts/rules",
    "/",
  ]) {
    test(`markup in what they say is text: ${path}`, () =>
      withAnswers(scene(), path, { reducedMotion: "reduce" }, async (page) => {
        if (path.includes("open")) {
          await page.goto(`${BASE_URL}/alerts`);
          await row(page, "a:1").getByRole("link").first().click();
          await page.getByRole("dialog").getByText("Notified").waitFor();
        }
        await page.waitForLoadState("networkidle");
        assert.equal(await page.evaluate(() => window.hacked), undefined);
        assert.equal(await page.locator("main img, [role=dialog] img").count(), 0);
        assert.deepEqual(await axeFaults(page), []);
      }));
  }
});

describe("notifications, routes, rules", () => {
  test("receivers in trouble come first, with what they said", () =>
    withAnswers(scene(), "/alerts/notifications", {}, async (page) => {
      const first = page.getByRole("list", { name: "Receivers" }).getByRole("listitem").first();
      await first.getByText("failing").waitFor();
      await first.getByText(`no route to ${EVIL}`).waitFor();
      await first.getByRole("button").click();
      await page.waitForURL(/receiver=pager/);
    }));

  test("labels under test light up their way", () =>
    withAnswers(scene(), "/alerts/routing", {}, async (page) => {
      await page.getByLabel("Labels of an alert").fill("severity=critical");
      await page.getByText("muted now by nights").waitFor();
      const mark = (id) => page.locator(`[data-route="${id}"]`).getAttribute("data-mark");
      assert.deepEqual(
        [await mark("0"), await mark("0.0"), await mark("0.1")],
        ["passes", "ends", "off"],
      );
      assert.match(page.url(), /labels=severity/);
    }));

  test("rules are found by health, and the slowest come first", () =>
    withAnswers(scene(), "/alerts/rules", {}, async (page) => {
      await page.getByRole("region", { name: "Group heat" }).waitFor();
      await page.getByText("Slowest", { exact: true }).click();
      const names = page.getByRole("region", { name: "Slowest rules" }).locator("strong");
      assert.deepEqual(await names.allInnerTexts(), ["a:b", "Hot"]);
      await page.getByLabel("Search rules").fill("temperature");
      await until("one is left", async () => (await names.allInnerTexts()).join() === "Hot");
      await page.getByRole("button", { name: /Hot/ }).click();
      await page.getByRole("link", { name: "Explore" }).last().click();
      await page.waitForURL(/explore\?q=temperature/);
    }));
});
