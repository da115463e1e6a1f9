/** What is scraped, and how the last scrape of each target went: /targets. */
import { array, number, object, oneOf, optional, record, string, withDefault } from "../lib/decode";
import { call } from "./http";

export const targetHealths = ["up", "down", "unknown"] as const;
export type TargetHealth = (typeof targetHealths)[number];

const activeTarget = object({
  discoveredLabels: record(string),
  labels: record(string),
  scrapePool: string,
  scrapeUrl: string,
  /** Empty when the last scrape went well. */
  lastError: string,
  /** RFC 3339; year 1 before the first scrape. */
  lastScrape: string,
  /** Seconds. */
  lastScrapeDuration: number,
  health: oneOf(...targetHealths),
  /** A duration like `5s`. */
  scrapeInterval: withDefault(string, ""),
  scrapeTimeout: withDefault(string, ""),
});

const droppedTarget = object({ discoveredLabels: record(string) });

const targets = object({
  activeTargets: array(activeTarget),
  droppedTargets: array(droppedTarget),
  droppedTargetCounts: optional(record(number)),
});

export type Target = ReturnType<typeof activeTarget>;
export type Targets = ReturnType<typeof targets>;

export async function fetchTargets(signal?: AbortSignal): Promise<Targets> {
  return (await call("/targets", {}, targets, signal)).data;
}
