/** Dashboards of every age become one model, and leave as they came. */
import { describe, expect, it } from "vitest";
import { obj } from "../../lib/json";
import byHand from "./fixtures/by-hand.json";
import modern from "./fixtures/modern.json";
import resource from "./fixtures/resource.json";
import rowsEra from "./fixtures/rows-era.json";
import {
  allPanels,
  DashboardError,
  exportDashboard,
  parseDashboard,
  parseDashboardText,
} from "./parse";
import type { Dashboard, Panel } from "./types";

function panelOf(dashboard: Dashboard, id: number): Panel {
  const found = allPanels(dashboard.panels).find((panel) => panel.id === id);
  if (!found) throw new Error(`no panel ${id}`);
  return found;
}

describe("round trip", () => {
  it.each([
    ["rows", rowsEra, rowsEra],
    ["wrapped", byHand, byHand.dashboard],
    ["modern", modern, modern],
    ["resource", resource, resource],
  ])("%s leaves as it came", (_name, json, inner) => {
    const before = JSON.stringify(json);
    expect(exportDashboard(parseDashboard(json))).toEqual(inner);
    expect(JSON.stringify(json)).toBe(before);
  });

  it("keeps what it does not know in the document that edits change", () => {
    const { document } = parseDashboard(modern);
    expect(document.futureField).toBe(true);
    expect(JSON.stringify(document)).toContain("fromTheFuture");
    expect(parseDashboard(rowsEra).document.unknownToUs).toEqual(rowsEra.unknownToUs);
  });

  it("changes nothing when it migrates twice", () => {
    const once = parseDashboard(rowsEra).document;
    const plain = JSON.parse(JSON.stringify(once)) as unknown;
    expect(JSON.parse(JSON.stringify(parseDashboard(plain).document))).toEqual(plain);
  });
});

describe("the era of rows", () => {
  const dashboard = parseDashboard(rowsEra);

  it("places spans on the grid, rows above them", () => {
    const [first, orders, carts, slowest, second] = dashboard.panels;
    expect([first?.type, first?.title, first?.collapsed]).toEqual(["row", "Orders", false]);
    expect(orders?.grid).toEqual({ x: 0, y: 1, w: 16, h: 7 });
    expect(carts?.grid).toEqual({ x: 16, y: 1, w: 8, h: 7 });
    expect(slowest?.grid).toEqual({ x: 0, y: 8, w: 24, h: 7 });
    expect(second).toMatchObject({ type: "row", collapsed: true, title: "Stock of $shop" });
    expect(second?.repeat?.variable).toBe("shop");
    expect(second?.panels).toHaveLength(2);
  });

  it("gives doubled ids another number", () => {
    const ids = allPanels(dashboard.panels).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("turns a graph into a time series", () => {
    const { type, fieldConfig, options } = panelOf(dashboard, 1);
    expect(type).toBe("timeseries");
    expect(fieldConfig.defaults).toMatchObject({
      unit: "ops",
      min: 0,
      thresholds: {
        steps: [{ value: null, color: "transparent" }, { value: 100 }, { value: 200 }],
      },
      custom: {
        drawStyle: "line",
        lineWidth: 2,
        fillOpacity: 30,
        spanNulls: true,
        stacking: { mode: "normal" },
        axisLabel: "orders",
        scaleDistribution: { type: "log", log: 10 },
        thresholdsStyle: { mode: "area" },
      },
    });
    expect(options.legend).toMatchObject({
      displayMode: "table",
      placement: "right",
      calcs: ["max", "lastNotNull"],
    });
  });

  it("turns overrides of series into overrides of fields", () => {
    const overrides = panelOf(dashboard, 1).fieldConfig.overrides;
    expect(overrides.map(({ matcher }) => [matcher.id, matcher.options])).toEqual([
      ["byName", "failed"],
      ["byRegexp", "/share.*/"],
      ["byName", "refunds"],
    ]);
    const share = Object.fromEntries(
      overrides[1]?.properties.map(({ id, value }) => [id, value]) ?? [],
    );
    expect(share).toMatchObject({
      unit: "percent",
      "custom.axisPlacement": "right",
      "custom.stacking": { mode: "none" },
    });
  });

  it("turns a singlestat into a stat, or into a gauge where it drew one", () => {
    const carts = panelOf(dashboard, 2);
    expect(carts.type).toBe("stat");
    expect(carts.options).toMatchObject({ colorMode: "background", graphMode: "area" });
    expect(carts.fieldConfig.defaults).toMatchObject({
      thresholds: {
        steps: [
          { value: null, color: "#299c46" },
          { value: 50, color: "#ed8128" },
          { value: 80, color: "#d44a3a" },
        ],
      },
      mappings: [{ type: "value", options: { "0": { text: "none" } } }],
    });
    const gauge = allPanels(dashboard.panels).find(({ type }) => type === "gauge");
    expect(gauge?.fieldConfig.defaults).toMatchObject({ min: 0, max: 10 });
  });

  it("turns a table's styles into overrides", () => {
    const table = panelOf(dashboard, 3);
    expect(table.transformations.map(({ id }) => id)).toEqual(["merge"]);
    expect(table.fieldConfig.overrides[0]).toEqual({
      matcher: { id: "byName", options: "Time" },
      properties: [{ id: "custom.hidden", value: true }],
    });
    expect(table.fieldConfig.overrides[1]?.properties).toContainEqual({
      id: "custom.cellOptions",
      value: { type: "color-background" },
    });
  });

  it("reads variables and settings of that time", () => {
    expect(dashboard.sharedCursor).toBe("crosshair");
    expect(dashboard.refresh).toBe("");
    expect(dashboard.variables[0]).toMatchObject({ hide: "label", multi: true, saved: ["north"] });
  });
});

describe("dashboards written by hand", () => {
  const dashboard = parseDashboard(byHand);

  it("are unwrapped, numbered and placed", () => {
    expect(dashboard.title).toBe("Pumps");
    expect(dashboard.panels.map(({ id }) => id)).toEqual([1, 2]);
    expect(dashboard.panels.map(({ grid }) => [grid.x, grid.y, grid.w])).toEqual([
      [0, 0, 12],
      [12, 0, 12],
    ]);
    expect(dashboard.panels[0]?.targets.map(({ refId }) => refId)).toEqual(["A", "B"]);
  });

  it("may spell yAxes, and mix mappings of old with new panels", () => {
    expect(dashboard.panels[0]?.fieldConfig.defaults).toMatchObject({
      min: 0,
      custom: { axisLabel: "l/s" },
    });
    expect(dashboard.panels[1]?.fieldConfig.defaults.mappings).toEqual([
      { type: "value", options: { "0": { text: "OFF" } } },
      { type: "range", options: { from: 1, to: 9, result: { text: "ON" } } },
    ]);
  });
});

describe("today's dashboards", () => {
  const dashboard = parseDashboard(modern);

  it("report what is not supported, with its place", () => {
    expect(dashboard.issues.map(({ path, feature }) => `${path}: ${feature}`)).toEqual([
      "$.panels[0].panels[0].targets[0]: queries in loki",
      "$.panels[1].targets[1]: expression math",
      "$.panels[1].transformations[1]: transformation readTheRunes",
      "$.panels[1].fieldConfig.overrides[0].matcher: matcher byStars",
      "$.panels[2].libraryPanel: library panel whose model is not in the file",
      "$.templating.list[2]: variable of type groupby",
    ]);
  });

  it("say what they need from who imports them", () => {
    expect(dashboard.inputs).toEqual([
      { name: "DS_PROM", type: "datasource", label: "Prometheus", value: "" },
    ]);
  });

  it("annotate by queries", () => {
    const found = dashboard.annotations.filter(({ source }) => source === "promql");
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ name: "Deploys", tagKeys: ["app", "team"] });
  });

  it("ask instant and range at once when both are set", () => {
    expect(panelOf(dashboard, 1).targets[0]?.kind).toBe("both");
  });

  it("list custom values with names and escaped commas", () => {
    const [env, step] = dashboard.variables;
    expect(env).toMatchObject({
      options: [
        { text: "production", value: "prod" },
        { text: "staging, old", value: "old" },
        { text: "dev", value: "dev" },
      ],
    });
    expect(step).toMatchObject({ auto: { count: 20, least: "1m" } });
  });
});

describe("dashboards as resources", () => {
  it("become panels in rows", () => {
    const dashboard = parseDashboard(resource);
    expect(dashboard).toMatchObject({
      uid: "as-resource",
      refresh: "10s",
      sharedCursor: "crosshair",
    });
    expect(dashboard.panels.map(({ type, grid }) => [type, grid.y])).toEqual([
      ["row", 0],
      ["timeseries", 1],
    ]);
    expect(dashboard.panels[1]).toMatchObject({ interval: "1m", targets: [{ expr: "up" }] });
    expect(dashboard.variables[0]).toMatchObject({ query: "label_values(up, job)", sort: 1 });
  });
});

describe("what is no dashboard", () => {
  it.each([
    ["{", /not JSON/],
    ["[]", /JSON object/],
    ['"x"', /JSON object/],
    ['{"a":1}', /no panels and no title/],
  ])("%s is refused with a reason", (text, reason) => {
    expect(() => parseDashboardText(text)).toThrow(DashboardError);
    expect(() => parseDashboardText(text)).toThrow(reason);
  });

  it("shapes that make no sense fall back instead of failing", () => {
    const strange = { title: 5, panels: [null, 3, { type: 1, gridPos: "x", targets: {} }] };
    const { title, panels } = parseDashboard(strange);
    expect(title).toBe("Untitled dashboard");
    expect(panels).toHaveLength(1);
    expect(obj(panels[0])).toMatchObject({ id: 1, type: "", grid: { w: 12, h: 8 } });
  });
});
