/** An alert in a line: how grave, what, where, since when. */
import { IconBellOff } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Alert } from "../../alerting/alerts";
import { severityOf } from "../../alerting/severity";
import { formatAge } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { silenceLink } from "../../pages/silences/silence-url";
import { matchersOf } from "../../lib/matchers";
import { StateBadge, SeverityBadge } from "./Badges";
import { LabelList } from "./LabelList";
import classes from "./AlertRow.module.css";

interface Props {
  alert: Alert;
  /** Where it opens. */
  to: string;
  /** Labels left out, as the heading has them. */
  without?: readonly string[];
}

export function AlertRow({ alert, to, without = [] }: Props) {
  const summary = summaryOf(alert);
  return (
    <li className={classes.row} data-state={alert.state}>
      <Link to={to} className={classes.link} preventScrollReset data-alert>
        <span className={classes.severity}>
          <SeverityBadge severity={severityOf(alert.labels)} />
        </span>
        <span className={classes.what}>
          {!without.includes("alertname") && <strong>{alert.name || "without a name"}</strong>}
          {summary !== "" && <span className={classes.summary}>{summary}</span>}
          <LabelList labels={alert.labels} without={["alertname", "severity", ...without]} />
        </span>
        <span className={classes.state}>
          <StateBadge state={alert.state} />
        </span>
        <Age alert={alert} />
      </Link>
      {alert.state === "firing" || alert.state === "pending" ? (
        <Link
          to={silenceLink({ matchers: matchersOf(alert.labels) })}
          className={classes.silence}
          aria-label={`Silence ${alert.name}`}
          title="Silence"
        >
          <IconBellOff size={16} stroke={1.7} />
        </Link>
      ) : (
        <span className={classes.silence} />
      )}
    </li>
  );
}

/** Only this renews itself each second. */
function Age({ alert: { sinceMs, state } }: { alert: Alert }) {
  const nowMs = useNow(1_000);
  const age = formatAge(Math.max(0, nowMs - sinceMs) / 1000);
  return <span className={classes.age}>{state === "resolved" ? `${age} ago` : age}</span>;
}

export function summaryOf({ annotations }: Pick<Alert, "annotations">): string {
  return annotations.summary ?? annotations.description ?? annotations.message ?? "";
}
