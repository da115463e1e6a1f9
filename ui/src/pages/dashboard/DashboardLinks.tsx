/** Links from a dashboard to other places, or to all dashboards with a tag. */
import { Anchor } from "@mantine/core";
import { IconExternalLink, IconTag } from "@tabler/icons-react";
import { Link } from "react-router";
import type { DashboardLink } from "../../dashboard/model/types";
import { interpolate, type Scope } from "../../dashboard/variables/interpolate";
import { safeUrl } from "../../lib/safe-url";
import type { TimeRange } from "../../lib/timerange";
import classes from "./DashboardLinks.module.css";

interface Props {
  links: readonly DashboardLink[];
  scope: Scope;
  range: TimeRange;
}

export function DashboardLinks({ links, scope, range }: Props) {
  return links.map((link) => {
    const title = interpolate(link.title, scope, "text");
    if (link.tags.length > 0) {
      const search = new URLSearchParams(link.tags.map((tag) => ["tag", tag]));
      return (
        <Link key={title} to={`/dashboards?${search.toString()}`} className={classes.link}>
          <IconTag size={14} aria-hidden="true" />
          {title}
        </Link>
      );
    }
    const href = safeUrl(withContext(interpolate(link.url, scope, "plain"), link, scope, range));
    if (href === undefined) return null;
    return (
      <Anchor
        key={title + href}
        href={href}
        className={classes.link}
        underline="never"
        {...(link.newTab ? { target: "_blank", rel: "noopener noreferrer" } : {})}
      >
        <IconExternalLink size={14} aria-hidden="true" />
        {title}
      </Anchor>
    );
  });
}

/** Time range and variables travel along where the link says so. */
function withContext(url: string, link: DashboardLink, scope: Scope, range: TimeRange): string {
  const params = new URLSearchParams(link.keepTime ? { from: range.from, to: range.to } : {});
  if (link.keepVariables) {
    for (const [name, chosen] of Object.entries(scope)) {
      if (typeof chosen !== "object") continue;
      for (const value of chosen.values) params.append(`var-${name}`, value);
    }
  }
  const query = params.toString();
  if (query === "" || url === "") return url;
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}
