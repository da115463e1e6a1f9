/** Dashboards to go to from here: those with a star, then those that the data there are for. */
import { IconLayoutDashboard, IconStarFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import { useDashboards } from "../../api/use-dashboards";
import { dashboardLink } from "../../dashboard/find";
import { Panel } from "../../panels/Panel";
import classes from "./DashboardsPanel.module.css";
import { useOffered } from "./offered";

const SHOWN_MAX = 14;

export function DashboardsPanel() {
  const { data, error, isPending } = useDashboards();
  const offered = useOffered();
  const all = data?.dashboards ?? [];
  const starred = all.filter(({ isStarred }) => isStarred);
  const others = offered.flatMap(
    (uid) => all.find((one) => one.uid === uid && !one.isStarred) ?? [],
  );
  const shown = [...starred, ...others].slice(0, SHOWN_MAX);
  return (
    <Panel
      title="Dashboards"
      corner={
        <Link to="/dashboards" className={classes.all}>
          All
        </Link>
      }
      loading={isPending}
      error={data ? null : error}
      empty={shown.length === 0 ? "Dashboards that suit your data appear here." : undefined}
      height={170}
    >
      <ul className={classes.list}>
        {shown.map((hit) => (
          <li key={hit.uid}>
            <Link to={dashboardLink(hit)}>
              {hit.isStarred ? (
                <IconStarFilled size={15} aria-label="Starred" />
              ) : (
                <IconLayoutDashboard size={15} stroke={1.7} aria-hidden="true" />
              )}
              {hit.title}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
