/** The unit that a query's answer is in, guessed from naming conventions; "number" when unsure. */
import { type Unit, unitOfMetric } from "./format";

const KEEPS_UNIT =
  /^(?:sum|avg|min|max|topk|bottomk|\w+_over_time|abs|sort|sort_desc|delta|increase)$/;
const CALL =
  /^(\w+)\s*(?:(?:by|without)\s*\([^()]*\)\s*)?\((.*?)\)(?:\s*(?:by|without)\s*\([^()]*\))?$/s;
const SELECTOR = /^([a-zA-Z_:][\w:]*)\s*(?:\{[^{}]*\})?\s*(?:\[[^[\]]*\])?(?:\s+offset\s+\S+)?$/;

export function unitOfQuery(expr: string): Unit {
  const text = expr.trim();
  const selected = SELECTOR.exec(text)?.[1];
  if (selected !== undefined) return unitOfMetric(selected);
  const call = CALL.exec(text);
  if (!call || !isBalanced(call[2] ?? "")) return "number";
  const [, name = "", inner = ""] = call;
  // topk and quantile_over_time take a number first.
  const unit = unitOfQuery(inner.replace(/^\s*[\d.]+\s*,/, ""));
  if (name === "rate" || name === "irate") return ratePerSecond(unit);
  if (name === "histogram_quantile") return quantileUnit(inner);
  return KEEPS_UNIT.test(name) ? unit : "number";
}

function ratePerSecond(unit: Unit): Unit {
  return unit === "bytes" ? "bytesPerSecond" : "number";
}

/** A quantile is in the unit of what was observed: `x_seconds_bucket` holds seconds. */
function quantileUnit(inner: string): Unit {
  const metric = /([a-zA-Z_:][\w:]*)_bucket\b/.exec(inner)?.[1];
  return metric === undefined ? "number" : unitOfMetric(metric);
}

/** Whether the outer parentheses belong together: not so in `sum(a) / sum(b)`. */
function isBalanced(inner: string): boolean {
  let depth = 0;
  for (const character of inner) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}
