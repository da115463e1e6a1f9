/** Who was told of an alert, and when: by the groups that it is in. */
import { Skeleton } from "@mantine/core";
import type { Alert } from "../../alerting/alerts";
import { attemptsOfGroup, groupLabelsText, groupsOfAlert } from "../../alerting/notified";
import { useAlertGroups, useAttempts } from "../../alerting/use-alerts";
import { AttemptList } from "../../components/alerts/AttemptList";
import { ErrorNote } from "../../components/ErrorNote";
import classes from "./AlertDrawer.module.css";

const SHOWN_MAX = 8;

export function Notified({ alert }: { alert: Alert }) {
  const groups = useAlertGroups();
  const attempts = useAttempts();
  const error = groups.error ?? attempts.error;
  const own = alert.held ? groupsOfAlert(groups.data ?? [], alert.held.fingerprint) : [];
  return (
    <section className={classes.part} aria-label="Notified">
      <h3>Notified</h3>
      {groups.isPending && <Skeleton height={60} radius="md" />}
      {error && !groups.data && <ErrorNote error={error} />}
      {groups.data !== undefined && own.length === 0 && (
        <p className={classes.hint}>{reason(alert, groups.data !== null)}</p>
      )}
      {own.map((group) => {
        const found = attemptsOfGroup(attempts.data ?? [], group);
        const key = groupLabelsText(group.labels);
        return (
          <div key={`${group.receiver.name} ${key}`} className={classes.group}>
            <p>
              <strong>{group.receiver.name}</strong> <code>{key}</code>
            </p>
            {attempts.data === null && (
              <p className={classes.hint}>This server does not tell when it notified.</p>
            )}
            {attempts.data && found.length === 0 && (
              <p className={classes.hint}>
                Not yet, or longer ago than the log of attempts goes back.
              </p>
            )}
            <AttemptList attempts={found} max={SHOWN_MAX} withReceiver={false} />
          </div>
        );
      })}
    </section>
  );
}

function reason({ state }: Alert, hasAlertmanager: boolean): string {
  if (!hasAlertmanager) return "This server sends no notifications.";
  if (state === "pending") return "Nobody yet: it is pending.";
  return state === "resolved"
    ? "It has ended, and its group with it."
    : "Nobody: Alertmanager does not hold it.";
}
