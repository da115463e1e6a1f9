/** An alert's severity and state: a word each, so that colour is never all there is. */
import type { AlertState } from "../../alerting/alerts";
import { toneOf } from "../../alerting/severity";
import classes from "./Badges.module.css";

export function SeverityBadge({ severity }: { severity: string }) {
  return (
    <span className={classes.badge} data-tone={toneOf(severity)} title="Severity">
      {severity || "–"}
    </span>
  );
}

export function StateBadge({ state }: { state: AlertState }) {
  return (
    <span className={classes.state} data-state={state}>
      {state}
    </span>
  );
}
