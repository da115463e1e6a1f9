/** PromQL as the tree of /api/v1/parse_query, and back to text. */
import { formatDuration } from "../lib/duration";
import { type JsonObject, objs, obj, str, strs } from "../lib/json";

/** A node of the tree; `type` says which. */
export type Node = JsonObject;

/** Undefined for what is computed (a range that is an expression, say): better no text than a wrong one. */
export function promqlText(node: Node): string | undefined {
  switch (node.type) {
    case "numberLiteral":
      return str(node.val);
    case "stringLiteral":
      return JSON.stringify(node.val);
    case "vectorSelector":
      return selectorText(node, "");
    case "matrixSelector":
      return typeof node.range === "number" && !node.rangeExpr
        ? selectorText(node, `[${millis(node.range)}]`)
        : undefined;
    case "subquery":
      return subqueryText(node);
    case "call":
      return callText(str(obj(node.func).name, ""), objs(node.args));
    case "aggregation":
      return aggregationText(node);
    case "binaryExpr":
      return binaryText(node);
    case "unaryExpr":
      return wrap(promqlText(obj(node.expr)), (inner) => `${str(node.op, "")}${inner}`);
    case "parenExpr":
      return wrap(promqlText(obj(node.expr)), (inner) => `(${inner})`);
    default:
      return undefined;
  }
}

/** The node within parentheses. */
export function bare(node: Node): Node {
  return node.type === "parenExpr" ? bare(obj(node.expr)) : node;
}

/** The value of a number, signed or in parentheses or not; undefined for anything else. */
export function literal(node: Node): number | undefined {
  const inner = bare(node);
  if (inner.type === "unaryExpr") {
    const value = literal(obj(inner.expr));
    return value === undefined ? undefined : inner.op === "-" ? -value : value;
  }
  if (inner.type === "binaryExpr") return computed(inner);
  if (inner.type !== "numberLiteral") return undefined;
  const text = str(inner.val, "").replace(/^\+/, "");
  const value = /^-?Inf$/.test(text) ? Number(text.replace("Inf", "Infinity")) : Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** `10 * 1024 ^ 2` is a number, too. */
function computed({ op, lhs, rhs }: Node): number | undefined {
  const [a, b] = [literal(obj(lhs)), literal(obj(rhs))];
  if (a === undefined || b === undefined) return undefined;
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "^":
      return a ** b;
    default:
      return undefined;
  }
}

function selectorText(node: Node, range: string): string | undefined {
  const name = str(node.name, "");
  const matchers = objs(node.matchers)
    .filter((matcher) => name === "" || matcher.name !== "__name__")
    .map(
      (matcher) =>
        `${labelText(str(matcher.name, ""))}${str(matcher.type, "=")}${JSON.stringify(matcher.value)}`,
    );
  const classic = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
  const inBraces = classic || name === "" ? matchers : [JSON.stringify(name), ...matchers];
  const braces = inBraces.length > 0 ? `{${inBraces.join(",")}}` : classic ? "" : "{}";
  if (node.anchored === true || node.smoothed === true) return undefined;
  return wrap(modifiers(node), (after) => `${classic ? name : ""}${braces}${range}${after}`);
}

function subqueryText(node: Node): string | undefined {
  const inner = promqlText(obj(node.expr));
  if (typeof node.range !== "number" || node.rangeExpr || node.stepExpr) return undefined;
  const step = typeof node.step === "number" && node.step > 0 ? millis(node.step) : "";
  const range = `[${millis(node.range)}:${step}]`;
  return wrap(inner, (text) => wrap(modifiers(node), (after) => `${text}${range}${after}`));
}

function callText(name: string, args: readonly Node[], before = ""): string | undefined {
  const texts = args.map(promqlText);
  return texts.includes(undefined) ? undefined : `${name}${before}(${texts.join(", ")})`;
}

function aggregationText(node: Node): string | undefined {
  const labels = strs(node.grouping);
  const without = node.without === true;
  const grouping =
    labels.length > 0 || without
      ? ` ${without ? "without" : "by"} (${labels.map(labelText).join(", ")}) `
      : "";
  const args = node.param ? [obj(node.param), obj(node.expr)] : [obj(node.expr)];
  return callText(str(node.op, ""), args, grouping);
}

function binaryText(node: Node): string | undefined {
  const [lhs, rhs] = [promqlText(obj(node.lhs)), promqlText(obj(node.rhs))];
  if (lhs === undefined || rhs === undefined) return undefined;
  const words = [str(node.op, "")];
  if (node.bool === true) words.push("bool");
  const matching = obj(node.matching);
  const labels = strs(matching.labels);
  const card = str(matching.card, "one-to-one");
  if (matching.on === true || labels.length > 0 || /^(?:many-to-one|one-to-many)$/.test(card)) {
    words.push(`${matching.on === true ? "on" : "ignoring"} (${labels.map(labelText).join(", ")})`);
  }
  if (card === "many-to-one" || card === "one-to-many") {
    const side = card === "many-to-one" ? "group_left" : "group_right";
    words.push(`${side} (${strs(matching.include).map(labelText).join(", ")})`);
  }
  const fills = obj(matching.fillValues);
  if (typeof fills.lhs === "number" || typeof fills.rhs === "number") return undefined;
  return `${lhs} ${words.join(" ")} ${rhs}`;
}

/** `@` and `offset`; undefined when the offset is computed. */
function modifiers({ offset, offsetExpr, timestamp, startOrEnd }: Node): string | undefined {
  if (offsetExpr) return undefined;
  const at =
    typeof timestamp === "number"
      ? ` @ ${timestamp / 1000}`
      : typeof startOrEnd === "string" && startOrEnd !== ""
        ? ` @ ${startOrEnd}()`
        : "";
  if (typeof offset !== "number" || offset === 0) return at;
  return `${at} offset ${offset < 0 ? "-" : ""}${millis(Math.abs(offset))}`;
}

function millis(ms: number): string {
  return formatDuration(ms / 1000);
}

function labelText(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : JSON.stringify(name);
}

function wrap(text: string | undefined, around: (text: string) => string | undefined) {
  return text === undefined ? undefined : around(text);
}
