/** How often data come: the interval that most targets are scraped at. */
import { useQuery } from "@tanstack/react-query";
import { fetchTargets } from "../../api/targets";
import { parseDuration } from "../../lib/duration";

const FALLBACK_SECONDS = 15;

/** Undefined while it is being asked; a server that cannot say is taken at the common interval. */
export function useScrapeSeconds(): number | undefined {
  const { data, isError } = useQuery({
    queryKey: ["scrape interval"],
    staleTime: 300_000,
    queryFn: async ({ signal }) =>
      commonInterval((await fetchTargets(signal)).activeTargets.map((t) => t.scrapeInterval)),
  });
  return data ?? (isError ? FALLBACK_SECONDS : undefined);
}

/** The most frequent one; of several, the longest, as a rate over too short a window is empty. */
export function commonInterval(intervals: readonly string[]): number {
  const counts = new Map<number, number>();
  for (const text of intervals) {
    const seconds = parseDuration(text);
    if (seconds !== undefined && seconds > 0) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  }
  const [best] = [...counts].sort(([a, x], [b, y]) => y - x || b - a);
  return best?.[0] ?? FALLBACK_SECONDS;
}
