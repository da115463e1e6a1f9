/** The alerts there are now, by what rules find and what Alertmanager has been told. */
import { Skeleton } from "@mantine/core";
import type { Alert } from "../../alerting/alerts";
import { useAlerts } from "../../alerting/use-alerts";
import { summaryOf } from "../../components/alerts/AlertRow";
import { ErrorNote } from "../../components/ErrorNote";
import { formatDuration } from "../../lib/duration";
import { str } from "../../lib/json";
import classes from "../ListPanel.module.css";
import { Unsupported } from "../NoData";
import type { PanelProps } from "../panel-props";
import { filterAlerts } from "./alert-filter";

export default function AlertListPanel({ options, height, show }: PanelProps) {
  const known = useAlerts({ withResolved: false });
  const [error] = known.errors;
  if (error && known.alerts.length === 0) return <ErrorNote error={error} />;
  if (known.isPending) {
    return <Skeleton height={height - 4} radius="md" role="img" aria-label="Loading" />;
  }
  const alerts = filterAlerts(known.alerts, options, (text) => show.interpolate(text, {}));
  if (options.viewMode === "stat") {
    return (
      <div className={classes.count} data-bad={alerts.length > 0 || undefined}>
        {alerts.length}
      </div>
    );
  }
  if (alerts.length === 0) return <Unsupported what="No alerts." />;
  const byRule = str(options.groupMode, "default") === "default";
  return (
    <ul className={classes.list} style={{ height }} tabIndex={0} aria-label="Alerts">
      {alerts.map((alert) => (
        <AlertRow key={alert.id} alert={alert} nowMs={show.nowMs} withLabels={byRule} />
      ))}
    </ul>
  );
}

interface RowProps {
  alert: Alert;
  nowMs: number;
  withLabels: boolean;
}

function AlertRow({ alert, nowMs, withLabels }: RowProps) {
  const labels = Object.entries(alert.labels)
    .filter(([label]) => label !== "alertname")
    .map(([label, value]) => `${label}=${value}`);
  const summary = summaryOf(alert);
  const seconds = Math.round((nowMs - alert.sinceMs) / 1000);
  return (
    <li>
      <span className={classes.state} data-state={alert.state}>
        {alert.state}
      </span>
      <span className={classes.main}>
        <strong>{alert.name}</strong>
        {summary !== "" && <span>{summary}</span>}
        {withLabels && labels.length > 0 && <small>{labels.join(" · ")}</small>}
      </span>
      {seconds > 0 && <span className={classes.aside}>{roughly(seconds)}</span>}
    </li>
  );
}

/** The largest two units say enough. */
function roughly(seconds: number): string {
  const unit = seconds >= 86_400 ? 3_600 : seconds >= 3_600 ? 60 : 1;
  return formatDuration(Math.floor(seconds / unit) * unit);
}
