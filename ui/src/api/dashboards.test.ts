/** Dashboards, folders and notes: what is asked of the server, and how its answers are read. */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  deleteDashboard,
  fetchDashboard,
  saveDashboard,
  searchDashboards,
  starDashboard,
} from "./dashboards";
import { createFolder, moveFolder } from "./folders";
import { createNote, fetchNotes } from "./notes";
import { fetchVersions, restoreVersion } from "./versions";

afterEach(() => vi.unstubAllGlobals());

type Answer = [status: number, body: unknown];

/** Answers every call alike, and keeps what was asked. */
function serve(...answers: Answer[]) {
  const asked: [method: string | undefined, path: string, body: unknown][] = [];
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    const sent = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
    asked.push([init?.method, url, sent]);
    const [status, body] = answers[Math.min(asked.length, answers.length) - 1] ?? [500, {}];
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return Promise.resolve(new Response(text, { status }));
  });
  return asked;
}

describe("dashboards", () => {
  it("are told apart from folders, and sorted", async () => {
    serve([
      200,
      [
        { uid: "b", title: "B", type: "dash-db", tags: ["a"], folderTitle: "F", folderUid: "f" },
        { uid: "f", title: "F", type: "dash-folder", folderUid: "parent" },
        { uid: "a", title: "A", type: "dash-db", isStarred: true, folderUid: "" },
      ],
    ]);
    const { dashboards, folders } = await searchDashboards();
    expect(dashboards).toEqual([
      { uid: "a", title: "A", tags: [], isStarred: true, folder: undefined, folderUid: undefined },
      { uid: "b", title: "B", tags: ["a"], isStarred: false, folder: "F", folderUid: "f" },
    ]);
    expect(folders).toEqual([{ uid: "f", title: "F", parentUid: "parent" }]);
  });

  it("come with rights, folder and version", async () => {
    const asked = serve([
      200,
      {
        meta: { canSave: false, provisioned: true, folderUid: "f", folderTitle: "F", version: 3 },
        dashboard: { title: "T" },
      },
    ]);
    expect(await fetchDashboard("a/b")).toEqual({
      json: { title: "T" },
      folderUid: "f",
      folder: "F",
      canSave: false,
      isProvisioned: true,
      isStarred: false,
      version: 3,
    });
    expect(asked[0]?.[1]).toBe("/api/dashboards/uid/a%2Fb");
  });

  it("are saved, and a refusal keeps the server's words and its reason", async () => {
    const asked = serve(
      [200, { uid: "new", version: 1, status: "success" }],
      [412, { status: "version-mismatch", message: "Changed by somebody else" }],
    );
    const request = { dashboard: { title: "T" }, overwrite: false, message: "m" };
    expect(await saveDashboard(request)).toMatchObject({ uid: "new" });
    expect(asked[0]).toEqual(["POST", "/api/dashboards/db", request]);
    await expect(saveDashboard(request)).rejects.toMatchObject({
      status: 412,
      errorType: "version-mismatch",
      message: "Changed by somebody else",
    });
  });

  it("are starred and deleted", async () => {
    const asked = serve([200, { message: "ok" }]);
    await starDashboard("x", true);
    await starDashboard("x", false);
    await deleteDashboard("x");
    expect(asked.map(([method, path]) => `${method} ${path}`)).toEqual([
      "POST /api/user/stars/dashboard/uid/x",
      "DELETE /api/user/stars/dashboard/uid/x",
      "DELETE /api/dashboards/uid/x",
    ]);
  });

  it("are not confused with a server in trouble", async () => {
    serve([500, { message: "disk full" }]);
    await expect(searchDashboards()).rejects.toThrow("disk full");
    await expect(fetchDashboard("constructor")).rejects.toThrow("disk full");
  });
});

describe("versions", () => {
  it.each([
    ["a list", [{ version: 1 }, { version: 2, message: "m", createdBy: "me" }]],
    ["a wrapped list", { versions: [{ version: 1 }, { version: 2 }], continueToken: "" }],
  ])("are read from %s, the newest first", async (_name, body) => {
    serve([200, body]);
    expect((await fetchVersions("x")).map(({ version }) => version)).toEqual([2, 1]);
  });

  it("are restored by their number", async () => {
    const asked = serve([200, { version: 5 }]);
    await restoreVersion("x", 2);
    expect(asked[0]).toEqual(["POST", "/api/dashboards/uid/x/restore", { version: 2 }]);
  });
});

it("folders are made and moved to the top", async () => {
  const asked = serve([200, { uid: "f", title: "F" }]);
  await createFolder("F", "p");
  await moveFolder("f", undefined);
  expect(asked).toEqual([
    ["POST", "/api/folders", { title: "F", parentUid: "p" }],
    ["POST", "/api/folders/f/move", { parentUid: "" }],
  ]);
});

it("notes are asked for by time, and a moment has an end", async () => {
  const asked = serve(
    [200, [{ id: 7, time: 5, text: "t", tags: ["x"], dashboardUID: "d", panelId: 2 }]],
    [200, { id: 8 }],
  );
  const scope = { dashboardUid: "d", from: 1.5, to: 9, limit: 10 };
  const [note] = await fetchNotes(scope);
  expect(note).toEqual({
    id: 7,
    dashboardUid: "d",
    panelId: 2,
    time: 5,
    timeEnd: 5,
    text: "t",
    tags: ["x"],
  });
  expect(asked[0]?.[1]).toBe(
    "/api/annotations?dashboardUID=d&from=2&to=9&limit=10&type=annotation",
  );
  const made = { dashboardUid: "d", panelId: 2, time: 1, timeEnd: 2, text: "t", tags: [] };
  expect(await createNote(made)).toBe(8);
});
