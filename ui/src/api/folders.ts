/** Folders of dashboards: made, renamed, moved, deleted. They are listed with the dashboards. */
import { object, string } from "../lib/decode";
import { callJson } from "./http";

const folder = object({ uid: string, title: string });

export async function createFolder(title: string, parentUid: string | undefined) {
  return callJson("/api/folders", { body: { title, parentUid } }, folder);
}

export async function renameFolder(uid: string, title: string): Promise<void> {
  const body = { title, overwrite: true };
  await callJson(pathOf(uid), { method: "PUT", body }, folder);
}

export async function moveFolder(uid: string, parentUid: string | undefined): Promise<void> {
  await callJson(`${pathOf(uid)}/move`, { body: { parentUid: parentUid ?? "" } }, () => undefined);
}

/** What is in it goes with it. */
export async function deleteFolder(uid: string): Promise<void> {
  await callJson(pathOf(uid), { method: "DELETE" }, () => undefined);
}

function pathOf(uid: string): string {
  return `/api/folders/${encodeURIComponent(uid)}`;
}
