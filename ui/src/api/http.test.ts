/** The fetch funnel: envelopes, errors of every kind, long queries, cancelling. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { string } from "../lib/decode";
import { ApiError, call } from "./http";

const fetched = vi.fn<typeof fetch>();
vi.stubGlobal("fetch", fetched);
afterEach(() => fetched.mockReset());

function answers(body: unknown, status = 200) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  fetched.mockResolvedValueOnce(new Response(text, { status }));
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => {
      throw new Error("it went well");
    },
    (error: unknown) => error as ApiError,
  );
}

describe("call", () => {
  it("hands over data, warnings and infos", async () => {
    answers({ status: "success", data: "x", warnings: ["w"], infos: ["i"] });
    expect(await call("/a", {}, string)).toEqual({ data: "x", warnings: ["w"], infos: ["i"] });
  });

  it("encodes parameters, lists repeated, undefined left out", async () => {
    answers({ status: "success", data: "x" });
    await call("/a", { "match[]": ['up{a="b"}', "x"], limit: 5, start: undefined }, string);
    expect(fetched.mock.calls[0]?.[0]).toBe(
      "/api/v1/a?match%5B%5D=up%7Ba%3D%22b%22%7D&match%5B%5D=x&limit=5",
    );
  });

  it("posts what is too long for an address", async () => {
    answers({ status: "success", data: "x" });
    await call("/query", { query: "a".repeat(5_000) }, string);
    const [url, init] = fetched.mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/query");
    expect(init?.method).toBe("POST");
  });

  it("keeps the server's words about a bad query", async () => {
    answers({ status: "error", errorType: "bad_data", error: "1:3: parse error: x" }, 400);
    const error = await failure(call("/query", {}, string));
    expect(error).toMatchObject({
      kind: "rejected",
      status: 400,
      errorType: "bad_data",
      message: "1:3: parse error: x",
    });
  });

  it("tells a proxy's page from an answer", async () => {
    answers("<html>Bad gateway</html>", 502);
    const error = await failure(call("/query", {}, string));
    expect(error.kind).toBe("unreachable");
    expect(error.message).toContain("502");
  });

  it("shows the start of an answer that is no JSON", async () => {
    answers("404 page not found", 404);
    const error = await failure(call("/a", {}, string));
    expect(error).toMatchObject({ kind: "rejected", status: 404 });
    expect(error.message).toContain("404 page not found");
  });

  it("names the place of an unexpected shape", async () => {
    answers({ status: "success", data: 5 });
    const error = await failure(call("/a", {}, string));
    expect(error).toMatchObject({
      kind: "unreadable",
      message: "Unexpected answer at /a: expected a string, got 5",
    });
  });

  it("says when nobody answers", async () => {
    fetched.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    expect((await failure(call("/a", {}, string))).kind).toBe("unreachable");
  });

  it("lets a cancelled call fail as cancelled", async () => {
    const controller = new AbortController();
    controller.abort();
    fetched.mockRejectedValueOnce(new DOMException("aborted", "AbortError"));
    const error = await failure(call("/a", {}, string, controller.signal));
    expect(error.name).toBe("AbortError");
  });
});
