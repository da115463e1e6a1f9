/** Dashboards as the server stores them: found, read, saved, starred, deleted. */
import { array, boolean, number, object, optional, string, withDefault } from "../lib/decode";
import { plainObject } from "../lib/decode";
import type { JsonObject } from "../lib/json";
import { callJson } from "./http";

export interface DashboardHit {
  uid: string;
  title: string;
  tags: string[];
  isStarred: boolean;
  /** Title and uid of the folder it is in; undefined at the top. */
  folder: string | undefined;
  folderUid: string | undefined;
}

export interface FolderHit {
  uid: string;
  title: string;
  parentUid: string | undefined;
}

export interface Found {
  dashboards: DashboardHit[];
  folders: FolderHit[];
}

export interface FoundDashboard {
  /** As stored; the model reads it. */
  json: unknown;
  folderUid: string | undefined;
  folder: string | undefined;
  canSave: boolean;
  /** Kept in a file, or in Bellwether itself: a save goes into a copy. */
  isProvisioned: boolean;
  isStarred: boolean;
  /** Counts saves; a save that builds on an older one conflicts. */
  version: number;
}

const hit = object({
  uid: string,
  title: string,
  type: withDefault(string, "dash-db"),
  tags: withDefault(array(string), []),
  isStarred: withDefault(boolean, false),
  folderUid: optional(string),
  folderTitle: optional(string),
});

const meta = object({
  canSave: withDefault(boolean, true),
  provisioned: withDefault(boolean, false),
  isStarred: withDefault(boolean, false),
  folderUid: optional(string),
  folderTitle: optional(string),
  version: withDefault(number, 0),
});

const serverDashboard = object({ meta, dashboard: plainObject });

const saved = object({ uid: string, version: withDefault(number, 1) });

const anything = () => undefined;

const HITS_MAX = 5_000;

export async function searchDashboards(signal?: AbortSignal): Promise<Found> {
  const hits = await callJson("/api/search", { params: { limit: HITS_MAX } }, array(hit), signal);
  const isFolder = ({ type }: { type: string }) => type === "dash-folder";
  const byTitle = (a: { title: string }, b: { title: string }) => a.title.localeCompare(b.title);
  return {
    dashboards: hits
      .filter((one) => !isFolder(one))
      .map(({ uid, title, tags, isStarred, folderUid, folderTitle }) => ({
        uid,
        title,
        tags,
        isStarred,
        folder: filled(folderTitle),
        folderUid: filled(folderUid),
      }))
      .sort(byTitle),
    folders: hits
      .filter(isFolder)
      .map(({ uid, title, folderUid }) => ({ uid, title, parentUid: filled(folderUid) }))
      .sort(byTitle),
  };
}

export async function fetchDashboard(uid: string, signal?: AbortSignal): Promise<FoundDashboard> {
  const found = await callJson(pathOf(uid), {}, serverDashboard, signal);
  const { canSave, provisioned, isStarred, folderUid, folderTitle, version } = found.meta;
  return {
    json: found.dashboard,
    folderUid: filled(folderUid),
    folder: filled(folderUid) && filled(folderTitle),
    canSave,
    isProvisioned: provisioned,
    isStarred,
    version,
  };
}

export interface SaveRequest {
  /** Its `version` is the one that it builds on. */
  dashboard: JsonObject;
  folderUid?: string | undefined;
  overwrite: boolean;
  message: string;
}

/** Why a save was refused with status 412. */
export type Conflict = "version-mismatch" | "name-exists";

/** Resolves to the uid under which it is found from now on. */
export async function saveDashboard(request: SaveRequest): Promise<{ uid: string }> {
  return callJson("/api/dashboards/db", { body: { ...request } }, saved);
}

export async function deleteDashboard(uid: string): Promise<void> {
  await callJson(pathOf(uid), { method: "DELETE" }, anything);
}

export async function starDashboard(uid: string, isStarred: boolean): Promise<void> {
  const path = `/api/user/stars/dashboard/uid/${encodeURIComponent(uid)}`;
  await callJson(path, { method: isStarred ? "POST" : "DELETE" }, anything);
}

export function pathOf(uid: string): string {
  return `/api/dashboards/uid/${encodeURIComponent(uid)}`;
}

/** The top is an empty uid on the wire. */
function filled(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
