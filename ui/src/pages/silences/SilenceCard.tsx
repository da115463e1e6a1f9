/** One silence: its matchers, why it is there, what it keeps quiet, and what can be done to it. */
import { ActionIcon, Button, Group, Menu, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconPencil, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { ALERTING_KEY, useHeldAlerts } from "../../alerting/use-alerts";
import { expireSilence, type HeldAlert, saveSilence, type Silence } from "../../api/alertmanager";
import { LabelList, MatcherList } from "../../components/alerts/LabelList";
import { LinkedText } from "../../components/alerts/LinkedText";
import { ErrorNote } from "../../components/ErrorNote";
import { formatAge } from "../../lib/format";
import { formatMatcher } from "../../lib/matchers";
import { usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
import { useNow } from "../../lib/use-now";
import classes from "./SilenceCard.module.css";
import { silenceLink } from "./silence-url";

const EXTENSIONS = [
  { label: "by 1 hour", seconds: 3600 },
  { label: "by 8 hours", seconds: 28_800 },
  { label: "by 1 day", seconds: 86_400 },
  { label: "by 1 week", seconds: 604_800 },
] as const;

interface Props {
  silence: Silence;
  /** Alerts that it keeps quiet now. */
  quiet: readonly HeldAlert[];
}

export function SilenceCard({ silence, quiet }: Props) {
  const [opened, list] = useDisclosure(false);
  const expired = silence.status.state === "expired";
  return (
    <li className={classes.card} data-state={silence.status.state}>
      <div className={classes.head}>
        <MatcherList matchers={silence.matchers.map(formatMatcher)} />
        <Actions silence={silence} quiet={quiet.length} />
      </div>
      {silence.comment !== "" && (
        <p className={classes.comment}>
          <LinkedText text={silence.comment} />
        </p>
      )}
      <div className={classes.facts}>
        <Ends silence={silence} />
        <span>by {silence.createdBy || "nobody"}</span>
        <button type="button" aria-expanded={opened} onClick={list.toggle}>
          {silence.status.state === "active"
            ? quietText(quiet.length)
            : expired
              ? "What it would match now"
              : "What it will match"}
          <IconChevronDown size={14} aria-hidden="true" />
        </button>
      </div>
      {opened &&
        (silence.status.state === "active" ? (
          <Matched alerts={quiet} />
        ) : (
          <WouldMatch silence={silence} />
        ))}
    </li>
  );
}

function quietText(count: number): string {
  if (count === 0) return "Matches no alert now";
  return count === 1 ? "Keeps 1 alert quiet" : `Keeps ${count} alerts quiet`;
}

function Ends({ silence: { status, startsAt, endsAt } }: { silence: Silence }) {
  const { zone } = usePreferences();
  const nowMs = useNow(1_000);
  const at = status.state === "pending" ? startsAt : endsAt;
  const age = formatAge(Math.abs(Date.parse(at) - nowMs) / 1000);
  const words = {
    active: `ends in ${age}`,
    pending: `begins in ${age}`,
    expired: `ended ${age} ago`,
  };
  return (
    <span
      title={`${formatTime(Date.parse(startsAt), zone)} – ${formatTime(Date.parse(endsAt), zone)}`}
    >
      <strong>{words[status.state]}</strong>, {formatTime(Date.parse(at), zone)}
    </span>
  );
}

function WouldMatch({ silence }: { silence: Silence }) {
  const { data, error } = useHeldAlerts(silence.matchers.map(formatMatcher));
  if (error && !data) return <ErrorNote error={error} />;
  return <Matched alerts={data ?? []} />;
}

const LISTED_MAX = 50;

export function Matched({ alerts }: { alerts: readonly HeldAlert[] }) {
  if (alerts.length === 0) return <p className={classes.none}>No alert is like that now.</p>;
  return (
    <ul className={classes.matched}>
      {alerts.slice(0, LISTED_MAX).map(({ fingerprint, labels }) => (
        <li key={fingerprint}>
          <strong>{labels.alertname}</strong> <LabelList labels={labels} without={["alertname"]} />
        </li>
      ))}
      {alerts.length > LISTED_MAX && <li>and {alerts.length - LISTED_MAX} more</li>}
    </ul>
  );
}

function Actions({ silence, quiet }: { silence: Silence; quiet: number }) {
  const queryClient = useQueryClient();
  const [confirming, confirm] = useDisclosure(false);
  const refresh = () => queryClient.invalidateQueries({ queryKey: [ALERTING_KEY] });
  const extend = useMutation({
    mutationFn: (seconds: number) => {
      const { id, matchers, startsAt, endsAt, createdBy, comment } = silence;
      const later = new Date(Date.parse(endsAt) + seconds * 1000).toISOString();
      return saveSilence({ id, matchers, startsAt, endsAt: later, createdBy, comment });
    },
    onSuccess: refresh,
  });
  const expire = useMutation({
    mutationFn: () => expireSilence(silence.id),
    onSuccess: async () => {
      await refresh();
      confirm.close();
    },
  });
  const edit = silenceLink({ id: silence.id });
  if (silence.status.state === "expired") {
    return (
      <Button
        component={Link}
        to={edit}
        size="compact-sm"
        variant="default"
        leftSection={<IconRefresh size={14} />}
      >
        Make again
      </Button>
    );
  }
  return (
    <div className={classes.actions}>
      <ActionIcon component={Link} to={edit} aria-label="Edit" title="Edit">
        <IconPencil size={17} stroke={1.7} />
      </ActionIcon>
      <Menu>
        <Menu.Target>
          <Button
            size="compact-sm"
            variant="default"
            loading={extend.isPending}
            rightSection={<IconChevronDown size={14} />}
          >
            Extend
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {EXTENSIONS.map(({ label, seconds }) => (
            <Menu.Item key={label} onClick={() => extend.mutate(seconds)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button size="compact-sm" variant="default" onClick={confirm.open}>
        Expire
      </Button>
      {extend.error && <ErrorNote error={extend.error} />}
      <Modal opened={confirming} onClose={confirm.close} title="Expire this silence?" centered>
        <MatcherList matchers={silence.matchers.map(formatMatcher)} />
        <p className={classes.confirm}>
          {quiet === 0
            ? "It keeps no alert quiet now."
            : `${quiet === 1 ? "One alert" : `${quiet} alerts`} may notify again at once.`}
        </p>
        {expire.error && <ErrorNote error={expire.error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={confirm.close}>
            Keep it
          </Button>
          <Button data-autofocus loading={expire.isPending} onClick={() => expire.mutate()}>
            Expire
          </Button>
        </Group>
      </Modal>
    </div>
  );
}
