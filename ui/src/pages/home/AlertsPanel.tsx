/** What fires now, the gravest first. */
import { Link } from "react-router";
import { severityOf } from "../../alerting/severity";
import { useAlerts } from "../../alerting/use-alerts";
import { SeverityBadge } from "../../components/alerts/Badges";
import { summaryOf } from "../../components/alerts/AlertRow";
import { Panel } from "../../panels/Panel";
import classes from "./AlertsPanel.module.css";
import shared from "./TargetsPanel.module.css";

const SHOWN_MAX = 5;
/** A line, and as many alerts as are shown. */
const QUIET_HEIGHT_PX = 64;
const FIRING_HEIGHT_PX = 170;

export function AlertsPanel() {
  const { alerts, isPending, errors, hasRules } = useAlerts({ withResolved: false });
  const firing = alerts.filter(({ state }) => state === "firing");
  const pending = alerts.filter(({ state }) => state === "pending").length;
  const [error] = errors;
  return (
    <Panel
      title="Alerts"
      subtitle={firing.length > 0 ? `${firing.length} firing` : undefined}
      corner={
        <Link to="/alerts" className={shared.all}>
          All alerts
        </Link>
      }
      loading={isPending}
      error={alerts.length === 0 ? (error ?? null) : null}
      empty={firing.length === 0 ? quiet(hasRules, pending) : undefined}
      height={firing.length === 0 ? QUIET_HEIGHT_PX : FIRING_HEIGHT_PX}
    >
      <ul className={shared.list}>
        {firing.slice(0, SHOWN_MAX).map((alert) => (
          <li key={alert.id}>
            <Link to={`/alerts?open=${alert.id}`} className={classes.alert}>
              <SeverityBadge severity={severityOf(alert.labels)} />
              <strong>{alert.name}</strong>
              <span>{summaryOf(alert)}</span>
            </Link>
          </li>
        ))}
        {firing.length > SHOWN_MAX && (
          <li className={classes.more}>and {firing.length - SHOWN_MAX} more</li>
        )}
      </ul>
    </Panel>
  );
}

function quiet(hasRules: boolean, pending: number): string {
  if (!hasRules)
    return "No alerting rules. Name rule files under alerting.rules in bellwether.yml.";
  return pending > 0 ? `Nothing fires; ${pending} pending.` : "All is well: nothing fires.";
}
