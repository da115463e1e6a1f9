/** Panels of dashboards: what they show, and that nothing of what strangers wrote runs. */
import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ComponentType } from "react";
import { describe, expect, it, vi } from "vitest";
import type { Frame, FieldConfig, Value } from "../data/types";
import type { JsonObject } from "../lib/json";
import { safeUrl } from "../lib/safe-url";
import BarChartPanel from "./barchart/BarChartPanel";
import { niceScale } from "./bars/scale";
import BarGaugePanel from "./bargauge/BarGaugePanel";
import GaugePanel from "./gauge/GaugePanel";
import { thresholdArcs } from "./gauge/arc";
import { heatOf } from "./heatmap/cells";
import HeatmapPanel from "./heatmap/HeatmapPanel";
import { bucketsFor, countIn } from "./histogram/buckets";
import HistogramPanel from "./histogram/HistogramPanel";
import { nextHidden } from "./legend/selection";
import type { PanelProps } from "./panel-props";
import PieChartPanel from "./piechart/PieChartPanel";
import { slices } from "./piechart/slices";
import StatPanel from "./stat/StatPanel";
import StateTimelinePanel from "./state-timeline/StateTimelinePanel";
import StatusHistoryPanel from "./status-history/StatusHistoryPanel";
import TablePanel from "./table/TablePanel";
import TextPanel from "./text/TextPanel";
import { timeTicks } from "./time-axis/ticks";
import TimeSeriesPanel from "./timeseries/TimeSeriesPanel";

const EVIL = '<img src=x onerror="alert(1)"><script>alert(1)</script>';

function series(legend: string, values: number[]): Frame {
  return {
    refId: "A",
    kind: "series",
    length: values.length,
    fields: [
      { name: "Time", type: "time", values: values.map((_, i) => i * 10_000) },
      { name: "Value", type: "number", values: Float64Array.from(values), labels: {}, legend },
    ],
  };
}

function table(columns: Record<string, Value[]>): Frame {
  const fields = Object.entries(columns).map(([name, values]) => ({
    name,
    type: typeof values[0] === "number" ? ("number" as const) : ("string" as const),
    values,
  }));
  return { refId: "A", kind: "table", length: fields[0]?.values.length ?? 0, fields };
}

interface Given {
  frames?: Frame[];
  defaults?: JsonObject;
  overrides?: FieldConfig["overrides"];
  options?: JsonObject;
}

function show(
  Panel: ComponentType<PanelProps>,
  { frames = [], defaults = {}, overrides = [], options = {} }: Given,
) {
  const props: PanelProps = {
    title: "The panel",
    frames,
    fieldConfig: { defaults, overrides },
    options,
    width: 600,
    height: 300,
    span: { start: 0, end: 40 },
    show: { scheme: "dark", zone: "utc", nowMs: 0, interpolate: (text) => text },
    annotations: [],
    syncKey: undefined,
    syncTooltip: false,
    onZoom: () => undefined,
    onZoomOut: () => undefined,
  };
  const { unmount } = render(
    <MantineProvider>
      <main>
        <Panel {...props} />
      </main>
    </MantineProvider>,
  );
  // Beside it stand the style sheets of the components.
  return { container: screen.getByRole("main"), unmount };
}

describe("every panel", () => {
  const panels: [string, ComponentType<PanelProps>][] = [
    ["bar chart", BarChartPanel],
    ["bar gauge", BarGaugePanel],
    ["gauge", GaugePanel],
    ["heatmap", HeatmapPanel],
    ["histogram", HistogramPanel],
    ["pie", PieChartPanel],
    ["stat", StatPanel],
    ["state timeline", StateTimelinePanel],
    ["status history", StatusHistoryPanel],
    ["table", TablePanel],
    ["time series", TimeSeriesPanel],
  ];

  it.each(panels)("%s says when there is nothing to draw", (_name, Panel) => {
    const { container } = show(Panel, {});
    expect(container.textContent).toBe("No data");
  });

  it.each(panels)("%s shows markup in names as text", (_name, Panel) => {
    const { container } = show(Panel, {
      frames: [series(EVIL, [1, 2, 3]), series("b", [3, 2, 1])],
    });
    expect(container.querySelector("script, img")).toBeNull();
  });

  it.each(panels)("%s survives values that are none", (_name, Panel) => {
    show(Panel, { frames: [series("a", [NaN, Infinity, -Infinity]), series("b", [])] });
  });
});

describe("stat", () => {
  it("shows the reduced value in its unit, named when there are several", () => {
    const { container } = show(StatPanel, {
      frames: [series("first", [1, 1024]), series("second", [5, 2048])],
      defaults: { unit: "bytes" },
      options: { reduceOptions: { calcs: ["max"] } },
    });
    expect(container.textContent).toBe("first1 KiBsecond2 KiB");
  });

  it("shows every row when told so", () => {
    const { container } = show(StatPanel, {
      frames: [table({ name: ["x", "y"], n: [1, 2] })],
      options: { reduceOptions: { values: true } },
    });
    expect(container.textContent).toBe("x1y2");
  });

  it("says what its author wants for nothing", () => {
    const { container } = show(StatPanel, { defaults: { noValue: "all quiet" } });
    expect(container.textContent).toBe("all quiet");
  });
});

describe("gauges and bars", () => {
  it("a gauge tells its value to those who cannot see it", () => {
    show(GaugePanel, { frames: [series("cpu", [0.5])], defaults: { unit: "percentunit", max: 1 } });
    expect(screen.getByRole("img", { name: "cpu: 50%" })).toBeTruthy();
  });

  it("arcs of thresholds cover the scale without overlap", () => {
    const steps = [
      { value: -Infinity, color: "green" },
      { value: 50, color: "orange" },
      { value: 200, color: "red" },
    ];
    expect(thresholdArcs({ mode: "absolute", steps }, 0, 100)).toMatchObject([
      { from: 0, to: 0.5, color: "green" },
      { from: 0.5, to: 1, color: "orange" },
    ]);
  });

  it("a bar gauge is a meter", () => {
    show(BarGaugePanel, { frames: [series("a", [3]), series("b", [4])], defaults: { max: 10 } });
    expect(screen.getByRole("meter", { name: "b" }).getAttribute("aria-valuenow")).toBe("4");
  });

  it("bars have categories from words, or one for each series", () => {
    show(BarChartPanel, { frames: [table({ job: ["api", "db"], n: [1, 2] })] });
    expect(screen.getByRole("img", { name: "The panel: 2 bars" })).toBeTruthy();
    expect(screen.getByText("api")).toBeTruthy();
  });

  it("scales begin and end at round numbers, and hold zero", () => {
    expect(niceScale(0, 97, 5)).toMatchObject({ low: 0, high: 100 });
    expect(niceScale(-13, 4, 4).ticks).toEqual([-15, -10, -5, 0, 5]);
    expect(niceScale(0, 0, 4).high).toBeGreaterThan(0);
  });
});

describe("pie", () => {
  it("has shares that add up, and none for what is negative", () => {
    expect(slices([1, -5, 3, NaN])).toEqual([
      { from: 0, to: 0.25 },
      { from: 0.25, to: 0.25 },
      { from: 0.25, to: 1 },
      { from: 1, to: 1 },
    ]);
  });

  it("names them with value and percent", () => {
    show(PieChartPanel, {
      frames: [series("a", [1]), series("b", [3])],
      options: { legend: { displayMode: "table", values: ["value", "percent"] } },
    });
    expect(screen.getByRole("row", { name: "b 3 75%" })).toBeTruthy();
  });
});

describe("states", () => {
  it("merge while they stay the same", () => {
    const { container } = show(StateTimelinePanel, {
      frames: [series("door", [0, 0, 1, 1])],
      defaults: {
        mappings: [{ type: "value", options: { "0": { text: "shut" }, "1": { text: "open" } } }],
      },
    });
    const segments = container.querySelectorAll<HTMLElement>("[role=img] > span");
    expect(Array.from(segments, ({ style }) => [style.left, style.width])).toEqual([
      ["0%", "50%"],
      ["50%", "50%"],
    ]);
    expect(screen.getByRole("img", { name: "door: open" })).toBeTruthy();
  });

  it("are cells of their own in a history", () => {
    const { container } = show(StatusHistoryPanel, { frames: [series("door", [0, 0, 1, 1])] });
    expect(container.querySelectorAll("[role=img] > span")).toHaveLength(4);
  });

  it("stand over times that are round", () => {
    expect(timeTicks({ start: 0, end: 600 }, 400, "utc").map(({ text }) => text)).toEqual([
      "1 Jan",
      "00:05",
      "00:10",
    ]);
  });
});

describe("heatmap", () => {
  const bucket = (le: string, ...values: number[]): Frame => {
    const [time, value] = series("", values).fields;
    if (!time || !value) throw new Error("a series has two fields");
    return { ...series("", values), fields: [time, { ...value, legend: le, labels: { le } }] };
  };

  it("takes running sums apart, whatever their order", () => {
    const heat = heatOf([bucket("+Inf", 10), bucket("1", 4), bucket("2", 7)], {});
    expect(heat?.bounds).toEqual([0.5, 1, 2, 4]);
    expect(heat?.counts.map((column) => [...column])).toEqual([[4, 3, 3]]);
  });

  it("sorts plain values into buckets when asked to", () => {
    const heat = heatOf([series("a", [1, 12]), series("b", [2, 18])], {
      calculate: true,
      calculation: { yBuckets: { mode: "size", value: "10" } },
    });
    expect(heat?.counts.map((column) => [...column])).toEqual([
      [2, 0],
      [0, 2],
    ]);
  });

  it("unites the buckets of native histograms", () => {
    const [time, value] = series("", [NaN]).fields;
    if (!time || !value) throw new Error("a series has two fields");
    const buckets = [
      { boundaries: 0, lower: 1, upper: 2, count: 3 },
      { boundaries: 0, lower: 2, upper: 4, count: 5 },
    ];
    const native = { ...value, histograms: [{ count: 8, sum: 20, buckets }] };
    const heat = heatOf([{ refId: "A", kind: "series", length: 1, fields: [time, native] }], {});
    expect(heat?.bounds).toEqual([1, 2, 4]);
    expect(heat?.counts.map((column) => [...column])).toEqual([[3, 5]]);
  });
});

describe("histogram", () => {
  it("has buckets of round width that hold everything", () => {
    const values = [0, 1, 2, 3, 10];
    const buckets = bucketsFor(values, 5);
    expect(buckets.bounds).toEqual([0, 5, 10]);
    expect(countIn(buckets, [...values, NaN])).toEqual([4, 0, 1]);
  });

  it("a width far too small does not make millions of them", () => {
    expect(bucketsFor([0, 1e9], 0.001).bounds.length).toBeLessThan(500);
  });
});

describe("table", () => {
  const frames = [table({ host: ["b", "a", "c"], load: [3, 10, 2] })];
  const firstColumn = () =>
    screen
      .getAllByRole("row")
      .slice(1)
      .map((row) => within(row).getAllByRole("cell")[0]?.textContent);

  it("sorts as its author said, then as its reader clicks", async () => {
    show(TablePanel, { frames, options: { sortBy: [{ displayName: "load", desc: true }] } });
    expect(firstColumn()).toEqual(["a", "b", "c"]);
    await userEvent.click(screen.getByRole("button", { name: /^host/ }));
    expect(firstColumn()).toEqual(["a", "b", "c"]);
    await userEvent.click(screen.getByRole("button", { name: /^host/ }));
    expect(firstColumn()).toEqual(["c", "b", "a"]);
  });

  it("filters by words and by comparison", async () => {
    show(TablePanel, { frames, defaults: { custom: { filterable: true } } });
    await userEvent.click(screen.getByRole("button", { name: "Filter load" }));
    fireEvent.change(await screen.findByRole("textbox", { name: "Filter load" }), {
      target: { value: "> 2" },
    });
    expect(firstColumn()).toEqual(["b", "a"]);
  });

  it("hides columns, sums in the footer, and links safely", () => {
    show(TablePanel, {
      frames: [table({ host: ["a"], secret: ["s"], load: [10] })],
      options: { footer: { show: true, reducer: ["sum"] } },
      overrides: [
        {
          matcher: { id: "byName", options: "secret" },
          properties: [{ id: "custom.hidden", value: true }],
        },
        {
          matcher: { id: "byName", options: "host" },
          properties: [{ id: "links", value: [{ title: "", url: "javascript:alert(1)" }] }],
        },
      ],
    });
    expect(screen.queryByText("s")).toBeNull();
    expect(screen.queryByRole("link")).toBeNull();
    expect(screen.getAllByRole("row").at(-1)?.textContent).toBe("Total10");
  });
});

describe("text", () => {
  const markdown = (content: string) =>
    show(TextPanel, { options: { mode: "markdown", content } }).container;

  it("renders markdown", () => {
    const container = markdown(
      "# Title\n\n**bold** [link](https://example.org)\n\n| a |\n|---|\n| 1 |",
    );
    expect(container.querySelector("h1")?.textContent).toBe("Title");
    expect(container.querySelector("a")?.getAttribute("rel")).toContain("noopener");
    expect(container.querySelector("td")?.textContent).toBe("1");
  });

  it.each([
    EVIL,
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    '<iframe src="javascript:alert(1)"></iframe>',
    "[x](javascript:alert(1))",
    '<a href="java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<p style="background:url(https://evil.example/x)" onclick="alert(1)">x</p>',
    '<form action="https://evil.example"><input></form>',
    '<object data="x"></object><embed src="x"><base href="https://evil.example">',
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
  ])("nothing of %s runs or loads", (content) => {
    for (const mode of ["markdown", "html"]) {
      const { container, unmount } = show(TextPanel, { options: { mode, content } });
      expect(
        container.querySelector(
          "script, iframe, svg, object, embed, base, form, input, style[src]",
        ),
      ).toBeNull();
      // Nor is the text of a script content.
      if (content.startsWith("<")) expect(container.textContent).not.toContain("alert");
      for (const element of container.querySelectorAll("*")) {
        const names = element.getAttributeNames();
        expect(names.filter((name) => name.startsWith("on"))).toEqual([]);
        expect(element.getAttribute("href") ?? "").not.toMatch(/script|data:/i);
        expect(element.getAttribute("style") ?? "").not.toContain("url");
        expect(element.getAttribute("src")).toBeNull();
      }
      unmount();
    }
  });

  it.each([
    ["https://example.org", true],
    ["/d/abc?x=1", true],
    ["d/abc", true],
    ["?a=b", true],
    ["#top", true],
    ["mailto:a@b.c", true],
    ["//evil.example", false],
    ["javascript:alert(1)", false],
    [" JavaScript:alert(1)", false],
    ["data:text/html,x", false],
    ["java\tscript:alert(1)", false],
  ])("the address %s is safe: %s", (url, safe) => {
    expect(safeUrl(url) !== undefined).toBe(safe);
  });
});

describe("legend", () => {
  it("a click shows one alone and then all again; with Ctrl it switches one", () => {
    const all = ["a", "b", "c"];
    const alone = nextHidden(new Set(), "a", all, false);
    expect([...alone]).toEqual(["b", "c"]);
    expect([...nextHidden(alone, "a", all, false)]).toEqual([]);
    expect([...nextHidden(new Set(), "b", all, true)]).toEqual(["b"]);
  });

  it("calculates what its author asked for", () => {
    vi.stubGlobal("Path2D", undefined);
    show(TimeSeriesPanel, {
      frames: [series("a", [1, 2, 3])],
      defaults: { unit: "s" },
      options: { legend: { displayMode: "table", calcs: ["min", "mean", "count"] } },
    });
    expect(screen.getByRole("row", { name: "a 1 s 2 s 3" })).toBeTruthy();
  });
});
