/**
 * Links into Alertmanager's own page, which notifications and other tools hold: the view stands
 * behind the `#`. Here each leads to the page that shows the same.
 */
import { GROUP_BY_RECEIVER } from "./alerts";

/** The address of the page for a fragment of Alertmanager's; undefined for any other. */
export function pageOfFragment(hash: string): string | undefined {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  const params = new URLSearchParams(query);
  const filter = params.get("filter") ?? "";
  if (path === "/alerts") {
    const next = new URLSearchParams();
    if (filter !== "") next.set("filter", filter);
    if (params.has("receiver")) next.set("by", GROUP_BY_RECEIVER);
    return withQuery("/alerts", next);
  }
  if (path === "/silences/new") {
    return withQuery(
      "/alerts/silences/edit",
      new URLSearchParams(filter === "" ? {} : { match: filter }),
    );
  }
  const edited = /^\/silences\/([\w-]+)(\/edit)?$/.exec(path)?.[1];
  if (edited !== undefined) {
    return withQuery("/alerts/silences/edit", new URLSearchParams({ id: edited }));
  }
  return path === "/silences" ? "/alerts/silences" : undefined;
}

function withQuery(path: string, params: URLSearchParams): string {
  return params.size === 0 ? path : `${path}?${params.toString()}`;
}
