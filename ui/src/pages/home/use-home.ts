/** What the home page looks at: which hosts there are, since when there is data, how often it comes. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { queryInstant } from "../../api/query";
import { fetchTargets } from "../../api/targets";
import { type RangeAnswers, type RangeView, useRange } from "../../api/use-range";
import { formatDuration, parseDuration } from "../../lib/duration";
import { gridTimes, niceStep } from "../../lib/grid";
import { usePreferences } from "../../lib/preferences";
import { resolveRange, type Span } from "../../lib/timerange";
import type { TimeParams } from "../../lib/use-time-params";
import type { Host } from "./host-queries";

const SCRAPE_INTERVAL_FALLBACK_SECONDS = 5;
/** A graph of the first seconds still wants an axis that one can read. */
const SPAN_MIN_SECONDS = 60;
/** Until the first scrapes are in, look for them often. */
const WAITING_MS = 1_500;
/** Where data begins changes seldom, once there is some. */
const SETTLED_MS = 30_000;

export function useTargets(refreshMs: number | false) {
  return useQuery({
    queryKey: ["targets"],
    queryFn: ({ signal }) => fetchTargets(signal),
    refetchInterval: refreshMs,
  });
}

/** Hosts that send node_exporter's metrics, by name. */
export function useHosts(refreshMs: number | false) {
  return useQuery<Host[]>({
    queryKey: ["hosts"],
    refetchInterval: ({ state }) => (state.data?.length ? refreshMs : WAITING_MS),
    queryFn: async ({ signal }) => {
      const answer = await queryInstant("node_uname_info", Date.now() / 1000, {}, signal);
      return answer.data.samples
        .map(({ labels }) => ({
          instance: labels.instance ?? "",
          job: labels.job ?? "",
          name: labels.nodename ?? labels.instance ?? "",
          release: labels.release ?? "",
          machine: labels.machine ?? "",
        }))
        .sort((a, b) => a.name.localeCompare(b.name));
    },
  });
}

export function useChosenHost(hosts: readonly Host[] | undefined) {
  const [params, setParams] = useSearchParams();
  const wanted = params.get("host");
  const host = hosts?.find(({ instance }) => instance === wanted) ?? hosts?.[0];
  const choose = (instance: string) =>
    setParams((old) => {
      old.set("host", instance);
      return old;
    });
  return { host, choose };
}

export interface HomeView extends RangeView {
  /** The range of rates, in PromQL's notation. */
  window: string;
  spanOf: (answers: RangeAnswers) => Span;
  /** The first scrapes have only just come in: what is missing may still be on its way. */
  young: boolean;
}

/** The view that panels share; it begins where data begins, if that is later than the range. */
export function useHomeView(time: TimeParams, hosts: readonly Host[] | undefined): HomeView {
  const { zone } = usePreferences();
  const targets = useTargets(time.refreshMs);
  const scrapeSeconds = useMemo(
    () => shortestInterval(targets.data?.activeTargets.map((t) => t.scrapeInterval) ?? []),
    [targets.data],
  );
  const [settled, setSettled] = useState(false);
  const { data: scrapes, dataUpdatedAt } = useRange(
    ["count(up)"],
    {
      range: time.range,
      stepMin: 1,
      pointsWanted: 900,
      refreshMs: settled ? SETTLED_MS : eager(time.refreshMs),
    },
    hosts !== undefined,
  );
  const begin = scrapes ? dataStart(scrapes) : undefined;
  const nothingYet = scrapes?.answers[0]?.length === 0;
  const young =
    nothingYet || (begin !== undefined && dataUpdatedAt / 1000 - begin < SPAN_MIN_SECONDS);
  if (scrapes && settled === young) setSettled(!young);

  return useMemo(() => {
    const span = resolveRange(time.range, Date.now(), zone);
    const range =
      begin === undefined ? time.range : { from: String(begin * 1000), to: time.range.to };
    const from = begin ?? span?.start ?? 0;
    // Young data is looked at between scrapes, so that none is waited for.
    const stepMin = young ? 1 : scrapeSeconds;
    const step = niceStep((span?.end ?? 0) - from, stepMin);
    return {
      range,
      stepMin,
      refreshMs: young ? eager(time.refreshMs) : time.refreshMs,
      window: formatDuration(Math.max(4 * scrapeSeconds, step + scrapeSeconds)),
      spanOf: ({ grid }) => ({
        start: grid.start,
        end: Math.max(grid.end, grid.start + SPAN_MIN_SECONDS),
      }),
      young,
    };
  }, [time.range, time.refreshMs, zone, begin, young, scrapeSeconds]);
}

function eager(refreshMs: number | false): number | false {
  return refreshMs === false ? false : Math.min(refreshMs, WAITING_MS);
}

/** Seconds; undefined when data covers the whole range, or there is none. */
export function dataStart({ grid, answers }: RangeAnswers): number | undefined {
  const values = answers[0]?.[0]?.values;
  const first = values?.findIndex((value) => !Number.isNaN(value)) ?? -1;
  // One point late is only the alignment of the grid.
  return first > 1 ? gridTimes(grid)[first - 1] : undefined;
}

function shortestInterval(intervals: readonly string[]): number {
  const seconds = intervals.map(parseDuration).filter((s) => s !== undefined && s > 0) as number[];
  return seconds.length > 0 ? Math.min(...seconds) : SCRAPE_INTERVAL_FALLBACK_SECONDS;
}
