/**
 * Dashboards in a real Chromium against a running server (BASE_URL) that scrapes a host with
 * node_exporter's metrics under job="node". What is stored is answered by the tests themselves.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import {
  axeFaults,
  BASE_URL,
  colouredPixels,
  launch,
  openPage,
  overflowPx,
  until,
  usePage,
} from "./browser.mjs";

const everyPanel = JSON.parse(
  readFileSync(new URL("./dashboards/every-panel.json", import.meta.url), "utf8"),
);

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());
const withPage = (path, options, body) => usePage(browser, path, options, body);

/** A store of dashboards as the API shows one. */
async function store(page, dashboards = []) {
  const stored = new Map(dashboards.map((one) => [one.uid, one]));
  await page.route("**/api/search?*", (route) =>
    route.fulfill({
      json: [...stored.values()].map(({ uid, title, tags }) => ({
        uid,
        title,
        tags: tags ?? [],
        type: "dash-db",
        folderTitle: "Tests",
      })),
    }),
  );
  await page.route("**/api/dashboards/uid/*", (route) => {
    const dashboard = stored.get(route.request().url().split("/").at(-1));
    return dashboard
      ? route.fulfill({ json: { meta: { canSave: true, folderUid: "f" }, dashboard } })
      : route.fulfill({ status: 404, json: { message: "Dashboard not found" } });
  });
  await page.route("**/api/dashboards/db", (route) => {
    const { dashboard } = route.request().postDataJSON();
    const uid = dashboard.uid ?? "made";
    stored.set(uid, { ...dashboard, uid });
    return route.fulfill({ json: { uid, id: 1, version: 2, status: "success" } });
  });
  return stored;
}

/** Opens a dashboard that only this test knows. */
function withDashboard(dashboard, path, options, body) {
  return withPage("/targets", options, async (page) => {
    const stored = await store(page, [{ uid: "t", title: "Test", ...dashboard }]);
    await page.goto(`${BASE_URL}/d/t/test${path}`);
    await body(page, stored);
  });
}

const region = (page, name) => page.getByRole("region", { name, exact: true });

describe("the bundled dashboard of a host", () => {
  const path = "/d/system-resources/system-resources?from=now-15m&to=now";

  test("draws its graphs and gauges", () =>
    withPage(path, {}, async (page) => {
      for (const title of ["Processors", "Memory"]) {
        const chart = page.getByRole("img", { name: new RegExp(`^${title}: \\d+ series`) });
        await chart.first().waitFor();
        await until(`${title} is drawn`, async () => (await colouredPixels(chart.first())) > 100);
      }
      await page
        .getByRole("img", { name: /: [\d.]+%$/ })
        .first()
        .waitFor();
      await page.getByRole("cell", { name: "/", exact: true }).waitFor();
    }));

  test("asks nothing for what is not on the screen", () =>
    withPage("/targets", {}, async (page) => {
      const asked = [];
      page.on("request", (request) => {
        if (request.url().includes("/query")) asked.push(decodeURIComponent(request.url()));
      });
      await page.goto(BASE_URL + path);
      await page.getByRole("img", { name: /^Processors: \d+ series/ }).waitFor();
      assert.ok(!asked.some((url) => url.includes("node_sockstat_TCP_tw")));
      await page.getByRole("button", { name: /^Network/ }).click();
      await until("the row's panels ask", () =>
        asked.some((url) => url.includes("node_sockstat_TCP_tw")),
      );
    }));

  test("does not flicker when it refreshes", () =>
    withPage(`${path}&refresh=5s`, {}, async (page) => {
      await page.getByRole("img", { name: /^Processors: \d+ series/ }).waitFor();
      await page.evaluate(() => {
        window.blanks = 0;
        const look = () => {
          if (!document.querySelector('[aria-label^="Processors: "] canvas')) window.blanks += 1;
          requestAnimationFrame(look);
        };
        look();
      });
      await page.getByRole("button", { name: "Refresh now" }).click();
      await page.waitForTimeout(6_000);
      assert.equal(await page.evaluate(() => window.blanks), 0);
    }));

  test("a panel can be seen alone, and left by Escape", () =>
    withPage(path, {}, async (page) => {
      const panel = region(page, "Processors");
      await panel.hover();
      await panel.getByRole("button", { name: "Menu of Processors" }).click();
      await page.getByRole("menuitem", { name: "View alone" }).click();
      await page.waitForURL(/viewPanel=/);
      assert.equal(await region(page, "Memory").count(), 0);
      await page.reload();
      await panel.waitFor();
      await page.keyboard.press("Escape");
      await region(page, "Network").waitFor();
    }));

  test("a panel's queries can be inspected", () =>
    withPage(path, {}, async (page) => {
      const panel = region(page, "Processors");
      await panel.hover();
      await panel.getByRole("button", { name: "Menu of Processors" }).click();
      await page.getByRole("menuitem", { name: "Inspect" }).click();
      const drawer = page.getByRole("dialog");
      await drawer
        .getByText(/sum by \(mode\) \(rate\(node_cpu_seconds_total\{job="node"/)
        .waitFor();
      await drawer.getByRole("tab", { name: "Data" }).click();
      await drawer.getByRole("columnheader", { name: "Time" }).waitFor();
      await drawer.getByRole("tab", { name: "Panel JSON" }).click();
      await drawer.getByText('"type": "timeseries"').waitFor();
    }));
});

describe("every type of panel", () => {
  const options = { viewport: { width: 1400, height: 3000 } };

  test("shows live data, and no error", () =>
    withDashboard(everyPanel, "?from=now-15m", options, async (page) => {
      const titles = everyPanel.panels.map(({ title }) => title);
      for (const title of titles) {
        const panel = region(page, title);
        await panel.waitFor();
        await until(`${title} has something to show`, async () => {
          if ((await panel.getByLabel("Loading").count()) > 0) return false;
          const text = await panel.innerText();
          assert.doesNotMatch(text, /No data|went wrong|not valid/, title);
          return (
            (await panel.locator("svg[role=img], canvas, td, li, [role=img] span").count()) > 0 ||
            text.length > title.length + 2
          );
        });
      }
      const heat = region(page, "heatmap");
      await until("the heatmap is drawn", async () => (await colouredPixels(heat)) > 100);
    }));

  test("fits a phone", () =>
    withDashboard(
      everyPanel,
      "?from=now-15m",
      { viewport: { width: 390, height: 844 } },
      async (page) => {
        await region(page, "timeseries").waitFor();
        assert.ok((await overflowPx(page)) <= 0, "something sticks out");
      },
    ));
});

describe("variables", () => {
  const dashboard = {
    templating: {
      list: [
        {
          name: "mode",
          type: "query",
          query: "label_values(node_cpu_seconds_total, mode)",
          sort: 1,
        },
        {
          name: "cpu",
          type: "query",
          query: 'label_values(node_cpu_seconds_total{mode="$mode"}, cpu)',
          multi: true,
          includeAll: true,
          current: { value: ["$__all"] },
        },
      ],
    },
    panels: [
      {
        id: 1,
        type: "timeseries",
        title: "of $mode",
        gridPos: { x: 0, y: 0, w: 24, h: 8 },
        targets: [
          {
            refId: "A",
            expr: 'rate(node_cpu_seconds_total{mode="$mode",cpu=~"$cpu"}[$__rate_interval])',
            legendFormat: "cpu {{cpu}}",
          },
        ],
      },
      {
        id: 2,
        type: "stat",
        title: "cpu $cpu",
        repeat: "cpu",
        gridPos: { x: 0, y: 8, w: 24, h: 4 },
        targets: [{ refId: "A", expr: 'count(node_cpu_seconds_total{cpu="$cpu"})' }],
      },
    ],
  };

  test("are chosen in the bar, kept in the address, and repeat panels", () =>
    withDashboard(dashboard, "?from=now-15m", {}, async (page) => {
      await region(page, "of idle").waitFor();
      await region(page, "cpu 0").waitFor();
      await page.getByRole("combobox", { name: "mode" }).click();
      await page.getByRole("option", { name: "user", exact: true }).click();
      await page.waitForURL(/var-mode=user/);
      await region(page, "of user")
        .getByRole("img", { name: /^of user: \d+ series/ })
        .waitFor();
      await page.reload();
      await region(page, "of user").waitFor();
      await page.goto(`${BASE_URL}/d/t/test?from=now-15m&var-mode=system&var-cpu=0`);
      await region(page, "of system").getByRole("img", { name: "of system: 1 series" }).waitFor();
    }));
});

describe("bad input", () => {
  test("a failing query is shown in its panel, the others go on", () =>
    withDashboard(
      {
        panels: [
          { id: 1, type: "timeseries", title: "bad", targets: [{ refId: "A", expr: "sum(up" }] },
          { id: 2, type: "stat", title: "good", targets: [{ refId: "A", expr: "vector(42)" }] },
          { id: 3, type: "logs", title: "later", targets: [{ refId: "A", expr: "{}" }] },
          { id: 4, type: "of-the-future", title: "unknown", targets: [{ refId: "A", expr: "up" }] },
        ],
      },
      "",
      {},
      async (page) => {
        const bad = region(page, "bad").getByRole("alert");
        await bad.getByText("This query is not valid").waitFor();
        await bad.getByText("sum(up", { exact: true }).waitFor();
        await region(page, "good").getByText("42").waitFor();
        await region(page, "later")
          .getByText(/comes later/)
          .waitFor();
        await region(page, "unknown")
          .getByText(/Not supported yet/)
          .waitFor();
      },
    ));

  test("scripts in texts and titles do not run", () =>
    withDashboard(
      {
        title: "<img src=x onerror=window.hacked=1>",
        panels: [
          {
            id: 1,
            type: "text",
            title: "<script>window.hacked=1</script>",
            options: {
              mode: "html",
              content:
                "<b>fine</b><img src=x onerror=window.hacked=1><script>window.hacked=1</script>" +
                "<a href='javascript:window.hacked=1'>link</a>",
            },
          },
        ],
      },
      "",
      {},
      async (page) => {
        await page.getByText("fine").waitFor();
        await page.getByText("link").click();
        assert.equal(await page.evaluate(() => window.hacked), undefined);
      },
    ));

  test("an unknown dashboard says so", () =>
    withPage("/d/nothing/here", {}, async (page) => {
      await page.getByText("Not found").waitFor();
      await page.getByRole("link", { name: "All dashboards" }).click();
      await page.getByRole("heading", { name: "Dashboards" }).waitFor();
    }));
});

describe("editing", () => {
  const dashboard = {
    keep: { me: [1, null] },
    panels: [
      {
        id: 1,
        type: "timeseries",
        title: "left",
        gridPos: { x: 0, y: 0, w: 12, h: 6 },
        targets: [{ refId: "A", expr: "node_load1" }],
      },
      {
        id: 2,
        type: "stat",
        title: "right",
        future: true,
        gridPos: { x: 12, y: 0, w: 12, h: 6 },
        targets: [{ refId: "A", expr: "vector(42)" }],
      },
    ],
  };
  const gripOf = (page, name) => region(page, name).locator("xpath=..").getByTitle("Drag to move");

  test("a panel is dragged, that is undone, done again, and saved", () =>
    withDashboard(dashboard, "", {}, async (page, stored) => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      const from = await gripOf(page, "right").boundingBox();
      await page.mouse.move(from.x + 5, from.y + 5);
      await page.mouse.down();
      await page.mouse.move(from.x - 900, from.y + 5, { steps: 8 });
      await page.mouse.up();
      const isLeft = async () => (await region(page, "right").boundingBox()).x < 400;
      await until("it is on the left", isLeft);
      await page.getByRole("button", { name: "Undo" }).click();
      await until("it is back", async () => !(await isLeft()));
      await page.getByRole("button", { name: "Redo" }).click();
      await until("it is on the left again", isLeft);
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
      const saved = stored.get("t");
      assert.deepEqual(saved.keep, dashboard.keep);
      const right = saved.panels.find(({ id }) => id === 2);
      assert.deepEqual(right.gridPos, { x: 0, y: 0, w: 12, h: 6 });
      assert.equal(right.future, true);
      await until("what was saved is shown", isLeft);
    }));

  test("a panel's query, title and type are edited with a live preview", () =>
    withDashboard(dashboard, "", {}, async (page, stored) => {
      const panel = region(page, "left");
      await panel.hover();
      await panel.getByRole("button", { name: "Menu of left" }).click();
      await page.getByRole("menuitem", { name: "Edit" }).click();
      await page.getByLabel("Title").fill("Answer");
      await page.getByRole("textbox", { name: "Query A", exact: true }).click();
      await page.keyboard.press("Control+a");
      await page.keyboard.type("vector(7)");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Shift+Enter");
      await page.getByRole("combobox", { name: "Type" }).click();
      await page.getByRole("option", { name: "Stat", exact: true }).click();
      await region(page, "Answer").getByText("7", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Back to the dashboard" }).click();
      await region(page, "right").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
      const [left] = stored.get("t").panels.filter(({ id }) => id === 1);
      assert.equal(left.type, "stat");
      assert.equal(left.title, "Answer");
      assert.equal(left.targets[0].expr, "vector(7)");
    }));

  test("a save that conflicts says so, and can be insisted on", () =>
    withDashboard(dashboard, "", {}, async (page) => {
      let asked = 0;
      await page.route("**/api/dashboards/db", (route) => {
        asked += 1;
        return route.request().postDataJSON().overwrite
          ? route.fulfill({ json: { uid: "t", version: 3 } })
          : route.fulfill({
              status: 412,
              json: { status: "version-mismatch", message: "Somebody else has changed it." },
            });
      });
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("button", { name: "Panel", exact: true }).click();
      await region(page, "New panel").waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Save", exact: true }).click();
      await dialog.getByText("Somebody else has changed it.").waitFor();
      await dialog.getByRole("button", { name: "Save mine over it" }).click();
      await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
      assert.equal(asked, 2);
    }));
});

describe("the list of dashboards", () => {
  test("finds by name and tag", () =>
    withPage("/dashboards", {}, async (page) => {
      await page.getByRole("link", { name: /System resources/ }).waitFor();
      await page.getByLabel("Search dashboards").fill("cardin");
      await until("others are gone", async () => {
        return (await page.getByRole("link", { name: /System resources/ }).count()) === 0;
      });
      await page.getByRole("link", { name: /Cardinality/ }).click();
      await page.waitForURL(/\/d\/cardinality\/cardinality-explorer/);
    }));

  test("Ctrl-K finds one", () =>
    withPage("/targets", {}, async (page) => {
      await page.getByRole("heading", { name: "Targets" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("cardinality");
      await page.getByRole("option", { name: /Cardinality explorer/ }).click();
      await page.waitForURL(/\/d\/cardinality/);
    }));

  test("imports what is dropped", () =>
    withPage("/dashboards", {}, async (page) => {
      await page.getByRole("link", { name: /System resources/ }).waitFor();
      const dropped = await page.evaluateHandle(() => {
        const transfer = new DataTransfer();
        const text = JSON.stringify({ title: "Dropped", panels: [] });
        transfer.items.add(new File([text], "d.json", { type: "application/json" }));
        return transfer;
      });
      await page.getByRole("heading", { name: "Dashboards" }).dispatchEvent("drop", {
        dataTransfer: dropped,
      });
      await page.getByRole("dialog").getByText("Dropped", { exact: true }).waitFor();
    }));

  test("imports what is pasted", () =>
    withPage("/targets", {}, async (page) => {
      const stored = await store(page);
      await page.goto(`${BASE_URL}/dashboards`);
      await page.getByRole("button", { name: "Import" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("JSON of the dashboard").fill("{ not json");
      await dialog.getByText(/This is not JSON/).waitFor();
      const old = {
        title: "Old one",
        rows: [{ panels: [{ type: "graph", span: 12, title: "g", targets: [{ expr: "up" }] }] }],
        keep: { me: 1 },
      };
      await dialog.getByLabel("JSON of the dashboard").fill(JSON.stringify({ dashboard: old }));
      await dialog.getByText("1 panels").waitFor();
      await dialog.getByRole("button", { name: "Import" }).click();
      await page.waitForURL(/\/d\/made\/old-one/);
      await region(page, "g")
        .getByRole("img", { name: /^g: \d+ series/ })
        .waitFor();
      assert.deepEqual(stored.get("made"), { ...old, uid: "made" });
    }));
});

describe("accessibility", () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const path of [
      "/dashboards",
      "/d/system-resources/x?from=now-15m",
      "/d/service-overview/x",
    ]) {
      test(`axe finds no fault in ${path} (${colorScheme})`, async () => {
        const { page } = await openPage(browser, path, { colorScheme, reducedMotion: "reduce" });
        await page.waitForLoadState("networkidle");
        assert.deepEqual(await axeFaults(page), []);
        await page.close();
      });
    }
  }
});
