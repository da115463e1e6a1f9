/** What is downloaded, and what is drawn together. */
import { expect, it } from "vitest";
import { instantCsv, rangeCsv } from "./exports";
import { onGrid, unionGrid } from "./GraphView";

it("graphs export a column a series, rows shared between grids", () => {
  const labels = { __name__: "m" };
  const text = rangeCsv([
    {
      letter: "A",
      grid: { start: 0, end: 10, step: 10 },
      series: [{ labels, values: Float64Array.of(1, NaN) }],
    },
    {
      letter: "B",
      grid: { start: 10, end: 20, step: 10 },
      series: [{ labels, values: Float64Array.of(2, Infinity) }],
    },
  ]);
  expect(text.split("\r\n")).toEqual([
    "time,A: m,B: m",
    "1970-01-01T00:00:00.000Z,1,",
    "1970-01-01T00:00:10.000Z,,2",
    "1970-01-01T00:00:20.000Z,,'+Inf",
    "",
  ]);
});

it("tables export a row a sample", () => {
  const text = instantCsv([
    { labels: { a: "1" }, timeSeconds: 0, value: 5 },
    { labels: { b: "x,y" }, timeSeconds: 0, histogram: { count: 3, sum: 1, buckets: [] } },
  ]);
  expect(text.split("\r\n")).toEqual([
    "time,a,b,value",
    "1970-01-01T00:00:00.000Z,1,,5",
    '1970-01-01T00:00:00.000Z,,"x,y",3',
    "",
  ]);
});

it("grids a step apart join; those of another step stay out", () => {
  const newest = { start: 10, end: 30, step: 10 };
  expect(unionGrid([{ start: 0, end: 20, step: 10 }, newest])).toEqual({
    start: 0,
    end: 30,
    step: 10,
  });
  expect(unionGrid([{ start: 0, end: 20, step: 1 }, newest])).toEqual(newest);
  expect(unionGrid([])).toBeUndefined();
});

it("values move to their place on another grid", () => {
  const from = { start: 10, end: 20, step: 10 };
  const to = { start: 0, end: 30, step: 10 };
  expect([...onGrid(Float64Array.of(1, 2), from, to)]).toEqual([NaN, 1, 2, NaN]);
});
