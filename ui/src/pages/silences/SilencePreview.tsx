/** Which of the alerts that there are now a silence would match, while it is being written. */
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useHeldAlerts } from "../../alerting/use-alerts";
import { ErrorNote } from "../../components/ErrorNote";
import { formatMatcher, type Matcher, parseMatchers } from "../../lib/matchers";
import { reachOf } from "./draft";
import { Matched } from "./SilenceCard";
import classes from "./SilenceForm.module.css";

const DEBOUNCE_MS = 300;

export function SilencePreview({ matchers }: { matchers: readonly Matcher[] }) {
  const typed = JSON.stringify(matchers.map(formatMatcher));
  const [settled] = useDebouncedValue(typed, DEBOUNCE_MS);
  const filter = JSON.parse(settled) as string[];
  const isReadable = filter.every((text) => parseMatchers(text).error === undefined);
  const all = useHeldAlerts();
  const matched = useHeldAlerts(filter, isReadable);
  const reach =
    all.data && matched.data ? reachOf(matched.data.length, all.data.length) : undefined;
  return (
    <section
      className={classes.preview}
      aria-label="Preview"
      aria-busy={typed !== settled || matched.isPlaceholderData}
    >
      <h2>
        Matches now
        {matched.data && (
          <span>
            {matched.data.length} of {all.data?.length ?? "?"} alerts
          </span>
        )}
      </h2>
      {matched.error && !matched.data && <ErrorNote error={matched.error} />}
      {reach === "everything" && (
        <p className={classes.warning} role="status">
          <IconAlertTriangle size={17} aria-hidden="true" />
          This matches every alert that there is. Add a matcher to keep the others heard.
        </p>
      )}
      {reach === "nothing" && (
        <p className={classes.warning} role="status">
          <IconAlertTriangle size={17} aria-hidden="true" />
          This matches no alert that there is now. It will keep quiet those to come.
        </p>
      )}
      {matched.data && matched.data.length > 0 && <Matched alerts={matched.data} />}
    </section>
  );
}
