/**
 * Dashboards in a real Chromium against a running server (BASE_URL) that scrapes a host with
 * node_exporter's metrics under job="node". What the tests store there they take away again.
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
import { api, remove, save, stored, unique, withoutCounters } from "./storage.mjs";

const everyPanel = JSON.parse(
  readFileSync(new URL("./dashboards/every-panel.json", import.meta.url), "utf8"),
);

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());
const withPage = (path, options, body) => usePage(browser, path, options, body);

/** Opens a dashboard that only this test knows. */
async function withDashboard(dashboard, path, options, body) {
  const uid = await save({ title: unique("Test"), ...dashboard, uid: unique("e2e") });
  try {
    await withPage(`/d/${uid}/test${path}`, options, (page) => body(page, uid));
  } finally {
    await remove(uid);
  }
}

const region = (page, name) => page.getByRole("region", { name, exact: true });

async function addPanel(page) {
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("menuitem", { name: "Panel" }).click();
}

async function openEditor(page, title) {
  await region(page, title).hover();
  await region(page, title)
    .getByRole("button", { name: `Menu of ${title}` })
    .click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
}

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
      await until("the others are gone", async () => (await region(page, "Memory").count()) === 0);
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
    withDashboard(dashboard, "?from=now-15m", {}, async (page, uid) => {
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
      await page.goto(`${BASE_URL}/d/${uid}/test?from=now-15m&var-mode=system&var-cpu=0`);
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
          {
            id: 3,
            type: "logs",
            title: "logs",
            datasource: { type: "loki" },
            targets: [{ refId: "A", expr: "{}" }],
          },
          { id: 5, type: "candlestick", title: "later", targets: [{ refId: "A", expr: "up" }] },
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
        await region(page, "logs").getByText("There is no data source for logs yet.").waitFor();
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
      await page.getByText("Not found", { exact: true }).waitFor();
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
    withDashboard(dashboard, "", {}, async (page, uid) => {
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
      const saved = await stored(uid);
      assert.deepEqual(saved.keep, dashboard.keep);
      const right = saved.panels.find(({ id }) => id === 2);
      assert.deepEqual(right.gridPos, { x: 0, y: 0, w: 12, h: 6 });
      assert.equal(right.future, true);
      await until("what was saved is shown", isLeft);
    }));

  test("a panel's query, title and type are edited with a live preview", () =>
    withDashboard(dashboard, "", {}, async (page, uid) => {
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
      const [left] = (await stored(uid)).panels.filter(({ id }) => id === 1);
      assert.equal(left.type, "stat");
      assert.equal(left.title, "Answer");
      assert.equal(left.targets[0].expr, "vector(7)");
    }));

  test("a save that conflicts shows what differs, and can be insisted on", () =>
    withDashboard(dashboard, "", {}, async (page, uid) => {
      await region(page, "right").waitFor();
      await save({ ...dashboard, uid, title: "Of somebody else" });
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await addPanel(page);
      await region(page, "New panel").waitFor();
      await page.keyboard.press("Control+s");
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Save", exact: true }).click();
      await dialog.getByText(/changed by someone else/).waitFor();
      await dialog.getByText('panels["New panel"]').waitFor();
      await dialog.getByText("Of somebody else").waitFor();
      await dialog.getByRole("button", { name: "Save mine over it" }).click();
      await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
      const saved = await stored(uid);
      assert.ok(saved.panels.some(({ title }) => title === "New panel"));
      assert.notEqual(saved.title, "Of somebody else");
    }));

  test("a save that conflicts can go into a copy", () =>
    withDashboard(dashboard, "", {}, async (page, uid) => {
      await region(page, "right").waitFor();
      await save({ ...dashboard, uid, title: "Theirs" });
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await addPanel(page);
      await page.getByRole("button", { name: "Save" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Save", exact: true }).click();
      await dialog.getByRole("button", { name: "Save mine as a copy" }).click();
      await page.waitForURL((url) => !url.pathname.includes(`/${uid}/`));
      const copy = new URL(page.url()).pathname.split("/")[2];
      assert.equal((await stored(uid)).title, "Theirs");
      assert.ok((await stored(copy)).panels.some(({ title }) => title === "New panel"));
      await remove(copy);
    }));

  test("what was not saved is not left by mistake", () =>
    withDashboard(dashboard, "", {}, async (page, uid) => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await addPanel(page);
      await page.getByRole("button", { name: "Back to the dashboard" }).click();
      let answer = false;
      const asked = [];
      page.on("dialog", (dialog) => {
        asked.push(dialog.message());
        return answer ? dialog.accept() : dialog.dismiss();
      });
      await page.getByRole("link", { name: "Targets" }).click();
      await until("it asks", () => asked.length === 1);
      assert.match(page.url(), new RegExp(uid));
      await region(page, "New panel").waitFor();
      answer = true;
      await page.getByRole("link", { name: "Targets" }).click();
      await page.getByRole("heading", { name: "Targets" }).waitFor();
      assert.equal(asked.length, 2);
    }));

  test("rows are added, named and taken away", () =>
    withDashboard(dashboard, "", {}, async (page) => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("button", { name: "Add" }).click();
      await page.getByRole("menuitem", { name: "Row" }).click();
      await page.getByRole("button", { name: "Menu of the row New row" }).click();
      await page.getByRole("menuitem", { name: "Name and repeat" }).click();
      await page.getByRole("dialog").getByLabel("Title").fill("My row");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "My row", exact: true }).waitFor();
      await page.getByRole("button", { name: "Menu of the row My row" }).click();
      await page.getByRole("menuitem", { name: "Remove the row only" }).click();
      await region(page, "left").waitFor();
      assert.equal(await page.getByRole("button", { name: "My row", exact: true }).count(), 0);
    }));

  test("a variable is made, and shows what it offers", () =>
    withDashboard(dashboard, "", {}, async (page, uid) => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("button", { name: "Settings of the dashboard" }).click();
      const drawer = page.getByRole("dialog");
      await drawer.getByRole("tab", { name: "Variables" }).click();
      await drawer.getByRole("button", { name: "Variable", exact: true }).click();
      await drawer.getByRole("textbox", { name: "Name", exact: true }).fill("not a name");
      await drawer.getByText(/letters, digits/).waitFor();
      await drawer.getByRole("textbox", { name: "Name", exact: true }).fill("mode");
      await drawer.getByLabel(/^Query, such as/).fill("label_values(node_cpu_seconds_total, mode)");
      await drawer.getByLabel("Values", { exact: true }).getByText(/idle/).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("combobox", { name: "mode" }).waitFor();
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
      await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
      const [variable] = (await stored(uid)).templating.list;
      assert.equal(variable.name, "mode");
    }));

  test("the JSON is checked as it is typed, and applied", () =>
    withDashboard(dashboard, "", {}, async (page) => {
      await region(page, "left").waitFor();
      await page.keyboard.press("d");
      await page.keyboard.press("s");
      const drawer = page.getByRole("dialog");
      await drawer.getByRole("tab", { name: "JSON" }).click();
      const text = await drawer.getByRole("textbox", { name: "JSON" }).inputValue();
      await drawer.getByRole("textbox", { name: "JSON" }).fill("{ broken");
      await drawer.getByRole("alert").waitFor();
      assert.ok(await drawer.getByRole("button", { name: "Apply" }).isDisabled());
      await drawer.getByRole("textbox", { name: "JSON" }).fill(text.replace('"left"', '"renamed"'));
      await drawer.getByRole("button", { name: "Apply" }).click();
      await region(page, "renamed").waitFor();
    }));

  test("mappings, overrides and transformations change what is drawn", () =>
    withDashboard(dashboard, "", {}, async (page) => {
      await openEditor(page, "right");
      await page.getByRole("button", { name: "Value mappings" }).click();
      await page.getByRole("button", { name: "Mapping", exact: true }).click();
      const mapping = page.getByRole("group", { name: "Mapping 1" });
      await mapping.getByRole("textbox", { name: "Value" }).fill("42");
      await mapping.getByLabel("Shown as").fill("the answer");
      await region(page, "right").getByText("the answer").waitFor();
      await page.getByRole("button", { name: "Overrides" }).click();
      await page.getByRole("button", { name: "Override", exact: true }).click();
      const override = page.getByRole("region", { name: "Override 1" });
      await override.getByLabel("Which").fill("vector(42)");
      await override.getByLabel("Add a property to override 1").click();
      await page.getByRole("option", { name: "Value mappings" }).click();
      await override.getByRole("button", { name: "Mapping", exact: true }).click();
      const other = override.getByRole("group", { name: "Mapping 1" });
      await other.getByRole("textbox", { name: "Value" }).fill("42");
      await other.getByLabel("Shown as").fill("overridden");
      await region(page, "right").getByText("overridden").waitFor();
      await page.getByRole("tab", { name: "Transformations" }).click();
      await page.getByRole("combobox", { name: "Add a transformation" }).click();
      await page.getByRole("option", { name: "Keep fields by name" }).click();
      await page.getByLabel("Keep names like").fill("nothing");
      await region(page, "right").getByText("No data").waitFor();
    }));

  test("what comes from a file is saved as a copy", () =>
    withPage("/d/cardinality/x", {}, async (page) => {
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await addPanel(page);
      await page.getByRole("button", { name: "Save" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText(/comes from a file/).waitFor();
      const title = unique("Mine");
      await dialog.getByLabel("Title").fill(title);
      await dialog.getByRole("button", { name: "Save the copy" }).click();
      await page.getByRole("heading", { name: title }).waitFor();
      const copy = new URL(page.url()).pathname.split("/")[2];
      assert.notEqual(copy, "cardinality");
      await remove(copy);
    }));
});

describe("versions", () => {
  test("are compared, and one is restored", () =>
    withDashboard({ panels: [], description: "first" }, "", {}, async (page, uid) => {
      await save({ ...(await stored(uid)), description: "second" }, { message: "A word on it" });
      await page.reload();
      await page.getByRole("button", { name: "More", exact: true }).click();
      await page.getByRole("menuitem", { name: "Versions" }).click();
      const drawer = page.getByRole("dialog");
      await drawer.getByText("A word on it").waitFor();
      const differences = drawer.getByRole("list", { name: "Differences" });
      await differences.getByText("description", { exact: true }).waitFor();
      await differences.getByText('"second"').waitFor();
      assert.deepEqual(await axeFaults(page), []);
      await drawer.getByRole("button", { name: "Restore version 1" }).click();
      await until("it is restored", async () => (await stored(uid)).description === "first");
    }));
});

describe("notes on graphs", () => {
  const dashboard = {
    panels: [
      {
        id: 1,
        type: "timeseries",
        title: "graph",
        gridPos: { x: 0, y: 0, w: 24, h: 9 },
        targets: [{ refId: "A", expr: "node_load1" }],
      },
      { id: 2, type: "annolist", title: "notes", gridPos: { x: 0, y: 9, w: 24, h: 5 } },
    ],
  };

  test("are written with Ctrl-drag, changed and taken away with Ctrl-click", () =>
    withDashboard(dashboard, "?from=now-15m&to=now", {}, async (page) => {
      const chart = region(page, "graph").getByRole("img", { name: /^graph: \d+ series/ });
      await chart.waitFor();
      const box = await chart.boundingBox();
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      await page.keyboard.down("Control");
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 120, y, { steps: 6 });
      await page.mouse.up();
      await page.keyboard.up("Control");
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("What happened").fill("<b>Deployed</b>");
      await dialog.getByRole("button", { name: "Save" }).click();
      await region(page, "notes").getByText("<b>Deployed</b>").waitFor();
      assert.ok(!page.url().includes("from=1"), "it was no zoom");
      await page.keyboard.down("Control");
      await page.mouse.click(x + 60, y);
      await page.keyboard.up("Control");
      assert.equal(await dialog.getByLabel("What happened").inputValue(), "<b>Deployed</b>");
      await dialog.getByRole("button", { name: "Delete" }).click();
      await region(page, "notes")
        .getByText(/Nothing happened/)
        .waitFor();
    }));
});

describe("the keyboard", () => {
  const dashboard = {
    panels: [
      { id: 1, type: "stat", title: "one", targets: [{ refId: "A", expr: "vector(1)" }] },
      {
        id: 2,
        type: "stat",
        title: "two",
        gridPos: { x: 12, y: 0, w: 12, h: 8 },
        targets: [{ refId: "A", expr: "vector(2)" }],
      },
    ],
  };

  test("views, edits and leaves a panel, and moves through time", () =>
    withDashboard(dashboard, "?from=now-1h&to=now", {}, async (page) => {
      await region(page, "two").hover();
      await page.keyboard.press("v");
      await page.waitForURL(/viewPanel=/);
      await until("the other is gone", async () => (await region(page, "one").count()) === 0);
      await page.keyboard.press("Escape");
      await region(page, "one").hover();
      await page.keyboard.press("e");
      await page.waitForURL(/editPanel=1/);
      await page.getByRole("button", { name: "Back to the dashboard" }).waitFor();
      await page.keyboard.press("Escape");
      await region(page, "two").waitFor();
      await page.keyboard.press("t");
      await page.keyboard.press("ArrowLeft");
      await page.waitForURL(/from=\d+/);
      const before = new URL(page.url()).searchParams;
      await page.keyboard.press("t");
      await page.keyboard.press("z");
      await page.waitForURL((url) => url.searchParams.get("from") !== before.get("from"));
    }));
});

test("queries that take long can be cancelled", () =>
  withDashboard(
    {
      panels: [
        { id: 1, type: "stat", title: "slow", targets: [{ refId: "A", expr: "vector(7)" }] },
      ],
    },
    "",
    {},
    async (page) => {
      const panel = region(page, "slow");
      await panel.getByText("7").waitFor();
      await page.route("**/api/v1/query_range*", () => undefined);
      await page.reload();
      await panel.hover();
      await panel.getByRole("button", { name: "Menu of slow" }).click();
      await page.getByRole("menuitem", { name: "Cancel the queries" }).click();
      await panel.getByText(/were cancelled/).waitFor();
      await page.unrouteAll();
      await page.getByRole("button", { name: "Refresh now" }).click();
      await panel.getByText("7").waitFor();
    },
  ));

test("a server that is gone leaves what was drawn", () =>
  withDashboard(
    {
      panels: [{ id: 1, type: "stat", title: "one", targets: [{ refId: "A", expr: "vector(7)" }] }],
    },
    "",
    {},
    async (page) => {
      await region(page, "one").getByText("7").waitFor();
      await page.route("**/api/**", (route) => route.abort());
      await page.getByRole("button", { name: "Refresh now" }).click();
      await page.getByText("Connection lost.").waitFor({ timeout: 15_000 });
      await region(page, "one").getByText("7").waitFor();
      await page.unrouteAll();
    },
  ));

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
    withPage("/dashboards", {}, async (page) => {
      await page.getByRole("button", { name: "New" }).click();
      await page.getByRole("menuitem", { name: "Import" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("JSON of the dashboard").fill("{ not json");
      await dialog.getByText(/This is not JSON/).waitFor();
      const old = {
        title: unique("Old one"),
        rows: [{ panels: [{ type: "graph", span: 12, title: "g", targets: [{ expr: "up" }] }] }],
        keep: { me: 1 },
      };
      await dialog.getByLabel("JSON of the dashboard").fill(JSON.stringify({ dashboard: old }));
      await dialog.getByText("1 panels").waitFor();
      await dialog.getByRole("button", { name: "Import" }).click();
      await page.waitForURL(/\/d\/.*\/old-one/);
      await region(page, "g")
        .getByRole("img", { name: /^g: \d+ series/ })
        .waitFor();
      const uid = new URL(page.url()).pathname.split("/")[2];
      assert.deepEqual(withoutCounters(await stored(uid)), { ...old, uid });
      await remove(uid);
    }));

  test("folders are made, filled, renamed, moved and deleted", () =>
    withPage("/dashboards", {}, async (page) => {
      const [outer, inner, title] = [unique("Outer"), unique("Inner"), unique("Board")];
      const make = async (kind, name) => {
        await page.getByRole("button", { name: "New", exact: true }).click();
        await page.getByRole("menuitem", { name: kind }).click();
        await page.getByRole("dialog").getByLabel("Name").fill(name);
        await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
      };
      const act = async (name, action) => {
        await page.getByRole("button", { name: `More for ${name}` }).click();
        await page.getByRole("menuitem", { name: action }).click();
      };
      await make("Folder", outer);
      await page.getByRole("link", { name: outer }).click();
      await page.getByText("This folder is empty.").waitFor();
      await make("Folder", inner);
      await page.getByRole("link", { name: inner }).click();
      await page.getByText("This folder is empty.").waitFor();
      await make("Dashboard", title);
      await page.getByRole("heading", { name: title }).waitFor();
      await page.getByRole("button", { name: "Done" }).waitFor();
      await page.getByRole("link", { name: inner }).click();
      await page.getByRole("link", { name: title }).waitFor();
      assert.deepEqual(await axeFaults(page), []);
      await act(title, "Move");
      await page.getByRole("dialog").getByRole("combobox", { name: "Folder" }).click();
      await page.getByRole("option", { name: outer, exact: true }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Move" }).click();
      await page.getByText("This folder is empty.").waitFor();
      await page.getByRole("navigation", { name: "Folder" }).getByText(outer).click();
      await page.getByRole("link", { name: title }).waitFor();
      await act(inner, "Rename");
      await page.getByRole("dialog").getByLabel("Name").fill(`${inner} too`);
      await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
      await page.getByRole("link", { name: `${inner} too` }).waitFor();
      await page.getByRole("navigation", { name: "Folder" }).getByText("All").click();
      await act(outer, "Delete");
      await page.getByRole("dialog").getByText(title).waitFor();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await until("it is gone", async () => {
        return (await page.getByRole("link", { name: outer }).count()) === 0;
      });
    }));

  test("a star is set on a dashboard, and found in the list", () =>
    withDashboard({ panels: [] }, "", {}, async (page, uid) => {
      await page.getByRole("button", { name: "Star", exact: true }).click();
      await page.getByRole("button", { name: "Unstar", exact: true }).waitFor();
      const { title } = await stored(uid);
      await page.goto(`${BASE_URL}/dashboards?starred`);
      await page.getByRole("link", { name: title }).waitFor();
      await page.getByRole("button", { name: `Unstar ${title}` }).click();
      await until("it is not starred any more", async () => {
        const hits = await api("GET", "/api/search?starred=true");
        return !hits.some((hit) => hit.uid === uid);
      });
    }));

  test("Ctrl-K finds a service", () =>
    withPage("/targets", {}, async (page) => {
      await page.getByRole("heading", { name: "Targets" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("bellwether");
      await page.getByText("Services", { exact: true }).waitFor();
      await page.getByRole("option", { name: "bellwether job" }).click();
      await page.waitForURL(/var-job=bellwether/);
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

    test(`axe finds no fault in the editor and the settings (${colorScheme})`, () =>
      withDashboard(everyPanel, "", { colorScheme, reducedMotion: "reduce" }, async (page) => {
        await openEditor(page, "timeseries");
        for (const name of ["Thresholds", "Value mappings", "Overrides"]) {
          await page.getByRole("button", { name, exact: true }).click();
        }
        await page.getByRole("button", { name: "Override", exact: true }).click();
        await page.waitForLoadState("networkidle");
        assert.deepEqual(await axeFaults(page), []);
        await page.getByRole("button", { name: "Settings of the dashboard" }).click();
        await page.getByRole("dialog").getByRole("tab", { name: "Variables" }).click();
        assert.deepEqual(await axeFaults(page), []);
      }));
  }
});
