/** One alert, opened beside the list: what it says, its graph, its past, who was told. */
import { Button, Drawer, Skeleton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconBellOff, IconBook2, IconListDetails, IconTelescope } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Alert } from "../../alerting/alerts";
import { severityOf } from "../../alerting/severity";
import type { RuleGroup } from "../../api/rules";
import { SeverityBadge, StateBadge } from "../../components/alerts/Badges";
import { LabelList } from "../../components/alerts/LabelList";
import { LinkedText } from "../../components/alerts/LinkedText";
import { TimeControls } from "../../components/time/TimeControls";
import { formatAge } from "../../lib/format";
import { matchersOf } from "../../lib/matchers";
import { usePreferences } from "../../lib/preferences";
import { safeUrl } from "../../lib/safe-url";
import { formatTime } from "../../lib/timerange";
import { useNow } from "../../lib/use-now";
import { useTimeParams } from "../../lib/use-time-params";
import { exploreLink } from "../explore/explore-url";
import { silenceLink } from "../silences/silence-url";
import classes from "./AlertDrawer.module.css";
import { AlertHistory } from "./AlertHistory";
import { ConditionGraphs } from "./ConditionGraphs";
import { Notified } from "./Notified";
import { QuietReason } from "./QuietReason";

interface Props {
  /** Which is wanted; null for none. */
  id: string | null;
  alert: Alert | undefined;
  isPending: boolean;
  groups: readonly RuleGroup[];
  onClose: () => void;
  onPick: (name: string, value: string) => void;
}

export function AlertDrawer({ id, alert, isPending, onClose, onPick }: Props) {
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size="min(820px, 100%)"
      title={alert ? alert.name || "Alert without a name" : "Alert"}
      classNames={{ title: classes.title, body: classes.body }}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {alert && <AlertDetail key={alert.id} alert={alert} onPick={onPick} />}
      {!alert && isPending && <Skeleton height={300} radius="md" aria-label="Loading" />}
      {!alert && !isPending && (
        <p className={classes.gone}>This alert has ended, more than an hour ago.</p>
      )}
    </Drawer>
  );
}

const RANGES_HOURS = [1, 3, 12, 48, 168] as const;

/** The range at first: long enough to see how the alert came about. */
function defaultsFor(sinceMs: number) {
  const hours = (2 * (Date.now() - sinceMs)) / 3_600_000;
  const chosen = Number.isNaN(hours) ? 3 : (RANGES_HOURS.find((one) => one >= hours) ?? 168);
  const from = `now-${chosen < 48 ? `${chosen}h` : `${chosen / 24}d`}`;
  return { range: { from, to: "now" }, refreshMs: 15_000 };
}

function AlertDetail({ alert, onPick }: { alert: Alert; onPick: Props["onPick"] }) {
  const [defaults] = useState(() => defaultsFor(alert.sinceMs));
  const time = useTimeParams(defaults);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const silence = silenceLink({ matchers: matchersOf(alert.labels) });
  useHotkeys([["S", () => void navigate(silence)]]);
  return (
    <>
      <div className={classes.facts}>
        <SeverityBadge severity={severityOf(alert.labels)} />
        <StateBadge state={alert.state} />
        <Since alert={alert} />
      </div>
      <Annotations alert={alert} />
      <QuietReason alert={alert} />
      <Actions alert={alert} silence={silence} />
      <section className={classes.part} aria-label="Labels">
        <h3>Labels</h3>
        <LabelList labels={alert.labels} onPick={onPick} />
      </section>
      <div className={classes.time}>
        <TimeControls
          time={time}
          refreshing={false}
          onRefresh={() => void queryClient.invalidateQueries({ queryKey: ["range"] })}
        />
      </div>
      {alert.origin && <ConditionGraphs alert={alert} rule={alert.origin.rule} time={time} />}
      <AlertHistory alert={alert} time={time} />
      <Notified alert={alert} />
    </>
  );
}

function Since({ alert: { sinceMs, state } }: { alert: Alert }) {
  const { zone } = usePreferences();
  const nowMs = useNow(1_000);
  if (Number.isNaN(sinceMs)) return null;
  const age = formatAge(Math.max(0, nowMs - sinceMs) / 1000);
  const at = formatTime(sinceMs, zone);
  return (
    <span className={classes.since}>
      {state === "resolved" ? `ended ${age} ago, at ${at}` : `for ${age}, since ${at}`}
    </span>
  );
}

/** Summary and description as prose, what else there is by name. */
function Annotations({ alert: { annotations } }: { alert: Alert }) {
  const { summary, description, ...rest } = annotations;
  const others = Object.entries(rest).filter(([name]) => !RUNBOOKS.includes(name));
  return (
    <div className={classes.annotations}>
      {summary !== undefined && (
        <p className={classes.summary}>
          <LinkedText text={summary} />
        </p>
      )}
      {description !== undefined && description !== summary && (
        <p>
          <LinkedText text={description} />
        </p>
      )}
      {others.length > 0 && (
        <dl>
          {others.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <LinkedText text={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

const RUNBOOKS = ["runbook_url", "runbook"];

function Actions({ alert, silence }: { alert: Alert; silence: string }) {
  const runbook = webUrl(alert.annotations.runbook_url ?? alert.annotations.runbook);
  const source = webUrl(alert.generatorUrl);
  return (
    <div className={classes.actions}>
      <Button component={Link} to={silence} leftSection={<IconBellOff size={16} />}>
        Silence
      </Button>
      {runbook !== undefined && (
        <Button
          component="a"
          href={runbook}
          target="_blank"
          rel="noopener noreferrer"
          variant="default"
          leftSection={<IconBook2 size={16} />}
        >
          Runbook
        </Button>
      )}
      {alert.origin && (
        <>
          <Button
            component={Link}
            to={`/alerts/rules?search=${encodeURIComponent(alert.name)}`}
            variant="default"
            leftSection={<IconListDetails size={16} />}
          >
            Rule
          </Button>
          <Button
            component={Link}
            to={exploreLink(alert.origin.rule.query)}
            variant="default"
            leftSection={<IconTelescope size={16} />}
          >
            Explore
          </Button>
        </>
      )}
      {!alert.origin && source !== undefined && (
        <Button
          component="a"
          href={source}
          target="_blank"
          rel="noopener noreferrer"
          variant="default"
        >
          Source
        </Button>
      )}
    </div>
  );
}

/** Only addresses of the web: an alert's author chose them, not this server. */
function webUrl(text: string | undefined): string | undefined {
  const url = safeUrl(text);
  return url !== undefined && /^https?:/i.test(url) ? url : undefined;
}
