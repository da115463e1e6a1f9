/** Earlier versions of a dashboard: listed, read, restored. */
import { array, type Decoder, number, object, optional, plainObject, string } from "../lib/decode";
import { withDefault } from "../lib/decode";
import { pathOf } from "./dashboards";
import { callJson } from "./http";

export interface DashboardVersion {
  version: number;
  /** RFC 3339. */
  created: string;
  createdBy: string;
  message: string;
}

const version = object({
  version: number,
  created: withDefault(string, ""),
  createdBy: withDefault(string, ""),
  message: withDefault(string, ""),
});

/** Servers differ in whether they wrap the list. */
const versions: Decoder<DashboardVersion[]> = (value, path) =>
  array(version)(Array.isArray(value) ? value : plainObject(value, path).versions, path);

const VERSIONS_MAX = 100;

/** The newest first. */
export async function fetchVersions(uid: string, signal?: AbortSignal) {
  const params = { limit: VERSIONS_MAX };
  const found = await callJson(`${pathOf(uid)}/versions`, { params }, versions, signal);
  return found.sort((a, b) => b.version - a.version);
}

export async function fetchVersion(uid: string, wanted: number, signal?: AbortSignal) {
  const decode = object({ data: plainObject });
  return (await callJson(`${pathOf(uid)}/versions/${wanted}`, {}, decode, signal)).data;
}

/** Saves the old version once more, as the newest. */
export async function restoreVersion(uid: string, wanted: number): Promise<void> {
  const decode = object({ version: optional(number) });
  await callJson(`${pathOf(uid)}/restore`, { body: { version: wanted } }, decode);
}
