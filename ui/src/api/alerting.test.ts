/** Answers about alerts at the edge: rules, Alertmanager, and what is missing altogether. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { fetchAttempts, fetchRouting, testRoute } from "./alerting";
import {
  expireSilence,
  fetchAlertGroups,
  fetchHeldAlerts,
  fetchSilences,
  saveSilence,
} from "./alertmanager";
import { ApiError } from "./http";
import { fetchRules } from "./rules";

const fetched = vi.fn<typeof fetch>();
vi.stubGlobal("fetch", fetched);
afterEach(() => fetched.mockReset());

function answers(body: unknown, status = 200, type = "application/json") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  fetched.mockResolvedValueOnce(new Response(text, { status, headers: { "Content-Type": type } }));
}

const address = () => fetched.mock.calls[0]?.[0];

describe("what a server does not have", () => {
  it.each([
    ["rules", () => fetchRules()],
    ["alerts", () => fetchHeldAlerts()],
    ["groups", () => fetchAlertGroups()],
    ["silences", () => fetchSilences()],
    ["attempts", () => fetchAttempts(10)],
    ["routes", () => fetchRouting()],
  ])("%s are null", async (_name, ask) => {
    answers("404 page not found", 404, "text/plain");
    expect(await ask()).toBeNull();
    // A server of old sends its page instead.
    answers("<!doctype html>", 200, "text/html; charset=utf-8");
    expect(await ask()).toBeNull();
  });

  it("but a fault is a fault", async () => {
    answers('"overloaded"', 503);
    await expect(fetchSilences()).rejects.toMatchObject({ status: 503, message: "overloaded" });
  });
});

describe("rules", () => {
  it("are recording or alerting", async () => {
    const rules = [
      { type: "recording", name: "a:b", query: "sum(a)", health: "ok", evaluationTime: 0.5 },
      {
        type: "alerting",
        name: "A",
        query: "up == 0",
        state: "firing",
        duration: 60,
        alerts: [{ labels: { alertname: "A" }, state: "firing", value: "NaN" }],
      },
    ];
    answers({ status: "success", data: { groups: [{ name: "g", rules }] } });
    const [group] = (await fetchRules()) ?? [];
    expect(group?.rules.map(({ type, health }) => `${type} ${health}`)).toEqual([
      "recording ok",
      "alerting unknown",
    ]);
    const alerting = group?.rules[1];
    expect(alerting?.type === "alerting" && alerting.alerts[0]?.value).toBeNaN();
  });

  it("of another type are not guessed at", async () => {
    answers({ status: "success", data: { groups: [{ name: "g", rules: [{ type: "x" }] }] } });
    await expect(fetchRules()).rejects.toThrow("groups[0].rules[0].type");
  });
});

describe("silences", () => {
  it("have matchers with an operator each, in both directions", async () => {
    const wire = [
      { name: "a", value: "b", isRegex: false },
      { name: "c", value: "d.*", isRegex: true, isEqual: false },
    ];
    answers([{ id: "1", status: { state: "active" }, matchers: wire, startsAt: "s", endsAt: "e" }]);
    const [silence] = (await fetchSilences()) ?? [];
    expect(silence?.matchers.map(({ op }) => op)).toEqual(["=", "!~"]);

    fetched.mockReset();
    answers({ silenceID: "2" });
    const draft = { startsAt: "s", endsAt: "e", createdBy: "me", comment: "c" };
    expect(await saveSilence({ ...draft, matchers: silence?.matchers ?? [] })).toBe("2");
    const init = fetched.mock.calls[0]?.[1];
    expect(init?.method).toBe("POST");
    expect(JSON.parse(init?.body as string)).toMatchObject({
      createdBy: "me",
      matchers: [{ ...wire[0], isEqual: true }, wire[1]],
    });
  });

  it("are refused in either of two shapes", async () => {
    const draft = { matchers: [], startsAt: "", endsAt: "", createdBy: "", comment: "" };
    answers('"silence invalid: x"', 400);
    await expect(saveSilence(draft)).rejects.toThrow("silence invalid: x");
    answers({ code: 602, message: "comment in body is required" }, 422);
    await expect(saveSilence(draft)).rejects.toThrow("comment in body is required");
  });

  it("end by DELETE, which answers nothing", async () => {
    answers("");
    await expireSilence("a/b");
    expect(address()).toBe("/alertmanager/api/v2/silence/a%2Fb");
    expect(fetched.mock.calls[0]?.[1]?.method).toBe("DELETE");
  });
});

it("alerts are filtered by repeated matchers", async () => {
  answers([]);
  await fetchHeldAlerts(['a="b"', "c=~d"]);
  expect(address()).toBe("/alertmanager/api/v2/alerts?filter=a%3D%22b%22&filter=c%3D%7Ed");
});

it("labels under test are sent one by one, whatever they hold", async () => {
  answers({ matches: [{ id: "0", receiver: "r", path: ["0"] }] });
  expect(await testRoute({ a: "x=y&z" })).toEqual([
    { id: "0", receiver: "r", path: ["0"], groupLabels: {}, mutedBy: [] },
  ]);
  expect(address()).toBe("/api/bellwether/v1/alerting/route-test?label=a%3Dx%3Dy%26z");
});

it("a tree of routes is read to its leaves, and not without end", async () => {
  let route: object = { id: "leaf", receiver: "r" };
  for (let depth = 0; depth < 80; depth++) route = { id: `${depth}`, routes: [route] };
  answers({ route });
  let found = (await fetchRouting())?.route;
  let depth = 0;
  while (found?.routes[0]) {
    found = found.routes[0];
    depth += 1;
  }
  expect(depth).toBe(50);
});

it("errors in Prometheus' envelope are read from our own resources, too", async () => {
  answers({ status: "error", errorType: "bad_data", error: "no label" }, 400);
  const expected = new ApiError("rejected", "no label", 400, "bad_data");
  await expect(testRoute({})).rejects.toEqual(expected);
});
