/** Parsing query answers: floats as strings, gaps, histograms, and shapes that are wrong. */
import { describe, expect, it } from "vitest";
import { ShapeError } from "../lib/decode";
import { instantResult, rangeResult } from "./query";

const grid = { start: 100, end: 130, step: 10 };
const range = (result: unknown) => rangeResult(grid)({ resultType: "matrix", result }, "data");

describe("range results", () => {
  it("land on the grid, with NaN where there is nothing", () => {
    const { series } = range([
      {
        metric: { __name__: "up" },
        values: [
          [110, "1.5"],
          [130, "-2e3"],
        ],
      },
    ]);
    expect(series).toHaveLength(1);
    expect([...(series[0]?.values ?? [])]).toEqual([NaN, 1.5, NaN, -2000]);
  });

  it("read NaN and infinities", () => {
    const { series } = range([
      {
        metric: {},
        values: [
          [100, "NaN"],
          [110, "+Inf"],
          [120, "-Inf"],
          [130, "0"],
        ],
      },
    ]);
    expect([...(series[0]?.values ?? [])]).toEqual([NaN, Infinity, -Infinity, 0]);
  });

  it("ignore points off the grid", () => {
    const { series } = range([
      {
        metric: {},
        values: [
          [90, "1"],
          [140, "2"],
        ],
      },
    ]);
    expect(series[0]?.values.every(Number.isNaN)).toBe(true);
  });

  it("count native histograms, which have no line", () => {
    const histogram = { count: "1", sum: "2", buckets: [] };
    const { series, histograms } = range([{ metric: {}, histograms: [[100, histogram]] }]);
    expect(series).toHaveLength(0);
    expect(histograms).toHaveLength(1);
    expect(histograms[0]?.values.filter(Boolean)).toHaveLength(1);
  });

  it("may be null, as Go writes an empty slice", () => {
    expect(range(null).series).toEqual([]);
  });

  it.each([
    ["a vector", { resultType: "vector", result: [] }],
    ["no object", []],
    ["a number as value", { resultType: "matrix", result: [{ metric: {}, values: [[1, 2]] }] }],
    ["text as float", { resultType: "matrix", result: [{ metric: {}, values: [[100, "x"]] }] }],
    ["labels of numbers", { resultType: "matrix", result: [{ metric: { a: 1 }, values: [] }] }],
  ])("refuse %s", (_name, value) => {
    expect(() => rangeResult(grid)(value, "data")).toThrow(ShapeError);
  });
});

describe("instant results", () => {
  it("read vectors of floats and histograms", () => {
    const result = instantResult(
      {
        resultType: "vector",
        result: [
          { metric: { a: "1" }, value: [100, "+Inf"] },
          {
            metric: { a: "2" },
            histogram: [100, { count: "3", sum: "4.5", buckets: [[0, "0.5", "1", "3"]] }],
          },
        ],
      },
      "data",
    );
    expect(result.samples[0]?.value).toBe(Infinity);
    expect(result.samples[1]?.histogram).toEqual({
      count: 3,
      sum: 4.5,
      buckets: [{ boundaries: 0, lower: 0.5, upper: 1, count: 3 }],
    });
  });

  it("read scalars, strings and matrices", () => {
    const scalar = instantResult({ resultType: "scalar", result: [1, "NaN"] }, "data");
    expect(scalar.samples[0]?.value).toBeNaN();
    const text = instantResult({ resultType: "string", result: [1, "hi"] }, "data");
    expect(text.text).toBe("hi");
    const values = [
      [1, "1"],
      [2, "2"],
    ];
    const matrix = { resultType: "matrix", result: [{ metric: { a: "b" }, values }] };
    expect(instantResult(matrix, "data").samples.map(({ value }) => value)).toEqual([1, 2]);
  });

  it("read statistics", () => {
    const { stats } = instantResult(
      {
        resultType: "vector",
        result: [],
        stats: {
          timings: { evalTotalTime: 0.5 },
          samples: {
            totalQueryableSamples: 7,
            totalQueryableSamplesPerStep: [[5, 7]],
            peakSamples: 3,
          },
        },
      },
      "data",
    );
    expect(stats).toEqual({
      samplesRead: 7,
      samplesPeak: 3,
      samplesPerStep: [[5, 7]],
      timings: { evalTotalTime: 0.5 },
    });
  });
});
