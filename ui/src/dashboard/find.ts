/** Finding dashboards in a list, and the address at which each opens. */
import type { DashboardHit } from "../api/dashboards";

export function findHits(
  hits: readonly DashboardHit[],
  text: string,
  tags: readonly string[],
): DashboardHit[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return hits.filter((hit) => {
    const searched = `${hit.title} ${hit.tags.join(" ")} ${hit.folder ?? ""}`.toLowerCase();
    return (
      words.every((word) => searched.includes(word)) && tags.every((t) => hit.tags.includes(t))
    );
  });
}

/** The most used first. */
export function tagsOf(hits: readonly DashboardHit[]): string[] {
  const counts = new Map<string, number>();
  for (const { tags } of hits) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)).map(([tag]) => tag);
}

export function dashboardLink({ uid, title }: Pick<DashboardHit, "uid" | "title">): string {
  return `/d/${encodeURIComponent(uid)}/${slug(title)}`;
}

export function slug(title: string): string {
  const plain = title.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  const words = plain.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return words.replace(/^-+|-+$/g, "") || "dashboard";
}
