/** Labels in a row, as text; with `onPick` each is a button. */
import type { Labels } from "../../lib/series";
import classes from "./LabelList.module.css";

interface Props {
  labels: Labels;
  /** Labels that say nothing here, as all around have them. */
  without?: readonly string[];
  onPick?: ((name: string, value: string) => void) | undefined;
}

export function LabelList({ labels, without = [], onPick }: Props) {
  const shown = Object.entries(labels)
    .filter(([name]) => !without.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <span className={classes.labels}>
      {shown.map(([name, value]) =>
        onPick ? (
          <button
            key={name}
            type="button"
            className={classes.label}
            title="Show only alerts with this label"
            onClick={() => onPick(name, value)}
          >
            {name}=<b>{value}</b>
          </button>
        ) : (
          <span key={name} className={classes.label}>
            {name}=<b>{value}</b>
          </span>
        ),
      )}
    </span>
  );
}

/** Matchers of a silence or a route, one beside the other. */
export function MatcherList({ matchers }: { matchers: readonly string[] }) {
  return (
    <span className={classes.labels}>
      {matchers.map((matcher) => (
        <code key={matcher} className={classes.matcher}>
          {matcher}
        </code>
      ))}
    </span>
  );
}
