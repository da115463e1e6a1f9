/** Conditions of alerting rules: thresholds found, what is compared written back as PromQL. */
import { describe, expect, it } from "vitest";
import { type Condition, conditionsOf } from "./conditions";
import { literal, type Node, promqlText } from "./promql-tree";

const num = (val: string): Node => ({ type: "numberLiteral", val });
const metric = (name: string, more: Node = {}): Node => ({
  type: "vectorSelector",
  name,
  matchers: [{ name: "__name__", type: "=", value: name }],
  offset: 0,
  timestamp: null,
  startOrEnd: null,
  ...more,
});
const binary = (op: string, lhs: Node, rhs: Node, more: Node = {}): Node => ({
  type: "binaryExpr",
  op,
  lhs,
  rhs,
  bool: false,
  matching: null,
  ...more,
});
const paren = (expr: Node): Node => ({ type: "parenExpr", expr });

describe("promqlText", () => {
  const rate: Node = {
    type: "call",
    func: { name: "rate" },
    args: [
      {
        ...metric("x_total", {
          matchers: [
            { name: "code", type: "=~", value: '5..|"' },
            { name: "__name__", type: "=", value: "x_total" },
          ],
        }),
        type: "matrixSelector",
        range: 300_000,
        rangeExpr: null,
        offset: -60_000,
      },
    ],
  };
  it.each<[string, Node]>([
    ["up", metric("up")],
    ['{"dotted.name"}', metric("dotted.name")],
    [
      '{__name__=~"a.*"}',
      { ...metric(""), matchers: [{ name: "__name__", type: "=~", value: "a.*" }] },
    ],
    ['rate(x_total{code=~"5..|\\""}[5m] offset -1m)', rate],
    [
      "sum by (job) (up)",
      {
        type: "aggregation",
        op: "sum",
        expr: metric("up"),
        param: null,
        grouping: ["job"],
        without: false,
      },
    ],
    [
      "topk without (a) (3, up)",
      {
        type: "aggregation",
        op: "topk",
        expr: metric("up"),
        param: num("3"),
        grouping: ["a"],
        without: true,
      },
    ],
    [
      "-(up @ end())",
      { type: "unaryExpr", op: "-", expr: paren(metric("up", { startOrEnd: "end" })) },
    ],
    ["up @ 1.5", metric("up", { timestamp: 1500 })],
    [
      "max_over_time(up[1h:30s])",
      {
        type: "call",
        func: { name: "max_over_time" },
        args: [{ type: "subquery", expr: metric("up"), range: 3_600_000, step: 30_000, offset: 0 }],
      },
    ],
    [
      "a * on (x) group_left (y) b",
      binary("*", metric("a"), metric("b"), {
        matching: { card: "many-to-one", labels: ["x"], on: true, include: ["y"] },
      }),
    ],
    [
      "a / ignoring (x) b",
      binary("/", metric("a"), metric("b"), {
        matching: { card: "one-to-one", labels: ["x"], on: false, include: [] },
      }),
    ],
  ])("writes %s", (text, node) => {
    expect(promqlText(node)).toBe(text);
  });

  it("rather writes nothing than what it does not know", () => {
    expect(promqlText({ type: "hologram" })).toBeUndefined();
    expect(promqlText(paren({ type: "call", func: { name: "f" }, args: [{}] }))).toBeUndefined();
    const computed = { ...metric("up"), type: "matrixSelector", range: 0, rangeExpr: num("5") };
    expect(promqlText(computed)).toBeUndefined();
  });
});

it.each<[Node, number | undefined]>([
  [num("5"), 5],
  [num("+Inf"), Infinity],
  [num("-Inf"), -Infinity],
  [num("NaN"), undefined],
  [{ type: "unaryExpr", op: "-", expr: paren(num("2")) }, -2],
  [binary("*", num("10"), paren(binary("^", num("1024"), num("2")))), 10_485_760],
  [binary("*", num("10"), metric("a")), undefined],
  [metric("a"), undefined],
])("the value of a literal (%#)", (node, value) => {
  expect(literal(node)).toBe(value);
});

describe("conditionsOf", () => {
  const whole: Condition[] = [{ expr: "whole", threshold: undefined }];
  it.each<[string, Node, Condition[]]>([
    [
      "a > 5",
      binary(">", metric("a"), num("5")),
      [{ expr: "a", threshold: { op: ">", value: 5 } }],
    ],
    [
      "(a) <= (5)",
      paren(binary("<=", paren(metric("a")), paren(num("5")))),
      [{ expr: "a", threshold: { op: "<=", value: 5 } }],
    ],
    [
      "5 > a",
      binary(">", num("5"), metric("a")),
      [{ expr: "a", threshold: { op: "<", value: 5 } }],
    ],
    [
      "a > 5 and b == 0 unless c",
      binary(
        "unless",
        binary("and", binary(">", metric("a"), num("5")), binary("==", metric("b"), num("0"))),
        metric("c"),
      ),
      [
        { expr: "a", threshold: { op: ">", value: 5 } },
        { expr: "b", threshold: { op: "==", value: 0 } },
        { expr: "c", threshold: undefined },
      ],
    ],
    ["a > b", binary(">", metric("a"), metric("b")), whole],
    ["a > bool 5", binary(">", metric("a"), num("5"), { bool: true }), whole],
    ["absent(a)", { type: "call", func: { name: "absent" }, args: [metric("a")] }, whole],
    ["what cannot be written", binary(">", { type: "hologram" }, num("5")), whole],
  ])("of %s", (_text, tree, conditions) => {
    expect(conditionsOf(tree, "whole")).toEqual(conditions);
  });

  it("shows only so many", () => {
    const one = binary(">", metric("a"), num("5"));
    const many = [1, 2, 3, 4, 5, 6].reduce((tree) => binary("or", tree, one), one);
    expect(conditionsOf(many, "whole")).toHaveLength(4);
  });
});
