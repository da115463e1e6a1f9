/** Which targets the page shows, and in what order. */
import { type Target, type TargetHealth, targetHealths } from "../../api/targets";

export type HealthFilter = TargetHealth | "all";

export interface TargetFilter {
  health: HealthFilter;
  /** Words, each of which must occur in the address, a label or the error. */
  search: string;
  pool: string | null;
}

export function readHealth(text: string | null): HealthFilter {
  return targetHealths.find((health) => health === text) ?? "all";
}

export function filterTargets(targets: readonly Target[], filter: TargetFilter): Target[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return targets.filter((target) => {
    if (filter.health !== "all" && target.health !== filter.health) return false;
    if (filter.pool !== null && target.scrapePool !== filter.pool) return false;
    const text = searchable(target);
    return words.every((word) => text.includes(word));
  });
}

/** By pool; within one, those in trouble come first. */
export function groupByPool(targets: readonly Target[]): [string, Target[]][] {
  const pools = new Map<string, Target[]>();
  for (const target of targets) {
    const pool = pools.get(target.scrapePool);
    if (pool) pool.push(target);
    else pools.set(target.scrapePool, [target]);
  }
  const urgency: Record<TargetHealth, number> = { down: 0, unknown: 1, up: 2 };
  return [...pools]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, members]) => [
      name,
      members.toSorted(
        (a, b) =>
          urgency[a.health] - urgency[b.health] ||
          a.scrapeUrl.localeCompare(b.scrapeUrl, "en", { numeric: true }),
      ),
    ]);
}

function searchable({ scrapeUrl, labels, lastError }: Target): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return [scrapeUrl, ...pairs, lastError].join(" ").toLowerCase();
}
