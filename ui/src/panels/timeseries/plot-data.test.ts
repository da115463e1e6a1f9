/** What uPlot is given: stacks, mirrors, gaps. */
import { expect, it } from "vitest";
import { unitAxis, valueRange } from "./axes";
import { isolatedPoints, plotData, type PlotSeries, stack } from "./plot-data";

function series(values: number[], mirrored = false): PlotSeries {
  return {
    key: String(values),
    name: "s",
    color: "#000",
    values: Float64Array.from(values),
    mirrored,
  };
}

const times = Float64Array.of(1, 2, 3);

it("columns without gaps stay typed arrays", () => {
  const [, column] = plotData(times, [series([1, 2, 3])], "lines");
  expect(column).toBeInstanceOf(Float64Array);
});

it("gaps and infinities become null", () => {
  const [, column] = plotData(times, [series([1, NaN, Infinity])], "lines");
  expect(column).toEqual([1, null, null]);
});

it("mirrored series are drawn below zero", () => {
  const [, column] = plotData(times, [series([1, 2, 3], true)], "area");
  expect([...(column ?? [])]).toEqual([-1, -2, -3]);
});

it("stacks sum up, a missing value counting as nothing", () => {
  const [a, b] = stack([series([1, NaN, NaN]), series([10, 20, NaN])], 3);
  expect([...(a ?? [])]).toEqual([1, 0, NaN]);
  expect([...(b ?? [])]).toEqual([11, 20, NaN]);
});

it("stacks grow apart on either side of zero", () => {
  const [up, down, more] = stack([series([1]), series([2], true), series([4])], 1);
  expect([up?.[0], down?.[0], more?.[0]]).toEqual([1, -2, 5]);
});

it("points without neighbours are found", () => {
  expect(isolatedPoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(isolatedPoints([null, null])).toEqual([]);
});

it.each([
  ["nothing", null, null, "lines", undefined, [0, 1]],
  ["areas from zero", 50, 100, "area", undefined, [0, 106]],
  ["lines near zero from zero", 10, 100, "lines", undefined, [0, 105.4]],
  ["lines far from zero close up", 90, 100, "lines", undefined, [89.4, 100.6]],
  ["at least so high", 0, 0.1, "lines", 0.5, [0, 0.53]],
  ["a flat line", 5, 5, "lines", undefined, [0, 6]],
  ["a flat zero", 0, 0, "area", undefined, [0, 1]],
  ["a flat negative", -5, -5, "lines", undefined, [-6, 0]],
] as const)("the y range of %s", (_name, min, max, mode, atLeast, [low, high]) => {
  const [actualLow, actualHigh] = valueRange(min, max, unitAxis("number", mode, atLeast));
  expect(actualLow).toBeCloseTo(low, 9);
  expect(actualHigh).toBeCloseTo(high, 9);
});
