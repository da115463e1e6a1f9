/** Why an alert is quiet: the silence, the alert or the time interval that mutes it. */
import { Link, useSearchParams } from "react-router";
import type { Alert } from "../../alerting/alerts";
import { useAlerts, useSilences } from "../../alerting/use-alerts";
import { usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
import classes from "./AlertDrawer.module.css";

export function QuietReason({ alert }: { alert: Alert }) {
  const [params] = useSearchParams();
  const { zone } = usePreferences();
  const silences = useSilences();
  const { alerts } = useAlerts();
  const status = alert.held?.status;
  if (!status) return null;
  const { silencedBy, inhibitedBy, mutedBy } = status;
  if (silencedBy.length + inhibitedBy.length + mutedBy.length === 0) return null;

  const open = (id: string) => {
    const next = new URLSearchParams(params);
    next.set("open", id);
    return `?${next.toString()}`;
  };
  return (
    <ul className={classes.quiet}>
      {silencedBy.map((id) => {
        const silence = silences.data?.find((one) => one.id === id);
        return (
          <li key={id}>
            Silenced by{" "}
            <Link to={`/alerts/silences?search=${id}`}>{silence ? silence.createdBy : id}</Link>
            {silence && (
              <>
                {" "}
                until {formatTime(Date.parse(silence.endsAt), zone)}: {silence.comment}
              </>
            )}
          </li>
        );
      })}
      {inhibitedBy.map((fingerprint) => {
        const other = alerts.find(({ held }) => held?.fingerprint === fingerprint);
        return (
          <li key={fingerprint}>
            Inhibited by {other ? <Link to={open(other.id)}>{other.name}</Link> : fingerprint}
          </li>
        );
      })}
      {mutedBy.length > 0 && <li>Muted by the time interval {mutedBy.join(", ")}</li>}
    </ul>
  );
}
