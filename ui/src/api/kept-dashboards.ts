/** Dashboards imported while the server stores none: kept in this browser. */
import { type JsonObject, isObject, obj, str, strs } from "../lib/json";
import { ApiError } from "./http";
import type { DashboardHit } from "./dashboards";

const STORAGE_KEY = "bellwether.dashboards";

export function keptHits(): DashboardHit[] {
  return Object.entries(load()).map(([uid, json]) => ({
    uid,
    title: str(obj(json).title, "Untitled dashboard"),
    tags: strs(obj(json).tags),
    folder: undefined,
    home: "browser",
  }));
}

export function keptDashboard(uid: string): JsonObject | undefined {
  const kept = load();
  return Object.hasOwn(kept, uid) ? obj(kept[uid]) : undefined;
}

/** Keeps a dashboard under its uid, or under a new one. */
export function keepInBrowser(dashboard: JsonObject): string {
  const uid = str(dashboard.uid, "") || crypto.randomUUID().slice(0, 8);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ ...load(), [uid]: { ...dashboard, uid } }));
  } catch {
    throw new ApiError(
      "rejected",
      "The server stores no dashboards yet, and this browser has no room left for another.",
    );
  }
  return uid;
}

function load(): JsonObject {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}");
    return isObject(stored) ? stored : {};
  } catch {
    return {};
  }
}
