/** A route as a box with its children in it; the way that labels take is marked. */
import type { Route, RouteMatch } from "../../api/alerting";
import { MatcherList } from "../../components/alerts/LabelList";
import classes from "./RouteBox.module.css";

interface Props {
  route: Route;
  /** Undefined when no labels are under test. */
  matches: readonly RouteMatch[] | undefined;
  isRoot?: boolean;
}

export function RouteBox({ route, matches, isRoot = false }: Props) {
  const ends = matches?.some(({ id }) => id === route.id) ?? false;
  const onPath = matches?.some(({ path }) => path.includes(route.id)) ?? false;
  const mark = matches === undefined ? undefined : ends ? "ends" : onPath ? "passes" : "off";
  return (
    <div className={classes.route} data-mark={mark} data-route={route.id}>
      <div className={classes.head}>
        {isRoot && route.matchers.length === 0 ? (
          <span className={classes.all}>All alerts</span>
        ) : (
          <MatcherList matchers={route.matchers.length > 0 ? route.matchers : ["all"]} />
        )}
        <span className={classes.receiver}>
          <span aria-hidden="true">→</span> <strong>{route.receiver}</strong>
        </span>
        {mark === "ends" && <span className={classes.flag}>goes here</span>}
      </div>
      <dl className={classes.timing}>
        <Fact name="Grouped by" value={grouping(route)} />
        <Fact name="Wait" value={route.groupWait} />
        <Fact name="Interval" value={route.groupInterval} />
        <Fact name="Repeat" value={route.repeatInterval} />
        {route.muteTimeIntervals.length > 0 && (
          <Fact name="Muted in" value={route.muteTimeIntervals.join(", ")} />
        )}
        {route.activeTimeIntervals.length > 0 && (
          <Fact name="Only in" value={route.activeTimeIntervals.join(", ")} />
        )}
        {route.continue && <Fact name="Then" value="continues with the next" />}
      </dl>
      {route.routes.length > 0 && (
        <div className={classes.children}>
          {route.routes.map((child) => (
            <RouteBox key={child.id} route={child} matches={matches} />
          ))}
        </div>
      )}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  if (value === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function grouping({ groupBy, groupByAll }: Route): string {
  if (groupByAll) return "every label";
  return groupBy.length > 0 ? groupBy.join(", ") : "nothing: one group";
}
