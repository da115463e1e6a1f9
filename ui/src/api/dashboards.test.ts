/** Dashboards from the server, from this browser, and those that come along. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchDashboard, saveDashboard, searchDashboards } from "./dashboards";

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

type Answer = [status: number, body: unknown];

function serve(answer: (path: string, body: unknown) => Answer) {
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    const sent = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
    const [status, body] = answer(url, sent);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status }));
  });
}

const storesNothing = () => serve(() => [404, "404 page not found\n"]);

describe("a server that stores dashboards", () => {
  it("lists them beside those that come along, and over them", async () => {
    serve(() => [
      200,
      [
        { uid: "mine", title: "Mine", type: "dash-db", tags: ["a"], folderTitle: "F" },
        { uid: "f", title: "A folder", type: "dash-folder" },
        { uid: "bellwether", title: "Changed", type: "dash-db" },
      ],
    ]);
    const hits = await searchDashboards();
    const byUid = Object.fromEntries(hits.map((hit) => [hit.uid, hit]));
    expect(byUid.mine).toMatchObject({ home: "server", folder: "F", tags: ["a"] });
    expect(byUid.bellwether).toMatchObject({ home: "server", title: "Changed" });
    expect(byUid.cardinality).toMatchObject({ home: "bundled" });
    expect(byUid.f).toBeUndefined();
  });

  it("gives one with its rights and folder", async () => {
    serve((path) => [
      200,
      { meta: { canSave: false, folderUid: "f", url: path }, dashboard: { title: "T" } },
    ]);
    expect(await fetchDashboard("a/b")).toEqual({
      json: { title: "T" },
      home: "server",
      folderUid: "f",
      canSave: false,
    });
  });

  it("takes one, and says why not in its own words", async () => {
    const sent: unknown[] = [];
    serve((path, body) => {
      sent.push([path, body]);
      return sent.length === 1
        ? [200, { uid: "new", version: 1, status: "success" }]
        : [412, { status: "version-mismatch", message: "Changed by somebody else" }];
    });
    const request = { dashboard: { title: "T" }, overwrite: false, message: "m" };
    expect(await saveDashboard(request)).toEqual({ uid: "new", home: "server" });
    expect(sent[0]).toEqual(["/api/dashboards/db", request]);
    await expect(saveDashboard(request)).rejects.toMatchObject({
      status: 412,
      message: "Changed by somebody else",
    });
  });
});

describe("a server that stores none", () => {
  it("leaves those that come along, and what this browser keeps", async () => {
    storesNothing();
    const request = { dashboard: { title: "T", keep: 1 }, overwrite: false, message: "" };
    const { uid, home } = await saveDashboard(request);
    expect(home).toBe("browser");
    expect((await searchDashboards()).find((hit) => hit.uid === uid)).toMatchObject({
      title: "T",
      home: "browser",
    });
    expect(await fetchDashboard(uid)).toMatchObject({ json: { title: "T", keep: 1, uid } });
    expect(await fetchDashboard("bellwether")).toMatchObject({ home: "bundled", canSave: false });
  });

  it("says what is not found", async () => {
    storesNothing();
    await expect(fetchDashboard("constructor")).rejects.toMatchObject({ status: 404 });
  });

  it("a full browser is told apart from a saved dashboard", async () => {
    storesNothing();
    vi.stubGlobal("localStorage", {
      getItem: () => null,
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    });
    const request = { dashboard: { title: "T" }, overwrite: false, message: "" };
    await expect(saveDashboard(request)).rejects.toThrow(/no room/);
  });
});

it("a server in trouble is not taken for one that stores none", async () => {
  serve(() => [500, { message: "disk full" }]);
  await expect(searchDashboards()).rejects.toThrow("disk full");
  await expect(fetchDashboard("bellwether")).rejects.toThrow("disk full");
});
