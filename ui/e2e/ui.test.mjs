/**
 * The UI in a real Chromium against a running server (BASE_URL) that scrapes a host with
 * node_exporter's metrics under job="node".
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  answer,
  axeFaults,
  BASE_URL,
  colouredPixels,
  launch,
  overflowPx,
  until,
  usePage,
} from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());
const withPage = (path, options, body) => usePage(browser, path, options, body);

describe("home", () => {
  test("draws the host's graphs", () =>
    withPage("/", {}, async (page) => {
      for (const title of ["CPU", "Memory", "Load"]) {
        const chart = page.getByRole("img", { name: new RegExp(`^${title}: \\d+ series`) });
        await chart.waitFor();
        await until(`${title} is drawn`, async () => (await colouredPixels(chart)) > 100);
      }
      const cpu = page.getByRole("region", { name: "CPU" }).first();
      assert.match(await cpu.innerText(), /\d%/);
      await page
        .getByRole("region", { name: "Targets" })
        .getByText("node", { exact: true })
        .waitFor();
    }));

  test("offers the dashboards that there are data for", () =>
    withPage("/", {}, async (page) => {
      const panel = page.getByRole("region", { name: "Dashboards" });
      await panel.getByRole("link", { name: "System resources" }).click();
      await page.waitForURL(/\/d\/system-resources/);
    }));

  test("keeps its graphs while it refreshes", () =>
    withPage("/?refresh=1s", {}, async (page) => {
      await page.getByRole("img", { name: /^Memory/ }).waitFor();
      await page.evaluate(() => {
        window.blanks = 0;
        const look = () => {
          if (!document.querySelector('[aria-label^="Memory: "] canvas')) window.blanks += 1;
          requestAnimationFrame(look);
        };
        look();
      });
      await page.waitForTimeout(3_500);
      assert.equal(await page.evaluate(() => window.blanks), 0);
    }));

  test("says what to do when no host reports", () =>
    withPage("/", {}, async (page) => {
      await page.unrouteAll();
      await answer(page, "query", {
        status: "success",
        data: { resultType: "vector", result: [] },
      });
      await page.reload();
      await page.getByText("Waiting for the first scrape of a host").waitFor();
    }));

  test("tells that the connection is lost, and when it is back", () =>
    withPage("/", {}, async (page) => {
      await page.getByRole("img", { name: /^Memory/ }).waitFor();
      await page.route("**/api/**", (route) => route.abort());
      await page.getByText("Connection lost.").waitFor({ timeout: 15_000 });
      assert.ok(await page.getByRole("img", { name: /^Memory/ }).isVisible());
      await page.unrouteAll();
      await page.getByText("Connection lost.").waitFor({ state: "hidden", timeout: 15_000 });
    }));
});

describe("explore", () => {
  const editor = (page, letter = "A") => page.getByRole("textbox", { name: `Query ${letter}` });

  test("type, run, see a line, switch to the table, reload", () =>
    withPage("/explore?from=now-15m&to=now", {}, async (page) => {
      await editor(page).click();
      await page.keyboard.type("node_load1");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Shift+Enter");
      const chart = page.getByRole("img", { name: /^Query results: 1 series/ });
      await chart.waitFor();
      await until("the line is drawn", async () => (await colouredPixels(chart)) > 30);

      await page.getByText("Table", { exact: true }).click();
      await page.getByRole("columnheader", { name: "Value" }).waitFor();
      const address = page.url();
      assert.match(address, /q=node_load1/);
      assert.match(address, /view=table/);

      await page.reload();
      await page.getByRole("columnheader", { name: "Value" }).waitFor();
      assert.equal(page.url(), address);
      assert.match(await editor(page).innerText(), /node_load1/);

      await page.goBack();
      await chart.waitFor();
    }));

  test("completes metric names, labels and functions", () =>
    withPage("/explore", {}, async (page) => {
      await editor(page).click();
      await page.keyboard.type("node_cpu_sec");
      await page
        .locator(".cm-tooltip-autocomplete")
        .getByText("node_cpu_seconds_total")
        .first()
        .waitFor();
      // The editor guards against accepting a list that has only just appeared.
      await page.waitForTimeout(200);
      await page.keyboard.press("Enter");
      await page.keyboard.type("{mo");
      await page.locator(".cm-tooltip-autocomplete").getByText("mode", { exact: true }).waitFor();
    }));

  test("several queries, one of them off", () =>
    withPage("/explore?q=up&q=node_load1&off=B", {}, async (page) => {
      await page.getByRole("img", { name: /^Query results: \d+ series/ }).waitFor();
      assert.equal(await page.getByText(/samples read/).count(), 1);
      await page.getByRole("button", { name: "Query B is off" }).click();
      await until("both answer", async () => (await page.getByText(/samples read/).count()) === 2);
      assert.doesNotMatch(page.url(), /off=/);
    }));

  test("underlines an error and shows the server's words", () =>
    withPage("/explore?q=sum(up", {}, async (page) => {
      await page.getByText("This query is not valid").waitFor();
      await page
        .locator(".cm-lintRange-error, .cm-lintPoint-error")
        .first()
        .waitFor({ state: "attached" });
    }));

  test("functions and syntax that only the server knows are no errors", () =>
    withPage("/explore?q=zscore_robust_over_time(up[5m*2])", {}, async (page) => {
      const linted = page.waitForResponse(/\/api\/v1\/parse_query/);
      await page.locator(".cm-content").waitFor();
      assert.equal((await linted).status(), 200);
      assert.equal(await page.locator(".cm-lintRange-error, .cm-lintPoint-error").count(), 0);
    }));

  test("dragging zooms into the time range", () =>
    withPage("/explore?q=up&from=now-15m&to=now", {}, async (page) => {
      const chart = page.getByRole("img", { name: /^Query results/ });
      await chart.waitFor();
      const box = await chart.boundingBox();
      await page.mouse.move(box.x + box.width * 0.5, box.y + 100);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.8, box.y + 120, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL(/from=\d{13}&to=\d{13}/);
    }));

  test("a name in the legend shows its series alone", () =>
    withPage("/explore?q=node_cpu_seconds_total", {}, async (page) => {
      const chart = page.getByRole("img", { name: /^Query results/ });
      await chart.waitFor();
      await page
        .getByRole("table", { name: "Series" })
        .getByRole("cell")
        .first()
        .getByRole("button")
        .click();
      await page.getByRole("img", { name: "Query results: 1 series" }).waitFor();
    }));

  test("a slow query can be cancelled", () =>
    withPage("/explore", {}, async (page) => {
      await page.route("**/api/v1/query_range*", () => undefined);
      await page.goto(`${BASE_URL}/explore?q=up`);
      await page.getByText(/Running… [\d.]+/).waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Run" }).waitFor();
    }));

  test("a query is explained", () =>
    withPage("/explore?q=sum(rate(node_cpu_seconds_total[5m]))", {}, async (page) => {
      await page.getByRole("button", { name: "Explain" }).click();
      const explanation = page.getByRole("group", { name: "Explanation of the query" });
      await explanation.getByText("Samples read").waitFor();
      await explanation.getByText("Calculated").waitFor();
      assert.deepEqual(await axeFaults(page), []);
    }));

  test("two sides ask for themselves, at the same time", () =>
    withPage("/explore?q=node_load1&from=now-15m&to=now", {}, async (page) => {
      await page.getByRole("button", { name: "Split" }).click();
      const right = page.getByRole("region", { name: "Queries beside" });
      await right.getByRole("img", { name: "Query results: 1 series" }).waitFor();
      await right.getByRole("textbox", { name: "Query A" }).click();
      await page.keyboard.press("Control+a");
      await page.keyboard.type("up");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Shift+Enter");
      await page.waitForURL(/q=node_load1.*right\.q=up/);
      await page.reload();
      await right.getByRole("img", { name: /^Query results/ }).waitFor();
      await right.getByRole("button", { name: "Close this side" }).click();
      await page.waitForURL((url) => !url.search.includes("right."));
    }));

  test("the graph is downloaded as a picture, the data as CSV", () =>
    withPage("/explore?q=up&from=now-15m&to=now", {}, async (page) => {
      await page.getByRole("img", { name: /^Query results/ }).waitFor();
      for (const [button, ending] of [
        ["PNG", ".png"],
        ["CSV", ".csv"],
      ]) {
        const download = page.waitForEvent("download");
        await page.getByRole("button", { name: button, exact: true }).click();
        assert.ok((await download).suggestedFilename().endsWith(ending));
      }
    }));

  test("metrics are ordered by their number of series", () =>
    withPage("/explore", {}, async (page) => {
      await page.getByRole("button", { name: "Browse metrics", exact: true }).click();
      await page.getByText("By number of series", { exact: true }).click();
      await page
        .getByRole("button", { name: /\d+ series/ })
        .first()
        .waitFor();
    }));

  test("markup in a label value is shown, not run", () =>
    withPage("/explore", {}, async (page) => {
      const evil = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
      const now = Math.floor(Date.now() / 1000);
      const metric = { __name__: "m", path: evil };
      await answer(page, "query_range", {
        status: "success",
        data: {
          resultType: "matrix",
          result: [{ metric, values: [[now - (now % 15) - 60, "1"]] }],
        },
        warnings: [evil],
      });
      await answer(page, "query", {
        status: "success",
        data: { resultType: "vector", result: [{ metric, value: [now, "1"] }] },
      });
      await page.goto(`${BASE_URL}/explore?q=m`);
      await page.getByRole("table", { name: "Series" }).getByText("<script>").waitFor();
      await page.getByText("Table", { exact: true }).click();
      await page.getByRole("cell", { name: evil }).waitFor();
      assert.equal(await page.evaluate(() => window.hacked), undefined);
    }));

  test("the metrics browser makes a query", () =>
    withPage("/explore", {}, async (page) => {
      await page.getByRole("button", { name: "Browse metrics", exact: true }).click();
      await page.getByLabel("Search metrics").fill("node_cpu_seconds");
      await page.getByRole("button", { name: /^node_cpu_seconds_total/ }).click();
      await page.getByRole("button", { name: /^idle/ }).click();
      await page.getByRole("button", { name: "Use as a rate" }).click();
      await page.waitForURL(/q=rate%28node_cpu_seconds_total%7Bmode%3D%22idle%22%7D%5B5m%5D%29/);
    }));
});

describe("targets and status", () => {
  test("targets are listed by pool and can be filtered", () =>
    withPage("/targets", {}, async (page) => {
      await page.getByRole("region", { name: "Scrape pool node" }).waitFor();
      await page.getByLabel("Search targets").fill("no target is called so");
      await page.getByText("No target is like that").waitFor();
      assert.match(page.url(), /search=no\+target/);
    }));

  test("status shows the store", () =>
    withPage("/status?tab=store", {}, async (page) => {
      await page.getByRole("region", { name: "Series by metric" }).waitFor();
    }));
});

describe("accessibility", () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const path of [
      "/",
      "/explore?q=up&q=sum(",
      "/explore?q=up&view=table",
      "/targets",
      "/status?tab=store",
    ]) {
      test(`axe finds no fault in ${path} (${colorScheme})`, () =>
        withPage(path, { colorScheme, reducedMotion: "reduce" }, async (page) => {
          await page.waitForLoadState("networkidle");
          assert.deepEqual(await axeFaults(page), []);
        }));
    }
  }
});

describe("shell", () => {
  test("Ctrl-K finds a metric", () =>
    withPage("/targets", {}, async (page) => {
      await page.getByRole("heading", { name: "Targets" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("node_load15");
      await page.getByRole("option", { name: /node_load15/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(/explore\?q=node_load15/);
    }));

  test("? shows the shortcuts", () =>
    withPage("/targets", {}, async (page) => {
      await page.getByRole("heading", { name: "Targets" }).waitFor();
      await page.keyboard.press("?");
      await page.getByText("Keyboard shortcuts").waitFor();
    }));

  test("an unknown address says so", () =>
    withPage("/no/such/page", {}, async (page) => {
      await page.getByText("No page here").waitFor();
    }));

  for (const path of ["/", "/explore?q=up", "/targets", "/status", "/status?tab=store"]) {
    test(`${path} fits a phone`, () =>
      withPage(path, { viewport: { width: 390, height: 844 } }, async (page) => {
        await page.waitForLoadState("networkidle");
        assert.ok((await overflowPx(page)) <= 0, "something sticks out");
        await page.getByRole("button", { name: "Open navigation" }).click();
        await page.getByRole("dialog").getByRole("link", { name: "Targets" }).click();
        await page.waitForURL(/targets/);
      }));
  }
});
