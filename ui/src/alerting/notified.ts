/** Which attempts to notify belong to which group of alerts, and how receivers fare. */
import type { Attempt } from "../api/alerting";
import type { AlertGroup } from "../api/alertmanager";
import type { Labels } from "../lib/series";

/** A group key ends in the group's labels as Alertmanager writes them. */
export function groupLabelsText(labels: Labels): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `{${pairs.join(", ")}}`;
}

export function attemptsOfGroup(
  attempts: readonly Attempt[],
  { labels, receiver }: Pick<AlertGroup, "labels" | "receiver">,
): Attempt[] {
  const end = `:${groupLabelsText(labels)}`;
  return attempts.filter(
    (attempt) => attempt.receiver === receiver.name && attempt.groupKey.endsWith(end),
  );
}

/** The groups that an alert is in, by its fingerprint. */
export function groupsOfAlert(groups: readonly AlertGroup[], fingerprint: string): AlertGroup[] {
  return groups.filter(({ alerts }) => alerts.some((alert) => alert.fingerprint === fingerprint));
}

export interface ReceiverHealth {
  receiver: string;
  integration: string;
  /** The newest attempt. */
  last: Attempt;
  isFailing: boolean;
  /** Among the attempts that are known. */
  sent: number;
  /** Those that did not arrive, whether tried again or given up. */
  failed: number;
}

/** Receivers by how their newest attempts went, those in trouble first. */
export function receiverHealth(attempts: readonly Attempt[]): ReceiverHealth[] {
  const found = new Map<string, ReceiverHealth>();
  for (const attempt of attempts) {
    const key = JSON.stringify([attempt.receiver, attempt.integration, attempt.index]);
    const health = found.get(key) ?? {
      receiver: attempt.receiver,
      integration: attempt.integration,
      last: attempt,
      isFailing: attempt.outcome !== "sent",
      sent: 0,
      failed: 0,
    };
    if (attempt.outcome === "sent") health.sent += 1;
    else health.failed += 1;
    found.set(key, health);
  }
  return [...found.values()].sort(
    (a, b) =>
      Number(b.isFailing) - Number(a.isFailing) ||
      a.receiver.localeCompare(b.receiver) ||
      a.integration.localeCompare(b.integration),
  );
}

export interface AttemptRun {
  /** The newest. */
  attempt: Attempt;
  /** How many there were in a row, all alike. */
  count: number;
}

/** Tries that failed alike, one after the other, as one: newest first, as attempts are. */
export function attemptRuns(attempts: readonly Attempt[]): AttemptRun[] {
  const runs: AttemptRun[] = [];
  const open = new Map<string, AttemptRun>();
  for (const attempt of attempts) {
    const { groupKey, receiver, integration, index } = attempt;
    const key = JSON.stringify([groupKey, receiver, integration, index]);
    const run = open.get(key);
    if (run && isAlike(run.attempt, attempt)) {
      run.count += 1;
      continue;
    }
    const fresh = { attempt, count: 1 };
    open.set(key, fresh);
    runs.push(fresh);
  }
  return runs;
}

function isAlike(a: Attempt, b: Attempt): boolean {
  return a.outcome !== "sent" && b.outcome !== "sent" && a.error === b.error;
}
