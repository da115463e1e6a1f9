/** The functions that completion offers. */
import { expect, it } from "vitest";
import { withKnownFunctions, withServed } from "./completion";

const up = { label: "up", type: "constant" };
const library = { label: "rate", type: "function", info: "as the library says it" };
const own = {
  name: "zscore_robust_over_time",
  help: "How unusual the newest sample is.",
  arguments: ["range vector"],
  isExperimental: false,
  isOwn: true,
  isEnabled: true,
};

it("offers the server's functions, with their help, for the library's", () => {
  const offered = withServed([up, library], [own]);
  expect(offered.map(({ label }) => label)).toEqual(["up", "zscore_robust_over_time"]);
  expect(offered[1]).toMatchObject({
    type: "function",
    detail: "function of Bellwether",
    info: "zscore_robust_over_time(range vector)\nHow unusual the newest sample is.",
  });
});

it("offers none where functions cannot be, and the library's while the server's are unknown", () => {
  expect(withServed([up], [own])).toEqual([up]);
  expect(withServed([up, library], [])).toEqual([up, library]);
});

it("puts a known function where an own one is called, and moves nothing", () => {
  const query = "sum(zscore_robust_over_time(up{job=~'a'}[1h])) + zscore_robust_over_time";
  const understood = withKnownFunctions(query, [own]);
  expect(understood).toBe(`sum(rate${" ".repeat(19)}(up{job=~'a'}[1h])) + zscore_robust_over_time`);
  expect(understood).toHaveLength(query.length);
});
