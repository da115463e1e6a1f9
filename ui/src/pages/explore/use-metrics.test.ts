/** The metrics browser: describing, finding, and making queries. */
import { expect, it } from "vitest";
import { countLabels } from "./LabelDrill";
import { describeMetrics, searchMetrics, suggestedQuery } from "./use-metrics";

const metrics = describeMetrics(["http_seconds_bucket", "http_seconds_count", "up", "x_total"], {
  http_seconds: [{ type: "histogram", help: "Time taken.", unit: "" }],
  x_total: [{ type: "counter", help: "Things done.", unit: "" }],
  up: [{ type: "unknown", help: "", unit: "" }],
});

it("parts of a histogram take the description of their family", () => {
  expect(metrics[0]).toEqual({
    name: "http_seconds_bucket",
    type: "histogram",
    help: "Time taken.",
  });
  expect(metrics[2]).toEqual({ name: "up", type: "", help: "" });
});

it.each([
  ["", 4],
  ["http", 2],
  ["HIST taken", 2],
  ["things", 1],
  ["nothing of the kind", 0],
])("a search for %j finds %d", (search, count) => {
  expect(searchMetrics(metrics, search)).toHaveLength(count);
});

it("names that begin with the word come first", () => {
  const found = searchMetrics(describeMetrics(["a_up", "up_b"], {}), "up");
  expect(found.map(({ name }) => name)).toEqual(["up_b", "a_up"]);
});

it.each([
  ["http_seconds_bucket", "histogram", "histogram_quantile(0.95, sum by (le) (rate(m[5m])))"],
  ["http_seconds_count", "histogram", "rate(m[5m])"],
  ["x_total", "counter", "rate(m[5m])"],
  ["up", "gauge", "m"],
])("%s, a %s, is best seen as %s", (name, type, query) => {
  expect(suggestedQuery({ name, type, help: "" }, "m")).toBe(query);
});

it("labels are counted, the most frequent value first", () => {
  const series: Record<string, string>[] = [
    { __name__: "m", a: "1" },
    { __name__: "m", a: "2", b: "x" },
    { __name__: "m", a: "2" },
  ];
  expect(countLabels(series)).toEqual([
    [
      "a",
      [
        ["2", 2],
        ["1", 1],
      ],
    ],
    ["b", [["x", 1]]],
  ]);
});
