/** Badges, and with them an alert's severity and state: a word each, so that colour is never all there is. */
import type { AlertState } from "../../alerting/alerts";
import { type SeverityTone, toneOf } from "../../alerting/severity";
import classes from "./Badges.module.css";

interface BadgeProps {
  tone: SeverityTone | "good";
  title?: string;
  children: string;
}

export function Badge({ tone, title, children }: BadgeProps) {
  return (
    <span className={classes.badge} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

export function SeverityBadge({ severity }: { severity: string }) {
  return (
    <Badge tone={toneOf(severity)} title="Severity">
      {severity || "–"}
    </Badge>
  );
}

export function StateBadge({ state }: { state: AlertState }) {
  return (
    <span className={classes.state} data-state={state}>
      {state}
    </span>
  );
}
