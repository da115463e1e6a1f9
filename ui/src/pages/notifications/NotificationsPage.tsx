/** Notifications: receivers in trouble first, then the groups and who was told of each when. */
import { Skeleton } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import {
  attemptsOfGroup,
  groupLabelsText,
  type ReceiverHealth,
  receiverHealth,
} from "../../alerting/notified";
import { useAlertGroups, useAttempts } from "../../alerting/use-alerts";
import type { Attempt } from "../../api/alerting";
import type { AlertGroup } from "../../api/alertmanager";
import { AttemptList } from "../../components/alerts/AttemptList";
import { Choices } from "../../components/Choices";
import { ErrorNote } from "../../components/ErrorNote";
import { formatAge } from "../../lib/format";
import { formatMatchers, matchersOf } from "../../lib/matchers";
import { useNow } from "../../lib/use-now";
import { useTitle } from "../../lib/use-title";
import { useViewParams } from "../../lib/use-view-params";
import { Panel } from "../../panels/Panel";
import classes from "./NotificationsPage.module.css";

const LOG_SHOWN_MAX = 100;
const PER_GROUP_MAX = 5;
const GROUPS_MAX = 100;

export default function NotificationsPage() {
  useTitle("Notifications");
  const { params, set } = useViewParams();
  const receiver = params.get("receiver") ?? "";
  const outcome = params.get("outcome") === "failed" ? "failed" : "all";
  const attempts = useAttempts();
  const groups = useAlertGroups();
  const health = useMemo(() => receiverHealth(attempts.data ?? []), [attempts.data]);
  const ofReceiver = (name: string) => receiver === "" || name === receiver;
  const shownGroups = (groups.data ?? []).filter((group) => ofReceiver(group.receiver.name));
  const logged = (attempts.data ?? []).filter(
    (attempt) => ofReceiver(attempt.receiver) && (outcome === "all" || attempt.outcome !== "sent"),
  );

  if (groups.data === null && attempts.data === null) {
    return (
      <p className={classes.nothing}>
        This server sends no notifications. Name your alertmanager.yml under alerting.alertmanager
        in bellwether.yml.
      </p>
    );
  }
  return (
    <div className={classes.page}>
      {attempts.error && !attempts.data && <ErrorNote error={attempts.error} />}
      <Receivers
        health={health}
        chosen={receiver}
        onChoose={(name) => set("receiver", name === receiver ? "" : name)}
      />
      {receiver !== "" && (
        <p className={classes.scope}>
          Only the receiver <strong>{receiver}</strong>.{" "}
          <button type="button" onClick={() => set("receiver", "")}>
            Show all
          </button>
        </p>
      )}
      {groups.error && !groups.data && <ErrorNote error={groups.error} />}
      {groups.isPending && <Skeleton height={200} radius="md" aria-label="Loading" />}
      <div className={classes.groups}>
        {sorted(shownGroups, attempts.data ?? [])
          .slice(0, GROUPS_MAX)
          .map(({ group, attempts: own }) => (
            <Group
              key={`${group.receiver.name} ${groupLabelsText(group.labels)}`}
              group={group}
              attempts={own}
              isTold={attempts.data !== null}
            />
          ))}
      </div>
      {groups.data?.length === 0 && (
        <p className={classes.nothing}>No group of alerts is open: there is nothing to tell.</p>
      )}
      {attempts.data && (
        <Panel
          title="Log of attempts"
          subtitle="the newest first"
          corner={
            <Choices
              label="Outcome"
              value={outcome}
              onChange={(next) => set("outcome", next === "all" ? "" : next)}
              choices={[
                { value: "all", label: "All" },
                { value: "failed", label: "Failed" },
              ]}
            />
          }
          empty={
            logged.length === 0
              ? outcome === "failed"
                ? "No attempt failed."
                : "Nobody was notified yet."
              : undefined
          }
          height={80}
        >
          <AttemptList attempts={logged} max={LOG_SHOWN_MAX} />
        </Panel>
      )}
    </div>
  );
}

interface ReceiversProps {
  health: readonly ReceiverHealth[];
  chosen: string;
  onChoose: (receiver: string) => void;
}

function Receivers({ health, chosen, onChoose }: ReceiversProps) {
  const nowMs = useNow(1_000);
  if (health.length === 0) return null;
  return (
    <ul className={classes.receivers} aria-label="Receivers">
      {health.map(({ receiver, integration, last, isFailing, sent, failed }) => (
        <li key={`${receiver} ${integration} ${last.index}`} data-failing={isFailing || undefined}>
          <button
            type="button"
            aria-pressed={receiver === chosen}
            onClick={() => onChoose(receiver)}
          >
            <span className={classes.name}>
              <strong>{receiver}</strong> {integration}
            </span>
            <span className={classes.outcome}>
              {isFailing ? "failing" : "works"},{" "}
              {formatAge(Math.max(0, nowMs - Date.parse(last.at)) / 1000)} ago
            </span>
            <span className={classes.counts}>
              {sent} sent{failed > 0 && `, ${failed} failed`}
            </span>
          </button>
          {isFailing && last.error !== undefined && <p>{last.error}</p>}
        </li>
      ))}
    </ul>
  );
}

interface GroupProps {
  group: AlertGroup;
  attempts: readonly Attempt[];
  /** The server tells of attempts at all. */
  isTold: boolean;
}

function Group({ group, attempts, isTold }: GroupProps) {
  const quiet = group.alerts.filter(({ status }) => status.state === "suppressed").length;
  const filter = formatMatchers(matchersOf(group.labels));
  const title = Object.values(group.labels).join(" · ") || "All alerts";
  return (
    <section className={classes.group} aria-label={`${title} to ${group.receiver.name}`}>
      <header>
        <h2>
          <Link to={`/alerts?filter=${encodeURIComponent(filter)}`}>{title}</Link>
        </h2>
        <span>
          to <strong>{group.receiver.name}</strong>
        </span>
        <span className={classes.count}>
          {group.alerts.length} {group.alerts.length === 1 ? "alert" : "alerts"}
          {quiet > 0 && `, ${quiet} quiet`}
        </span>
      </header>
      {isTold && attempts.length === 0 && (
        <p>
          {quiet === group.alerts.length
            ? "Nobody is told: all of it is silenced or inhibited."
            : "Nobody was told yet."}
        </p>
      )}
      <AttemptList attempts={attempts} max={PER_GROUP_MAX} withReceiver={false} />
    </section>
  );
}

/** Groups whose newest attempt failed come first, then those last told of. */
function sorted(groups: readonly AlertGroup[], attempts: readonly Attempt[]) {
  return groups
    .map((group) => ({ group, attempts: attemptsOfGroup(attempts, group) }))
    .sort((a, b) => rank(a.attempts) - rank(b.attempts) || lastMs(b.attempts) - lastMs(a.attempts));
}

function rank([last]: readonly Attempt[]): number {
  return last !== undefined && last.outcome !== "sent" ? 0 : 1;
}

function lastMs([last]: readonly Attempt[]): number {
  return last === undefined ? 0 : Date.parse(last.at);
}
