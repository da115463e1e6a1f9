/** What this browser's user prefers, kept in localStorage and shared by all open components. */
import { useSyncExternalStore } from "react";
import type { TimeZone } from "./timerange";

export interface Preferences {
  zone: TimeZone;
  navCollapsed: boolean;
  /** Who signs the silences made here. */
  author: string;
}

const STORAGE_KEY = "bellwether.preferences";
const DEFAULTS: Preferences = { zone: "local", navCollapsed: false, author: "" };

let current = load();
const listeners = new Set<() => void>();

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  current = { ...current, [key]: value };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(current));
  } catch {
    // Private windows may refuse storage; the choice then lives as long as the page.
  }
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function load(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}") as Partial<Preferences>;
    return {
      zone: stored.zone === "utc" ? "utc" : "local",
      navCollapsed: stored.navCollapsed === true,
      author: typeof stored.author === "string" ? stored.author : "",
    };
  } catch {
    return DEFAULTS;
  }
}
