/** Fields with overrides, mappings, thresholds and names, as panels get them. */
import { describe, expect, it } from "vitest";
import type { InstantSample } from "../api/query";
import { continuousColor, heatColors, namedColor, textOn } from "./colors";
import { instantFrames, rangeFrames, renderLegend } from "./frames";
import { reduceField } from "./reduce";
import { type ShowContext, showFrames } from "./shown";
import type { FieldConfig, Frame } from "./types";

const context: ShowContext = {
  scheme: "dark",
  zone: "utc",
  nowMs: 0,
  interpolate: (text, scoped) =>
    text.replace(/\$\{([^}]+)\}/g, (all, name: string) => scoped[name] ?? all),
  defaultColorMode: "thresholds",
};
const asked = {
  refId: "A",
  legend: "",
  format: "time_series" as const,
  expr: "q",
  valueName: "Value",
};
const grid = { start: 0, end: 20, step: 10 };

function series(labels: Record<string, string>, values: number[], legend?: string): Frame {
  return {
    refId: "A",
    kind: "series",
    length: values.length,
    fields: [
      { name: "Time", type: "time", values: values.map((_, i) => i * 1000) },
      { name: "Value", type: "number", values: Float64Array.from(values), labels, legend },
    ],
  };
}

function shown(frames: Frame[], config: Partial<FieldConfig>) {
  const full = { defaults: {}, overrides: [], ...config };
  return showFrames(frames, full, context).map(({ fields }) => {
    const value = fields[1];
    if (!value) throw new Error("a series has a value");
    return value;
  });
}

describe("frames", () => {
  it("a range result is a frame for each series, named by the query or by what differs", () => {
    const result = {
      grid,
      series: [
        { labels: { job: "a", i: "1" }, values: Float64Array.of(1, 2, 3) },
        { labels: { job: "a", i: "2" }, values: Float64Array.of(4, NaN, 6) },
      ],
      histograms: [],
      stats: undefined,
    };
    expect(shown(rangeFrames(result, asked), {}).map(({ title }) => title)).toEqual([
      '{i="1"}',
      '{i="2"}',
    ]);
    const named = rangeFrames(result, { ...asked, legend: "{{job}}-{{ i }}{{none}}" });
    expect(shown(named, {}).map(({ title }) => title)).toEqual(["a-1", "a-2"]);
    const [table] = rangeFrames(result, { ...asked, format: "table" });
    expect(table?.fields.map(({ name }) => name)).toEqual(["Time", "i", "job", "Value"]);
    expect(table?.length).toBe(5);
  });

  it("running sums by le become what each bucket adds", () => {
    const bucket = (le: string, ...values: number[]) => ({
      labels: { le },
      values: Float64Array.from(values),
    });
    const result = {
      grid,
      series: [bucket("+Inf", 9, 4, 5), bucket("0.5", 2, 4, 0), bucket("1", 5, 3, 5)],
      histograms: [],
      stats: undefined,
    };
    const [heat] = rangeFrames(result, { ...asked, format: "heatmap" });
    expect(heat?.kind).toBe("heatmap");
    expect(heat?.fields.slice(1).map(({ name, values }) => [name, ...values])).toEqual([
      ["0.5", 2, 4, 0],
      ["1", 3, 0, 5],
      ["+Inf", 4, 1, 0],
    ]);
  });

  it("an instant result is a table with a column for each label, when asked for one", () => {
    const samples: InstantSample[] = [
      { labels: { a: "x" }, timeSeconds: 1, value: 5 },
      { labels: { b: "y" }, timeSeconds: 1, value: 6 },
    ];
    const result = { kind: "vector" as const, samples, text: undefined, stats: undefined };
    const [table] = instantFrames(result, { ...asked, format: "table", valueName: "Value #B" });
    expect(table?.fields.map(({ name, values }) => [name, ...values])).toEqual([
      ["Time", 1000, 1000],
      ["a", "x", ""],
      ["b", "", "y"],
      ["Value #B", 5, 6],
    ]);
    expect(instantFrames(result, asked)).toHaveLength(2);
  });

  it("a result without labels is called by its query", () => {
    expect(renderLegend("{{a}}{{constructor}}", {})).toBe("");
    const result = {
      grid,
      series: [{ labels: {}, values: Float64Array.of(1, 1, 1) }],
      histograms: [],
      stats: undefined,
    };
    expect(shown(rangeFrames(result, asked), {})[0]?.title).toBe("q");
  });
});

describe("overrides", () => {
  const frames = [series({}, [1], "cpu user"), series({}, [2], "memory")];
  const unitBy = (id: string, options: unknown) =>
    shown(frames, {
      overrides: [
        { matcher: { id, options: options as string }, properties: [{ id: "unit", value: "s" }] },
      ],
    }).map(({ options: read }) => read.unit);

  it.each([
    ["byName", "memory", [undefined, "s"]],
    ["byRegexp", "/^cpu/", ["s", undefined]],
    ["byRegexp", "MEM", [undefined, undefined]],
    ["byRegexp", "/MEM/i", [undefined, "s"]],
    ["byRegexp", "/(/", [undefined, undefined]],
    ["byNames", { mode: "exclude", names: ["memory"] }, ["s", undefined]],
    ["byType", "number", ["s", "s"]],
    ["byType", "string", [undefined, undefined]],
    ["byFrameRefID", "A", ["s", "s"]],
    ["byFrameRefID", "B", [undefined, undefined]],
    ["byValue", { reducer: "max", op: ">=", value: 2 }, [undefined, "s"]],
    ["of the future", 1, [undefined, undefined]],
  ])("%s %j", (id, options, expected) => {
    expect(unitBy(id, options)).toEqual(expected);
  });

  it("reach into nested options, in their order, and rename", () => {
    const [field] = shown([series({ job: "x" }, [1])], {
      defaults: { custom: { lineWidth: 1, fillOpacity: 5 } },
      overrides: [
        {
          matcher: { id: "byType", options: "number" },
          properties: [
            { id: "custom.lineWidth", value: 3 },
            { id: "custom.hideFrom.viz", value: true },
            { id: "displayName", value: "is ${__field.labels.job}" },
            { id: "__proto__.polluted", value: true },
          ],
        },
      ],
    });
    expect(field?.options.custom).toEqual({
      lineWidth: 3,
      fillOpacity: 5,
      hideFrom: { viz: true },
    });
    expect(field?.title).toBe("is x");
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("what is shown of a value", () => {
  const steps = [
    { value: null, color: "green" },
    { value: 50, color: "orange" },
    { value: 80, color: "red" },
  ];

  it("thresholds colour by value, or by share of the scale", () => {
    const [absolute] = shown([series({}, [10])], {
      defaults: { thresholds: { mode: "absolute", steps } },
    });
    const colorAt = (value: number) => absolute?.display(value).color;
    expect([49.9, 50, 80].map(colorAt)).toEqual(
      ["green", "orange", "red"].map((name) => namedColor(name, "dark")),
    );
    const [shares] = shown([series({}, [10])], {
      defaults: { min: 0, max: 10, thresholds: { mode: "percentage", steps } },
    });
    expect(shares?.display(6).color).toBe(namedColor("orange", "dark"));
  });

  it.each([
    [0, "zero"],
    [3, "few"],
    [NaN, "nothing"],
    [100, "100"],
  ])("mappings turn %d into %s", (value, text) => {
    const [field] = shown([series({}, [1])], {
      defaults: {
        mappings: [
          { type: "value", options: { "0": { text: "zero", color: "red" } } },
          { type: "range", options: { from: 1, to: 5, result: { text: "few" } } },
          { type: "special", options: { match: "null+nan", result: { text: "nothing" } } },
        ],
      },
    });
    expect(field?.display(value).full).toBe(text);
  });

  it("a unit for all columns leaves times and words alone", () => {
    const fields = [
      { name: "Time", type: "time" as const, values: [0] },
      { name: "port", type: "string" as const, values: ["9090"] },
      { name: "Value", type: "number" as const, values: [2048] },
    ];
    const frame: Frame = { refId: "A", kind: "table", length: 1, fields };
    const config = { defaults: { unit: "bytes" }, overrides: [] };
    const [made] = showFrames([frame], config, context);
    expect(made?.fields.map((field) => field.display(field.values[0]).full)).toEqual([
      "1970-01-01 00:00:00",
      "9090",
      "2 KiB",
    ]);
  });

  it("expressions map words and take groups along", () => {
    const [field] = shown([series({}, [1])], {
      defaults: {
        mappings: [
          { type: "regex", options: { pattern: "node-(.*)", result: { text: "host $1" } } },
        ],
      },
    });
    expect(field?.display("node-7").full).toBe("host 7");
    expect(field?.display("other").full).toBe("other");
  });

  it("colours that are no colours never reach a style", () => {
    expect(namedColor("url(http://x)", "dark")).toBe("#8e8e8e");
    expect(namedColor("constructor", "dark")).toBe("#8e8e8e");
    expect(namedColor("semi-dark-blue", "dark")).toBe("#3274d9");
    expect(namedColor("rgba(1, 2, 3, 0.5)", "dark")).toBe("rgba(1, 2, 3, 0.5)");
    expect(continuousColor("continuous-GrYlRd", 0, "dark")).toBe(namedColor("green", "dark"));
    expect(textOn("#ffffff")).not.toBe(textOn("#000000"));
    expect(heatColors("Blues", false, "dark")[0]).toBe(heatColors("Blues", true, "light")[0]);
  });
});

describe("reducers", () => {
  const field = { values: [1, NaN, 3, 2, null] };
  it.each([
    ["lastNotNull", 2],
    ["last", null],
    ["firstNotNull", 1],
    ["min", 1],
    ["max", 3],
    ["mean", 2],
    ["avg", 2],
    ["median", 2],
    ["sum", 6],
    ["count", 5],
    ["range", 2],
    ["diff", 1],
    ["delta", 4],
    ["p50", 2],
    ["p95", 2.9],
    ["allIsZero", false],
    ["distinctCount", 5],
    ["of the future", undefined],
  ])("%s is %s", (id, expected) => {
    expect(reduceField(field, id)).toBe(expected);
  });

  it("of nothing are nothing", () => {
    for (const id of ["min", "max", "mean", "p95"]) {
      expect(reduceField({ values: [] }, id)).toBeNaN();
    }
  });
});
