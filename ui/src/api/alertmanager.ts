/** Alertmanager's API, version 2: the alerts it holds, their groups, and silences. */
import {
  array,
  boolean,
  type Decoder,
  object,
  oneOf,
  optional,
  record,
  string,
  withDefault,
} from "../lib/decode";
import type { Matcher, MatchOp } from "../lib/matchers";
import { callJson, ifServed } from "./http";

const ROOT = "/alertmanager/api/v2";

const receiver = object({ name: string });

const heldAlert = object({
  labels: record(string),
  annotations: withDefault(record(string), {}),
  /** RFC 3339, as all times here. */
  startsAt: string,
  endsAt: withDefault(string, ""),
  updatedAt: withDefault(string, ""),
  generatorURL: withDefault(string, ""),
  fingerprint: string,
  receivers: withDefault(array(receiver), []),
  status: object({
    state: oneOf("active", "suppressed", "unprocessed"),
    silencedBy: withDefault(array(string), []),
    inhibitedBy: withDefault(array(string), []),
    mutedBy: withDefault(array(string), []),
  }),
});

export type HeldAlert = ReturnType<typeof heldAlert>;

const alertGroup = object({
  labels: record(string),
  receiver,
  alerts: array(heldAlert),
});

export type AlertGroup = ReturnType<typeof alertGroup>;

const wireMatcher = object({
  name: string,
  value: string,
  isRegex: boolean,
  isEqual: withDefault(boolean, true),
});

const matcher: Decoder<Matcher> = (value, path) => {
  const { name, value: text, isRegex, isEqual } = wireMatcher(value, path);
  const op: MatchOp = isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=";
  return { name, op, value: text };
};

export const silenceStates = ["active", "pending", "expired"] as const;
export type SilenceState = (typeof silenceStates)[number];

const silence = object({
  id: string,
  status: object({ state: oneOf(...silenceStates) }),
  matchers: array(matcher),
  startsAt: string,
  endsAt: string,
  updatedAt: withDefault(string, ""),
  createdBy: withDefault(string, ""),
  comment: withDefault(string, ""),
});

export type Silence = ReturnType<typeof silence>;

const status = object({
  versionInfo: optional(object({ version: withDefault(string, "") })),
  config: object({ original: withDefault(string, "") }),
});

/** What a silence consists of before the server gives it an id. */
export interface SilenceDraft {
  /** Given, that silence is changed. */
  id?: string | undefined;
  matchers: readonly Matcher[];
  startsAt: string;
  endsAt: string;
  createdBy: string;
  comment: string;
}

/** Null here and below: the server has no Alertmanager. */
export async function fetchHeldAlerts(
  filter: readonly string[] = [],
  signal?: AbortSignal,
): Promise<HeldAlert[] | null> {
  const params = { filter };
  const answer = await ifServed(callJson(`${ROOT}/alerts`, { params }, array(heldAlert), signal));
  return answer ?? null;
}

export async function fetchAlertGroups(signal?: AbortSignal): Promise<AlertGroup[] | null> {
  const answer = await ifServed(callJson(`${ROOT}/alerts/groups`, {}, array(alertGroup), signal));
  return answer ?? null;
}

export async function fetchSilences(signal?: AbortSignal): Promise<Silence[] | null> {
  return (await ifServed(callJson(`${ROOT}/silences`, {}, array(silence), signal))) ?? null;
}

/** Resolves to the silence's id: a changed one may get another. */
export async function saveSilence({ matchers, ...draft }: SilenceDraft): Promise<string> {
  const body = {
    ...draft,
    matchers: matchers.map(({ name, op, value }) => ({
      name,
      value,
      isRegex: op === "=~" || op === "!~",
      isEqual: op === "=" || op === "=~",
    })),
  };
  return (await callJson(`${ROOT}/silences`, { body }, object({ silenceID: string }))).silenceID;
}

export async function expireSilence(id: string): Promise<void> {
  const path = `${ROOT}/silence/${encodeURIComponent(id)}`;
  await callJson(path, { method: "DELETE" }, () => undefined);
}

/** The configuration as it was read, secrets left out by the server. */
export async function fetchAlertmanagerConfig(signal?: AbortSignal): Promise<string | null> {
  const answer = await ifServed(callJson(`${ROOT}/status`, {}, status, signal));
  return answer?.config.original ?? null;
}
