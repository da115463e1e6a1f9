/** A list of dashboards: starred ones, those in a folder or with tags. */
import { Skeleton } from "@mantine/core";
import { IconStarFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import type { DashboardHit } from "../../api/dashboards";
import { useDashboards } from "../../api/use-dashboards";
import { ErrorNote } from "../../components/ErrorNote";
import { dashboardLink, findHits } from "../../dashboard/find";
import { bool, filled, type JsonObject, num, str, strs } from "../../lib/json";
import classes from "../ListPanel.module.css";
import { Unsupported } from "../NoData";
import type { PanelProps } from "../panel-props";

const MAX = 10;

export default function DashListPanel({ options, height, show }: PanelProps) {
  const { data, error } = useDashboards();
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Skeleton height={height - 4} radius="md" role="img" aria-label="Loading" />;
  const groups = listedDashboards(data.dashboards, options, (text) => show.interpolate(text, {}));
  if (groups.every(({ hits }) => hits.length === 0)) {
    return <Unsupported what="No dashboards to list." />;
  }
  const withHeadings = bool(options.showHeadings, true) && groups.length > 1;
  return (
    <div style={{ height, overflowY: "auto" }} tabIndex={0} role="region" aria-label="Dashboards">
      {groups.map(({ title, hits }) => (
        <section key={title}>
          {withHeadings && hits.length > 0 && <h3 className={classes.heading}>{title}</h3>}
          <ul className={classes.list} style={{ height: "auto" }}>
            {hits.map((hit) => (
              <li key={hit.uid}>
                <Link to={dashboardLink(hit)} className={classes.main}>
                  {hit.title}
                </Link>
                <span className={classes.aside}>
                  {bool(options.showFolderNames, true) ? hit.folder : ""}
                </span>
                {hit.isStarred && <IconStarFilled size={13} aria-label="Starred" />}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

export function listedDashboards(
  all: readonly DashboardHit[],
  options: JsonObject,
  interpolate: (text: string) => string,
): { title: string; hits: DashboardHit[] }[] {
  const most = num(options.maxItems, MAX);
  const groups: { title: string; hits: DashboardHit[] }[] = [];
  if (bool(options.showStarred, true)) {
    groups.push({ title: "Starred", hits: all.filter((h) => h.isStarred).slice(0, most) });
  }
  if (bool(options.showSearch)) {
    const folder = filled(options.folderUID);
    const hits = findHits(all, interpolate(str(options.query, "")), strs(options.tags));
    groups.push({
      title: "Found",
      hits: hits
        .filter(({ folderUid }) => folder === undefined || folderUid === folder)
        .slice(0, most),
    });
  }
  return groups;
}
