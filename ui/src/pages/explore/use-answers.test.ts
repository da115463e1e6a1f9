/** What Explore asks for a query as it is written. */
import { expect, it } from "vitest";
import { withVariables } from "./use-answers";

const span = { start: 1_000, end: 4_600 };

it.each([
  ["rate(x[$__rate_interval])", "rate(x[1m])"],
  ["rate(x[${__interval}])", "rate(x[10s])"],
  ["increase(x[$__range])", "increase(x[3600s])"],
  ['label_replace(x, "a", "$1", "b", "(.*)")', 'label_replace(x, "a", "$1", "b", "(.*)")'],
])("%s is asked as %s", (expr, asked) => {
  expect(withVariables(expr, span, 10, 15)).toBe(asked);
});
