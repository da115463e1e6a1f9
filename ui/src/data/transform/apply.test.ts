/** Transformations as popular dashboards use them. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../lib/json";
import type { Frame, Value } from "../types";
import { transformFrames } from "./apply";
import { transformationIds } from "./ids";

function table(refId: string, columns: Record<string, Value[]>): Frame {
  const fields = Object.entries(columns).map(([name, values]) => ({
    name,
    type:
      name === "Time"
        ? ("time" as const)
        : typeof values[0] === "number"
          ? ("number" as const)
          : ("string" as const),
    values,
  }));
  return { refId, kind: "table", length: fields[0]?.values.length ?? 0, fields };
}

function series(
  refId: string,
  legend: string,
  times: number[],
  values: number[],
  labels = {},
): Frame {
  return {
    refId,
    kind: "series",
    length: times.length,
    fields: [
      { name: "Time", type: "time", values: times },
      { name: "Value", type: "number", values: Float64Array.from(values), legend, labels },
    ],
  };
}

function run(frames: Frame[], ...steps: [id: string, options: JsonObject, refId?: string][]) {
  const transformations = steps.map(([id, options, refId]) => ({ id, options, refId }));
  return transformFrames(frames, transformations, (text) => text.replace("$v", "b")).map(
    ({ fields }) =>
      Object.fromEntries(fields.map((field) => [field.legend ?? field.name, [...field.values]])),
  );
}

const a = table("A", { Time: [1, 1], job: ["x", "y"], "Value #A": [10, 20] });
const b = table("B", { Time: [1, 1], job: ["y", "z"], "Value #B": [5, 6] });
const up = series("A", "up", [1, 2], [1, 2]);
const down = series("B", "down", [2, 3], [20, 30]);

describe("tables", () => {
  it("merge joins rows that agree in shared columns", () => {
    expect(run([a, b], ["merge", {}])).toEqual([
      { Time: [1, 1, 1], job: ["x", "y", "z"], "Value #A": [10, 20, NaN], "Value #B": [NaN, 5, 6] },
    ]);
  });

  it("merge keeps rows apart that say otherwise", () => {
    const twice = table("A", { job: ["x", "x"], n: [1, 2] });
    const once = table("B", { job: ["x"], m: [5] });
    expect(run([twice, once], ["merge", {}])).toEqual([
      { job: ["x", "x"], n: [1, 2], m: [5, NaN] },
    ]);
  });

  it("organize hides, renames and orders", () => {
    const options = {
      excludeByName: { Time: true },
      renameByName: { "Value #A": "Amount" },
      indexByName: { "Value #A": 0, job: 1 },
    };
    const [organized] = run([a], ["organize", options]);
    expect(Object.keys(organized ?? {})).toEqual(["Amount", "job"]);
  });

  it.each<[JsonObject, string[]]>([
    [{ include: { names: ["job"] } }, ["job"]],
    [{ include: { pattern: "/^Value/" } }, ["Value #A"]],
    [{ exclude: { names: ["Time"] } }, ["job", "Value #A"]],
  ])("filterFieldsByName %j", (options, expected) => {
    expect(Object.keys(run([a], ["filterFieldsByName", options])[0] ?? {})).toEqual(expected);
  });

  it("renameByRegex takes groups", () => {
    const options = { regex: "Value #(.*)", renamePattern: "of $1" };
    expect(Object.keys(run([a], ["renameByRegex", options])[0] ?? {})).toContain("of A");
  });

  it("sortBy and limit", () => {
    const sort = { sort: [{ field: "Value #A", desc: true }] };
    expect(run([a], ["sortBy", sort], ["limit", { limitField: 1 }])).toEqual([
      { Time: [1], job: ["y"], "Value #A": [20] },
    ]);
  });

  it.each<[string, JsonObject, string[]]>([
    ["greater", { value: 10 }, ["y"]],
    ["lowerOrEqual", { value: 10 }, ["x"]],
    ["equal", { value: "20" }, ["y"]],
    ["between", { from: 5, to: 15 }, ["x"]],
    ["isNotNull", {}, ["x", "y"]],
  ])("filterByValue %s", (id, options, expected) => {
    const filters = [{ fieldName: "Value #A", config: { id, options } }];
    const rules = { type: "include", match: "all", filters };
    expect(run([a], ["filterByValue", rules])[0]?.job).toEqual(expected);
    const [excluded] = run([a], ["filterByValue", { ...rules, type: "exclude" }]);
    expect([...expected, ...((excluded?.job ?? []) as string[])].sort()).toEqual(["x", "y"]);
  });

  it("groupBy reduces what it does not group by", () => {
    const input = table("A", { job: ["x", "y", "x"], n: [1, 2, 3] });
    const fields = {
      job: { operation: "groupby", aggregations: [] },
      n: { operation: "aggregate", aggregations: ["sum", "count"] },
    };
    expect(run([input], ["groupBy", { fields }])).toEqual([
      { job: ["x", "y"], "n (sum)": [4, 2], "n (count)": [2, 1] },
    ]);
  });

  it("calculateField adds columns", () => {
    const input = table("A", { n: [1, 2], m: [3, 5] });
    const binary = { mode: "binary", binary: { left: "m", operator: "/", right: "n" }, alias: "q" };
    const total = { mode: "reduceRow", reduce: { reducer: "sum" } };
    expect(run([input], ["calculateField", binary], ["calculateField", total])[0]).toMatchObject({
      q: [3, 2.5],
      Total: [7, 9.5],
    });
    const fixed = {
      mode: "binary",
      binary: { left: "n", operator: "*", right: "100" },
      replaceFields: true,
    };
    expect(run([input], ["calculateField", fixed])).toEqual([{ "n * 100": [100, 200] }]);
  });

  it("transpose and rowsToFields turn tables round", () => {
    const input = table("A", { name: ["p", "q"], n: [1, 2] });
    expect(run([input], ["rowsToFields", {}])).toEqual([{ p: [1], q: [2] }]);
    const cells = table("A", { r: ["a", "a", "b"], c: ["x", "y", "x"], v: [1, 2, 3] });
    const matrix = { columnField: "c", rowField: "r", valueField: "v" };
    expect(run([cells], ["groupingToMatrix", matrix])).toEqual([
      { "r\\c": ["a", "b"], x: [1, 3], y: [2, NaN] },
    ]);
    expect(run([input], ["transpose", {}])).toEqual([{ name: ["n"], p: [1], q: [2] }]);
  });
});

describe("series", () => {
  it("joinByField puts them side by side in time, absent where they are", () => {
    expect(run([up, down], ["joinByField", { byField: "Time", mode: "outer" }])).toEqual([
      { Time: [1, 2, 3], up: [1, 2, NaN], down: [NaN, 20, 30] },
    ]);
    expect(run([up, down], ["joinByField", { byField: "Time", mode: "inner" }])).toEqual([
      { Time: [2], up: [2], down: [20] },
    ]);
  });

  it("calculateField joins them first", () => {
    const options = {
      mode: "binary",
      binary: { left: { matcher: { id: "byName", options: "down" } }, operator: "-", right: "up" },
      alias: "gap",
    };
    expect(run([up, down], ["calculateField", options])[0]?.gap).toEqual([NaN, 18, NaN]);
  });

  it("reduce makes a row of each, or keeps the fields", () => {
    expect(run([up, down], ["reduce", { reducers: ["max", "mean"] }])).toEqual([
      { Field: ["up", "down"], Max: [2, 30], Mean: [1.5, 25] },
    ]);
    expect(run([up], ["reduce", { reducers: ["max"], mode: "reduceFields" }])).toEqual([
      { up: [2] },
    ]);
  });

  it("seriesToRows lists every sample, the newest first", () => {
    expect(run([up, down], ["seriesToRows", {}])[0]?.Metric).toEqual(["down", "up", "down", "up"]);
  });

  it("labelsToFields makes columns of labels", () => {
    const labelled = series("A", "", [1], [5], { job: "x", env: "prod" });
    const plain = {
      ...labelled,
      fields: labelled.fields.map((f) => ({ ...f, legend: undefined })),
    };
    expect(run([plain], ["labelsToFields", {}])).toEqual([
      { Time: [1], job: ["x"], env: ["prod"], Value: [5] },
    ]);
    expect(run([plain], ["labelsToFields", { valueLabel: "env" }])).toEqual([
      { Time: [1], job: ["x"], prod: [5] },
    ]);
  });
});

it("applies to one query only when told so, with variables replaced", () => {
  const rename = { regex: "up|down", renamePattern: "$v" };
  const [first, second] = run([up, down], ["renameByRegex", rename, "B"]);
  expect(Object.keys(first ?? {})).toContain("b");
  expect(Object.keys(second ?? {})).toContain("up");
});

it("leaves its input alone where it does not know how", () => {
  expect(run([up], ["readTheRunes", {}])).toEqual(run([up]));
});

it("reports as supported exactly what it does", () => {
  for (const id of transformationIds) {
    expect(() => run([up, down, a], [id, {}])).not.toThrow();
  }
});
