/** Variables that ask, depend on each other, and remember what was chosen. */
import { describe, expect, it, vi } from "vitest";
import { parseVariables } from "../model/parse-variable";
import { readFilters, withFilters, writeFilters } from "./adhoc";
import { parseDefinition } from "./definition";
import { interpolate } from "./interpolate";
import { ALL, choose, pickOptions, sortOptions } from "./options";
import { dependencyLevels, type Lookup, resolveVariables, scopeOf } from "./resolve";

const span = { start: 0, end: 3600 };

function resolve(
  list: object[],
  url: Record<string, string[]> = {},
  lookup: Lookup = () => Promise.resolve(["a", "b"]),
) {
  return resolveVariables(parseVariables(list), { span, wanted: (name) => url[name], lookup });
}

describe("definitions", () => {
  it.each([
    ["label_names()", { kind: "labelNames", match: undefined }],
    ["label_values(job)", { kind: "labelValues", label: "job", match: undefined }],
    [
      'label_values(up{a="x,y", b=~"(p|q)"}, instance)',
      { kind: "labelValues", label: "instance", match: 'up{a="x,y", b=~"(p|q)"}' },
    ],
    ["metrics(node_.*)", { kind: "metrics", pattern: "node_.*" }],
    ["query_result(topk(5, up))", { kind: "queryResult", expr: "topk(5, up)" }],
    ["up", { kind: "series", match: "up" }],
  ])("%s", (text, expected) => {
    expect(parseDefinition(text)).toEqual(expected);
  });
});

describe("options", () => {
  it("are picked and rewritten by an expression", () => {
    expect(pickOptions(["a-1", "b", "a-2"], "/a-(.*)/").map(({ value }) => value)).toEqual([
      "1",
      "2",
    ]);
    expect(pickOptions(['up{i="x",j="y"} 1'], '/i="(?<value>[^"]+)",j="(?<text>[^"]+)/')).toEqual([
      { text: "y", value: "x" },
    ]);
    expect(pickOptions(["a", "a"], "")).toHaveLength(1);
    expect(pickOptions(["a"], "/(/")).toHaveLength(1);
  });

  it.each([
    [0, ["b10", "B1", "a2"]],
    [1, ["B1", "a2", "b10"]],
    [2, ["b10", "a2", "B1"]],
    [3, ["B1", "a2", "b10"]],
    [4, ["b10", "a2", "B1"]],
    [5, ["a2", "B1", "b10"]],
    [7, ["a2", "B1", "b10"]],
  ])("are sorted by %d", (sort, expected) => {
    const options = ["b10", "B1", "a2"].map((text) => ({ text, value: text }));
    expect(sortOptions(options, sort).map(({ text }) => text)).toEqual(expected);
  });

  it("what no longer exists is not chosen, unless asked for", () => {
    const options = [
      { text: "a", value: "a" },
      { text: "b", value: "b" },
    ];
    const rules = { multi: false, includeAll: false, keepUnknown: false };
    expect(choose(["gone"], options, rules)).toEqual(["a"]);
    expect(choose(["gone"], options, { ...rules, keepUnknown: true })).toEqual(["gone"]);
    expect(choose(["gone"], options, { ...rules, includeAll: true })).toEqual([ALL]);
    expect(choose(["b", "a"], options, rules)).toEqual(["b"]);
    expect(choose(["b", "a"], options, { ...rules, multi: true })).toEqual(["b", "a"]);
    expect(choose([], [], rules)).toEqual([]);
  });
});

describe("resolving", () => {
  const chained = [
    { name: "node", type: "query", query: 'label_values(up{job="$job"}, instance)' },
    { name: "job", type: "query", query: "label_values(up, job)" },
  ];

  it("asks in the order of dependency, with values in place", async () => {
    const lookup = vi.fn<Lookup>((query) =>
      Promise.resolve(query.includes("instance") ? ["n1"] : ["api", "db"]),
    );
    const resolved = await resolve(chained, { job: ["db"] }, lookup);
    expect(lookup.mock.calls.map(([query]) => query)).toEqual([
      "label_values(up, job)",
      'label_values(up{job="db"}, instance)',
    ]);
    expect(resolved.map(({ variable, chosen }) => [variable.name, chosen])).toEqual([
      ["node", ["n1"]],
      ["job", ["db"]],
    ]);
  });

  it("a circle ends", () => {
    const circle = [
      { name: "a", type: "query", query: "label_values(up{b='$b'}, a)" },
      { name: "b", type: "query", query: "label_values(up{a='$a'}, b)" },
    ];
    expect(dependencyLevels(parseVariables(circle)).map((level) => level.length)).toEqual([2]);
  });

  it("a failing query leaves the others alone, and what the URL says", async () => {
    const [job] = await resolve(chained.slice(1), { job: ["x"] }, () =>
      Promise.reject(new Error("no")),
    );
    expect(job).toMatchObject({ chosen: ["x"], error: new Error("no") });
  });

  it("All is every value, or what the dashboard says it is", async () => {
    const all = { type: "query", query: "label_values(x)", includeAll: true, multi: true };
    const resolved = await resolve(
      [
        { ...all, name: "plain" },
        { ...all, name: "wild", allValue: ".*" },
      ],
      { plain: [ALL], wild: [ALL] },
    );
    const scope = scopeOf(resolved, span);
    expect(interpolate("$plain $wild ${wild:text}", scope, "promql")).toBe("(a|b) .* All");
  });

  it("intervals, constants, text boxes and sources need no server", async () => {
    const resolved = await resolve([
      {
        name: "step",
        type: "interval",
        query: "1m,5m",
        auto: true,
        auto_count: 10,
        auto_min: "1m",
      },
      { name: "fixed", type: "constant", query: "c" },
      { name: "typed", type: "textbox", query: "start" },
      { name: "ds", type: "datasource", query: "prometheus", current: { value: "theirs" } },
    ]);
    const scope = scopeOf(resolved, span);
    expect(interpolate("$step $fixed $typed ${ds:text}", scope, "plain")).toBe(
      "10m c start Bellwether",
    );
  });
});

describe("ad hoc filters", () => {
  const filters = [{ key: "env", operator: "=", value: 'a"b' }];

  it.each([
    ["up", 'up{env="a\\"b"}'],
    ['up{job="x"}', 'up{job="x",env="a\\"b"}'],
    ['up{job="x",}', 'up{job="x",env="a\\"b"}'],
    ["sum(rate(a[5m])) / b offset 1h", 'sum(rate(a{env="a\\"b"}[5m])) / b{env="a\\"b"} offset 1h'],
    ["sum(", "sum("],
  ])("%s", (expr, expected) => {
    expect(withFilters(expr, filters)).toBe(expected);
  });

  it("keep their place in the URL", () => {
    const odd = [{ key: "a", operator: "=~", value: "x|y" }];
    expect(readFilters(writeFilters(odd))).toEqual(odd);
    expect(readFilters(["a|;drop|b", "nothing"])).toEqual([]);
  });
});
