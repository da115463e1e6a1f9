/**
 * Dashboards: those the server stores, and those that come with the UI. A server that stores none
 * leaves the latter, and what was imported is then kept in this browser.
 */
import { array, boolean, number, object, optional, string, withDefault } from "../lib/decode";
import type { JsonObject } from "../lib/json";
import { plainObject } from "../lib/decode";
import { ApiError, callJson, ifServed } from "./http";
import { bundledDashboard, bundledHits } from "./bundled-dashboards";
import { keepInBrowser, keptDashboard, keptHits } from "./kept-dashboards";

export type DashboardHome = "server" | "bundled" | "browser";

export interface DashboardHit {
  uid: string;
  title: string;
  tags: string[];
  folder: string | undefined;
  home: DashboardHome;
}

export interface FoundDashboard {
  /** As stored; the model reads it. */
  json: unknown;
  home: DashboardHome;
  folderUid: string | undefined;
  canSave: boolean;
}

const serverHit = object({
  uid: string,
  title: string,
  type: withDefault(string, "dash-db"),
  tags: withDefault(array(string), []),
  folderTitle: optional(string),
});

const serverDashboard = object({
  meta: withDefault(object({ canSave: withDefault(boolean, true), folderUid: optional(string) }), {
    canSave: true,
    folderUid: undefined,
  }),
  dashboard: plainObject,
});

const saved = object({ uid: string, version: withDefault(number, 1) });

const HITS_MAX = 5_000;

export async function searchDashboards(signal?: AbortSignal): Promise<DashboardHit[]> {
  const [stored, bundled] = await Promise.all([storedHits(signal), bundledHits()]);
  const hits = new Map<string, DashboardHit>();
  // What is stored goes over what came along, as somebody may have changed it.
  for (const hit of [...bundled, ...keptHits(), ...stored]) hits.set(hit.uid, hit);
  return [...hits.values()].sort((a, b) => a.title.localeCompare(b.title));
}

async function storedHits(signal?: AbortSignal): Promise<DashboardHit[]> {
  const hits = await ifServed(
    callJson(
      "/api/search",
      { params: { type: "dash-db", limit: HITS_MAX } },
      array(serverHit),
      signal,
    ),
  );
  return (hits ?? [])
    .filter(({ type }) => type === "dash-db")
    .map(({ uid, title, tags, folderTitle }) => ({
      uid,
      title,
      tags,
      folder: folderTitle,
      home: "server",
    }));
}

export async function fetchDashboard(uid: string, signal?: AbortSignal): Promise<FoundDashboard> {
  const path = `/api/dashboards/uid/${encodeURIComponent(uid)}`;
  const found = await ifServed(callJson(path, {}, serverDashboard, signal));
  if (found) {
    const { canSave, folderUid } = found.meta;
    return { json: found.dashboard, home: "server", folderUid, canSave };
  }
  const kept = keptDashboard(uid);
  if (kept) return { json: kept, home: "browser", folderUid: undefined, canSave: true };
  const bundled = await bundledDashboard(uid);
  if (bundled) return { json: bundled, home: "bundled", folderUid: undefined, canSave: false };
  throw new ApiError("rejected", `There is no dashboard "${uid}".`, 404);
}

export interface SaveRequest {
  dashboard: JsonObject;
  folderUid?: string | undefined;
  overwrite: boolean;
  message: string;
}

/** Resolves to the uid under which it is found from now on. */
export async function saveDashboard(
  request: SaveRequest,
): Promise<{ uid: string; home: DashboardHome }> {
  const answer = await ifServed(callJson("/api/dashboards/db", { body: { ...request } }, saved));
  if (answer) return { uid: answer.uid, home: "server" };
  return { uid: keepInBrowser(request.dashboard), home: "browser" };
}
