/** Annotations that people made, as opposed to those that queries find. Times are in milliseconds. */
import { array, number, object, string, withDefault } from "../lib/decode";
import { callJson } from "./http";

export interface Note {
  id: number;
  dashboardUid: string;
  /** 0: on all panels of the dashboard. */
  panelId: number;
  time: number;
  timeEnd: number;
  text: string;
  tags: string[];
}

export interface NoteScope {
  dashboardUid?: string | undefined;
  /** Notes of any dashboard that have these tags. */
  tags?: readonly string[];
  matchAny?: boolean;
  from: number;
  to: number;
  limit: number;
}

export type NewNote = Omit<Note, "id">;

const note = object({
  id: number,
  dashboardUID: withDefault(string, ""),
  panelId: withDefault(number, 0),
  time: number,
  timeEnd: withDefault(number, 0),
  text: withDefault(string, ""),
  tags: withDefault(array(string), []),
});

const made = object({ id: number });

export async function fetchNotes(scope: NoteScope, signal?: AbortSignal): Promise<Note[]> {
  const params = {
    dashboardUID: scope.dashboardUid,
    tags: scope.tags,
    matchAny: scope.matchAny ? "true" : undefined,
    from: Math.round(scope.from),
    to: Math.round(scope.to),
    limit: scope.limit,
    type: "annotation",
  };
  const notes = await callJson("/api/annotations", { params }, array(note), signal);
  return notes.map(({ dashboardUID, ...rest }) => ({
    ...rest,
    dashboardUid: dashboardUID,
    timeEnd: Math.max(rest.time, rest.timeEnd),
  }));
}

export async function createNote({ dashboardUid, ...rest }: NewNote): Promise<number> {
  const body = { dashboardUID: dashboardUid, ...rest };
  return (await callJson("/api/annotations", { body }, made)).id;
}

export async function changeNote({ id, time, timeEnd, text, tags }: Note): Promise<void> {
  const body = { time, timeEnd, text, tags };
  await callJson(`/api/annotations/${id}`, { method: "PUT", body }, () => undefined);
}

export async function deleteNote(id: number): Promise<void> {
  await callJson(`/api/annotations/${id}`, { method: "DELETE" }, () => undefined);
}
