/** Finding the place that an error message names. */
import { expect, it } from "vitest";
import { placeOfError } from "./query-error";

it.each([
  ["sum(", "1:5: parse error: unclosed left parenthesis", 4, 4],
  ["sum(up) by foo", 'invalid parameter "query": 1:9: parse error: unexpected <by>', 8, 10],
  ["sum(\n  up up\n)", '2:6: parse error: unexpected identifier "up"', 10, 12],
  ["ä + ", "1:99: parse error: unexpected end of input", 4, 4],
])("in %j, %j lies at %d to %d", (query, error, from, to) => {
  expect(placeOfError(query, error)).toMatchObject({ from, to });
});

it.each(["query timed out in expression evaluation", "9:1: parse error: beyond the text"])(
  "%j names no place",
  (error) => {
    expect(placeOfError("up", error)).toBeUndefined();
  },
);
