/** Attempts to notify, the newest first: when, whom, why, and what went wrong. */
import { attemptRuns } from "../../alerting/notified";
import type { Attempt } from "../../api/alerting";
import { own } from "../../lib/own";
import { usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
import classes from "./AttemptList.module.css";

const REASONS: Readonly<Record<string, string>> = {
  first: "first notice",
  new_alerts: "new alerts",
  all_resolved: "all resolved",
  new_resolved: "some resolved",
  repeat: "reminder",
};

const OUTCOMES: Record<Attempt["outcome"], string> = {
  sent: "sent",
  retried: "failed, retrying",
  failed: "failed",
};

interface Props {
  attempts: readonly Attempt[];
  /** More lines than this are left out. */
  max: number;
  /** Each attempt names its receiver. */
  withReceiver?: boolean;
}

export function AttemptList({ attempts, max, withReceiver = true }: Props) {
  const { zone } = usePreferences();
  return (
    <ol className={classes.attempts}>
      {attemptRuns(attempts)
        .slice(0, max)
        .map(({ attempt, count }) => (
          <li key={attemptKey(attempt)} data-outcome={attempt.outcome}>
            <time dateTime={attempt.at}>{formatTime(Date.parse(attempt.at), zone)}</time>
            <span className={classes.outcome}>
              {OUTCOMES[attempt.outcome]}
              {count > 1 && ` (${count}×)`}
            </span>
            <span className={classes.what}>
              {withReceiver && <strong>{attempt.receiver}</strong>} {attempt.integration}
              <small>
                {own(REASONS, attempt.reason) ?? attempt.reason}
                {attempt.firing > 0 && `, ${attempt.firing} firing`}
                {attempt.resolved > 0 && `, ${attempt.resolved} resolved`}
              </small>
            </span>
            {attempt.error !== undefined && <p className={classes.error}>{attempt.error}</p>}
          </li>
        ))}
    </ol>
  );
}

function attemptKey(attempt: Attempt): string {
  const { at, groupKey, receiver, integration, index, number } = attempt;
  return JSON.stringify([at, groupKey, receiver, integration, index, number]);
}
