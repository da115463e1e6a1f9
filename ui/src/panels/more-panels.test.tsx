/** Panels that list or map things: what they find in frames and options, and that nothing runs. */
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import type { ComponentType } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createQueryClient } from "../api/query-client";
import type { Alert } from "../alerting/alerts";
import { showFrames } from "../data/shown";
import type { Frame, Value } from "../data/types";
import type { JsonObject } from "../lib/json";
import { filterAlerts } from "./alertlist/alert-filter";
import AlertListPanel from "./alertlist/AlertListPanel";
import AnnoListPanel from "./annolist/AnnoListPanel";
import DashListPanel, { listedDashboards } from "./dashlist/DashListPanel";
import GeomapPanel from "./geomap/GeomapPanel";
import { LAND } from "./geomap/land";
import { decodeGeohash, placesOf } from "./geomap/places";
import { levelOf, logLines } from "./logs/log-lines";
import LogsPanel from "./logs/LogsPanel";
import { graphOf } from "./node-graph/graph";
import NodeGraphPanel from "./node-graph/NodeGraphPanel";
import type { PanelProps } from "./panel-props";
import { traceSpans } from "./traces/trace-spans";
import TracesPanel from "./traces/TracesPanel";
import { pointSeries } from "./xychart/points";
import XYChartPanel from "./xychart/XYChartPanel";

const EVIL = '<img src=x onerror="alert(1)"><script>alert(1)</script>';

afterEach(() => vi.unstubAllGlobals());

function table(columns: Record<string, Value[]>): Frame {
  const fields = Object.entries(columns).map(([name, values]) => ({
    name,
    type: typeof values[0] === "number" ? ("number" as const) : ("string" as const),
    values,
  }));
  return { refId: "A", kind: "table", length: fields[0]?.values.length ?? 0, fields };
}

function series(labels: Record<string, string>, values: number[]): Frame {
  return {
    refId: "A",
    kind: "series",
    length: values.length,
    fields: [
      { name: "Time", type: "time", values: values.map((_, i) => i * 1000) },
      { name: "Value", type: "number", values: Float64Array.from(values), labels },
    ],
  };
}

const shown = (...frames: Frame[]) =>
  showFrames(
    frames,
    { defaults: {}, overrides: [] },
    {
      scheme: "dark",
      zone: "utc",
      nowMs: 0,
      interpolate: (text) => text,
      defaultColorMode: "thresholds",
    },
  );

function show(Panel: ComponentType<PanelProps>, given: Partial<PanelProps>) {
  const props: PanelProps = {
    title: "The panel",
    frames: [],
    fieldConfig: { defaults: {}, overrides: [] },
    options: {},
    width: 600,
    height: 300,
    span: { start: 0, end: 40 },
    show: { scheme: "dark", zone: "utc", nowMs: 0, interpolate: (text) => text },
    annotations: [],
    syncKey: undefined,
    syncTooltip: false,
    onZoom: () => undefined,
    onZoomOut: () => undefined,
    ...given,
  };
  render(
    <MantineProvider>
      <QueryClientProvider client={createQueryClient()}>
        <MemoryRouter>
          <main>
            <Panel {...props} />
          </main>
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return screen.getByRole("main");
}

describe("with nothing, and with what strangers wrote", () => {
  const cases: [string, ComponentType<PanelProps>, Frame][] = [
    ["map", GeomapPanel, table({ name: [EVIL], lat: [1], lon: [2], v: [3] })],
    ["node graph", NodeGraphPanel, table({ source: [EVIL], target: ["b"], v: [3] })],
    ["scatter plot", XYChartPanel, table({ [EVIL]: [1, 2], b: [3, 4] })],
    ["logs", LogsPanel, table({ line: [EVIL], level: [EVIL] })],
    ["trace", TracesPanel, table({ spanID: ["a"], operationName: [EVIL], startTime: [1] })],
  ];

  it.each(cases)("%s says when there is nothing to draw", (_name, Panel) => {
    expect(show(Panel, {}).textContent).toBe("No data");
  });

  it.each(cases)("%s shows markup as text", (_name, Panel, frame) => {
    const container = show(Panel, { frames: [frame] });
    expect(container.querySelector("script, img")).toBeNull();
    expect(container.textContent).not.toBe("No data");
  });
});

describe("map", () => {
  it("finds places in columns, in labels and by geohash", () => {
    const rows = table({ town: ["x", "y"], latitude: [52, 100], longitude: [13, 0], n: [1, 2] });
    const labelled = series({ lat: "-1.5", lng: "36.25", site: "z" }, [4, NaN]);
    const hashed = table({ geohash: ["u33d", "not a hash!"], n: [5, 6] });
    const found = placesOf(shown(rows, labelled, hashed), {});
    expect(found.map(({ latitude, longitude }) => [latitude, longitude])).toEqual([
      [52, 13],
      [-1.5, 36.25],
      [expect.closeTo(52.5, 0), expect.closeTo(13.5, 0)],
    ]);
    expect(found[1]?.display.number).toBe(4);
  });

  it("follows the names that options give", () => {
    const frame = table({ a: [10], b: [20], n: [1] });
    const options = { layers: [{ location: { mode: "coords", latitude: "a", longitude: "b" } }] };
    expect(placesOf(shown(frame), options)).toMatchObject([{ latitude: 10, longitude: 20 }]);
  });

  it("decodes geohashes", () => {
    const { latitude, longitude } = decodeGeohash("ezs42") ?? {};
    expect(latitude).toBeCloseTo(42.6, 1);
    expect(longitude).toBeCloseTo(-5.6, 1);
    expect(decodeGeohash("a")).toBeUndefined();
    expect(decodeGeohash("")).toBeUndefined();
  });

  it("knows land within the bounds of the earth only", () => {
    for (const corners of LAND) {
      expect(corners.length).toBeGreaterThan(2);
      for (const [longitude, latitude] of corners) {
        expect(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90).toBe(true);
      }
    }
  });
});

describe("node graph", () => {
  it("puts what is called right of its callers, and ends in a circle", () => {
    const edges = table({ source: ["a", "b", "c"], target: ["b", "c", "b"], n: [1, 2, 3] });
    const { nodes, edges: drawn } = graphOf(shown(edges));
    const x = Object.fromEntries(nodes.map((node) => [node.id, node.x]));
    expect(x.a).toBe(0);
    expect(x.c).toBeGreaterThan(x.b ?? 1);
    expect(drawn).toHaveLength(3);
  });

  it("takes edges from labels, and names and stats of nodes from their frame", () => {
    const nodes = table({ id: ["a"], title: ["The A"], mainstat: [5] });
    const graph = graphOf(shown(nodes, series({ source: "a", target: "z" }, [1, 7])));
    expect(graph.nodes.map(({ title }) => title)).toEqual(["The A", "z"]);
    expect(graph.edges).toEqual([{ source: "a", target: "z", stat: "7" }]);
  });
});

describe("scatter plot", () => {
  it("takes the first number along, or what the options name", () => {
    const frame = table({ a: [1, 2], b: [3, NaN], c: [5, 6] });
    expect(pointSeries(shown(frame), {}).map(({ y, points }) => [y.title, points])).toEqual([
      ["b", [[1, 3]]],
      [
        "c",
        [
          [1, 5],
          [2, 6],
        ],
      ],
    ]);
    const options = { series: [{ x: { matcher: { id: "byName", options: "c" } } }] };
    expect(pointSeries(shown(frame), options)[0]?.x.title).toBe("c");
  });
});

describe("logs", () => {
  it("finds text, time, labels and level", () => {
    const frame: Frame = {
      refId: "A",
      kind: "table",
      length: 2,
      fields: [
        { name: "Time", type: "time", values: [1, 2] },
        { name: "app", type: "string", values: ["x", "y"] },
        { name: "Line", type: "string", values: ["level=error it broke", "all is well"] },
      ],
    };
    expect(logLines([frame], true)).toEqual([
      { time: 2, text: "all is well", level: "unknown", labels: { app: "y" } },
      { time: 1, text: "level=error it broke", level: "error", labels: { app: "x" } },
    ]);
  });

  it.each([
    ["FATAL: gone", "critical"],
    ["warn", "warning"],
    ["information", "unknown"],
    ["INFO ready", "info"],
  ])("%s is %s", (text, level) => expect(levelOf(text)).toBe(level));
});

it("a trace is walked once from its roots; an orphan stands at the top, a circle is left out", () => {
  const frame = table({
    spanID: ["b", "a", "a", "c", "x", "y"],
    parentSpanID: ["a", "", "", "gone", "y", "x"],
    startTime: [2, 1, 1, 3, 4, 5],
    duration: [1, 5, 5, 1, 1, 1],
  });
  expect(traceSpans([frame]).map(({ id, depth }) => [id, depth])).toEqual([
    ["a", 0],
    ["b", 1],
    ["a", 0],
    ["c", 0],
  ]);
});

describe("alerts", () => {
  const alert = (name: string, state: Alert["state"], labels = {}): Alert => ({
    id: name,
    name,
    state,
    labels,
    seriesLabels: labels,
    annotations: {},
    sinceMs: 0,
    value: undefined,
    origin: undefined,
    generatorUrl: "",
    held: undefined,
  });
  const all = [
    alert("B", "firing", { team: "x" }),
    alert("A", "pending"),
    alert("C", "silenced", { team: "y" }),
  ];
  const names = (options: JsonObject) =>
    filterAlerts(all, options, (text) => text).map(({ name }) => name);

  it("are filtered by state, name and labels, and sorted", () => {
    expect(names({})).toEqual(["A", "B", "C"]);
    expect(names({ sortOrder: 3 })).toEqual(["B", "A", "C"]);
    expect(names({ stateFilter: { firing: false, pending: true } })).toEqual(["A"]);
    expect(names({ stateFilter: ["alerting"] })).toEqual(["B", "C"]);
    expect(names({ alertInstanceLabelFilter: '{team=~"x|z"}' })).toEqual(["B"]);
    expect(names({ alertName: "c" })).toEqual(["C"]);
    expect(names({ maxItems: 1 })).toEqual(["A"]);
    expect(() => names({ alertInstanceLabelFilter: 'a=~"("' })).toThrow("regular expression");
  });

  const group = (alerts: unknown[]) => ({
    name: "g",
    rules: [{ type: "alerting", name: "r", query: "up", alerts }],
  });

  it("come from rules and from Alertmanager, shown as text", async () => {
    const fires = { labels: { alertname: EVIL, a: "1" }, annotations: { summary: EVIL } };
    vi.stubGlobal("fetch", (url: string) => {
      const body = url.includes("/alertmanager/")
        ? [
            {
              ...fires,
              status: { state: "suppressed", silencedBy: ["s"] },
              startsAt: "2026-01-01T00:00:00Z",
              fingerprint: "1",
            },
            {
              labels: { alertname: "Sent" },
              status: { state: "active" },
              startsAt: "2026-01-01T00:00:00Z",
              fingerprint: "2",
            },
          ]
        : { status: "success", data: { groups: [group([{ ...fires, state: "firing" }])] } };
      return Promise.resolve(new Response(JSON.stringify(body)));
    });
    const container = show(AlertListPanel, {});
    await waitFor(() => expect(container.textContent).toContain("Sent"));
    expect(container.textContent).toContain("silenced");
    expect(container.querySelector("script, img")).toBeNull();
  });

  it("a server without Alertmanager still shows what its rules find", async () => {
    vi.stubGlobal("fetch", (url: string) =>
      Promise.resolve(
        url.includes("/alertmanager/")
          ? new Response("<!doctype html>", { headers: { "Content-Type": "text/html" } })
          : new Response(JSON.stringify({ status: "success", data: { groups: [group([])] } })),
      ),
    );
    const container = show(AlertListPanel, {});
    await waitFor(() => expect(container.textContent).toBe("No alerts."));
  });
});

describe("lists", () => {
  const hit = (uid: string, isStarred: boolean, folderUid?: string) => ({
    uid,
    title: uid,
    tags: ["t"],
    isStarred,
    folder: undefined,
    folderUid,
  });

  it("dashboards are those with a star, and those that a search finds", () => {
    const all = [hit("a", true), hit("b", false, "f"), hit("c", false)];
    const uids = (options: JsonObject) =>
      listedDashboards(all, options, (text) => text).map(({ hits }) => hits.map((h) => h.uid));
    expect(uids({})).toEqual([["a"]]);
    expect(uids({ showStarred: false, showSearch: true, tags: ["t"] })).toEqual([["a", "b", "c"]]);
    expect(uids({ showStarred: false, showSearch: true, folderUID: "f" })).toEqual([["b"]]);
  });

  it("a list of dashboards links to them", async () => {
    const found = [{ uid: "a", title: EVIL, type: "dash-db", isStarred: true }];
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(found))));
    const container = show(DashListPanel, {});
    await waitFor(() => expect(container.querySelector("a")).not.toBeNull());
    expect(container.querySelector("script, img")).toBeNull();
  });

  it("notes are listed, the latest first", () => {
    const note = { end: 0, color: "blue", text: "", tags: [] };
    const container = show(AnnoListPanel, {
      annotations: [
        { ...note, start: 1, title: "first" },
        { ...note, start: 2, title: "second" },
      ],
    });
    expect(container.textContent).toMatch(/second.*first/);
  });
});
