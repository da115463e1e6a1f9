/** Dashboards that a test keeps on the server for its own length. */
import { BASE_URL } from "./browser.mjs";

let last = 0;

export async function api(method, path, body) {
  const response = await fetch(BASE_URL + path, {
    method,
    ...(body && {
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** A name that no other test has. */
export function unique(name) {
  last += 1;
  return `${name}-${process.pid}-${last}`;
}

export async function save(dashboard, options = {}) {
  const body = { overwrite: true, message: "", ...options, dashboard };
  return (await api("POST", "/api/dashboards/db", body)).uid;
}

export async function stored(uid) {
  return (await api("GET", `/api/dashboards/uid/${uid}`)).dashboard;
}

export async function remove(uid) {
  await api("DELETE", `/api/dashboards/uid/${uid}`).catch(() => undefined);
}

/** What the server adds to a dashboard when it stores one. */
export function withoutCounters(dashboard) {
  const copy = { ...dashboard };
  delete copy.id;
  delete copy.version;
  return copy;
}
