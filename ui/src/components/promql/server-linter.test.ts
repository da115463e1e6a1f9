/** Errors in a query are those that the server finds. */
import { afterEach, expect, it, vi } from "vitest";
import { parseErrors } from "./server-linter";

function answer(status: number, body: unknown) {
  const ask = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status })));
  vi.stubGlobal("fetch", ask);
  return ask;
}

afterEach(() => vi.unstubAllGlobals());

it.each(["zscore_robust_over_time(up[1h])", "rate(x[5m] smoothed)", "x[5m*2]"])(
  "%s, which the server takes, has no errors",
  async (query) => {
    const ask = answer(200, { status: "success", data: { type: "call" } });
    expect(await parseErrors(query)).toEqual([]);
    expect(ask).toHaveBeenCalledOnce();
  },
);

it("what the server refuses is marked where the server says", async () => {
  const error = 'invalid parameter "query": 1:5: parse error: unknown function with name "foo"';
  answer(400, { status: "error", errorType: "bad_data", error });
  const message = 'parse error: unknown function with name "foo"';
  expect(await parseErrors("sum(foo(x))")).toEqual([
    { from: 4, to: 7, severity: "error", message },
  ]);
});

it("an empty query is none yet, and a server that fails says nothing about the query", async () => {
  const ask = answer(500, { status: "error", errorType: "internal", error: "out of memory" });
  expect(await parseErrors(" \n")).toEqual([]);
  expect(ask).not.toHaveBeenCalled();
  expect(await parseErrors("up")).toEqual([]);
  expect(ask).toHaveBeenCalledOnce();
});
