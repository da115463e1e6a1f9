/** Naming series and summing them up. */
import { expect, it } from "vitest";
import { legendNames, matcher, metricSelector, seriesName, summarize } from "./series";

it.each([
  [{ __name__: "up" }, "up"],
  [{ __name__: "up", job: "a", instance: "b" }, 'up{instance="b", job="a"}'],
  [{ job: "a" }, '{job="a"}'],
  [{}, "{}"],
  [{ __name__: "http.requests", code: "200" }, '{"http.requests", code="200"}'],
  [{ "service.name": 'say "hi"\n' }, '{"service.name"="say \\"hi\\"\\n"}'],
])("%j is called %s", (labels, name) => {
  expect(seriesName(labels)).toBe(name);
});

it("legends leave out what all series share", () => {
  const names = legendNames([
    { __name__: "m", job: "node", cpu: "0" },
    { __name__: "m", job: "node", cpu: "1" },
  ]);
  expect(names).toEqual(['{cpu="0"}', '{cpu="1"}']);
});

it("legends keep a label that one series lacks", () => {
  expect(legendNames([{ a: "1" }, { a: "1", b: "2" }])).toEqual(['{a="1"}', '{b="2"}']);
});

it("a single series keeps its whole name", () => {
  expect(legendNames([{ __name__: "up", job: "a" }])).toEqual(['up{job="a"}']);
});

it("summaries skip absent points", () => {
  const summary = summarize(Float64Array.of(NaN, 4, NaN, 2, 6, NaN));
  expect(summary).toEqual({ min: 2, max: 6, avg: 4, last: 6 });
});

it("summaries keep infinities", () => {
  expect(summarize(Float64Array.of(1, Infinity)).max).toBe(Infinity);
});

it("summaries of nothing are NaN", () => {
  expect(summarize(Float64Array.of(NaN))).toEqual({ min: NaN, max: NaN, avg: NaN, last: NaN });
});

it("matchers and selectors quote what needs it", () => {
  expect(matcher("job", 'a"b\\')).toBe('job="a\\"b\\\\"');
  expect(matcher("service.name", "x")).toBe('"service.name"="x"');
  expect(metricSelector("up")).toBe("up");
  expect(metricSelector("http.requests")).toBe('{"http.requests"}');
});
