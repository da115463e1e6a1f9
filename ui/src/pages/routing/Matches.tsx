/** Where the labels under test lead. */
import type { RouteMatch } from "../../api/alerting";
import { LabelList } from "../../components/alerts/LabelList";
import classes from "./RoutingPage.module.css";

export function Matches({ matches }: { matches: readonly RouteMatch[] }) {
  if (matches.length === 0) return <p className={classes.hint}>No route takes these labels.</p>;
  return (
    <ol className={classes.matches} aria-label="Receivers for these labels">
      {matches.map(({ id, receiver, groupLabels, mutedBy }) => (
        <li key={id}>
          <span>
            Goes to <strong>{receiver || "no receiver"}</strong>
          </span>
          {Object.keys(groupLabels).length > 0 && (
            <span>
              grouped by <LabelList labels={groupLabels} />
            </span>
          )}
          {mutedBy.length > 0 && <em>muted now by {mutedBy.join(", ")}</em>}
        </li>
      ))}
    </ol>
  );
}
