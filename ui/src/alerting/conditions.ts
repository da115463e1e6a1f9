/** What an alerting rule watches: the expressions that it compares with numbers. */
import { obj } from "../lib/json";
import { bare, literal, type Node, promqlText } from "./promql-tree";

export type Comparison = ">" | ">=" | "<" | "<=" | "==" | "!=";

export interface Condition {
  /** What is compared, to be drawn over time. */
  expr: string;
  /** Undefined where the expression is not compared with a number. */
  threshold: { op: Comparison; value: number } | undefined;
}

const TURNED: Readonly<Record<string, Comparison>> = {
  ">": "<",
  ">=": "<=",
  "<": ">",
  "<=": ">=",
  "==": "==",
  "!=": "!=",
};

/** More graphs than this help nobody at three in the morning. */
const CONDITIONS_MAX = 4;

/**
 * The comparisons that a rule's expression is made of, joined by `and`, `or` and `unless`.
 * An expression of another form is one condition without a threshold.
 */
export function conditionsOf(tree: Node, wholeExpr: string): Condition[] {
  const conditions = split(bare(tree));
  // Without any threshold, the parts tell less than the whole.
  return conditions?.some(({ threshold }) => threshold)
    ? conditions.slice(0, CONDITIONS_MAX)
    : [{ expr: wholeExpr, threshold: undefined }];
}

/** Undefined when a part cannot be written down. */
function split(node: Node): Condition[] | undefined {
  const op = node.type === "binaryExpr" ? node.op : undefined;
  const [lhs, rhs] = [obj(node.lhs), obj(node.rhs)];
  if (op === "and" || op === "or" || op === "unless") {
    const [left, right] = [split(bare(lhs)), split(bare(rhs))];
    return left && right && [...left, ...right];
  }
  if (typeof op === "string" && Object.hasOwn(TURNED, op) && node.bool !== true) {
    const right = literal(rhs);
    if (right !== undefined) return condition(bare(lhs), op as Comparison, right);
    const left = literal(lhs);
    const turned = TURNED[op];
    if (left !== undefined && turned) return condition(bare(rhs), turned, left);
  }
  const expr = promqlText(node);
  return expr === undefined ? undefined : [{ expr, threshold: undefined }];
}

function condition(node: Node, op: Comparison, value: number): Condition[] | undefined {
  const expr = promqlText(node);
  return expr === undefined ? undefined : [{ expr, threshold: { op, value } }];
}
