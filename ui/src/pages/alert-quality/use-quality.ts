/** The report's data: what `ALERTS` tells of a range, and notifications by receiver. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { qualityQueries, reportQuality } from "../../alerting/quality";
import { ALERTING_KEY, useRules } from "../../alerting/use-alerts";
import { type InstantSample, queryInstant } from "../../api/query";
import { parseDuration } from "../../lib/duration";

export const REPORT_RANGES = ["1d", "7d", "30d"] as const;
export type ReportRange = (typeof REPORT_RANGES)[number];

/** The queries read a lot, and a week changes slowly. */
const REFRESH_MS = 300_000;

export function useQuality(range: ReportRange) {
  const rangeSeconds = parseDuration(range) ?? NaN;
  const rules = useRules(REFRESH_MS);
  const past = useQuery({
    queryKey: [ALERTING_KEY, "quality", range],
    queryFn: async ({ signal }) => {
      const { stepSeconds, ...queries } = qualityQueries(rangeSeconds);
      const now = Date.now() / 1000;
      const ask = async (expr: string) => (await queryInstant(expr, now, {}, signal)).data.samples;
      const [begins, firing, watched] = await Promise.all(
        [queries.begins, queries.firing, queries.watched].map(ask),
      );
      return {
        begins: begins ?? [],
        firing: firing ?? [],
        watchedSteps: watched?.[0]?.value ?? 0,
        stepSeconds,
        rangeSeconds,
      };
    },
    refetchInterval: REFRESH_MS,
    staleTime: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const report = useMemo(
    () => past.data && reportQuality({ ...past.data, groups: rules.data ?? [] }),
    [past.data, rules.data],
  );
  return {
    report,
    watchedSeconds: past.data && past.data.watchedSteps * past.data.stepSeconds,
    isPending: past.isPending || rules.isPending,
    error: past.error ?? rules.error,
    /** What is shown is of the range before. */
    isStale: past.isPlaceholderData,
  };
}

export interface ReceiverNoise {
  receiver: string;
  integration: string;
  sent: number;
  failed: number;
}

export function useReceiverNoise(range: ReportRange) {
  return useQuery({
    queryKey: [ALERTING_KEY, "noise", range],
    queryFn: async ({ signal }) => {
      const now = Date.now() / 1000;
      const ask = async (metric: string) => {
        const expr = `sum by (receiver, integration) (increase(${metric}[${range}]))`;
        return (await queryInstant(expr, now, {}, signal)).data.samples;
      };
      const [sent, failed] = await Promise.all([
        ask("bellwether_notifications_sent_total"),
        ask("bellwether_notifications_failed_total"),
      ]);
      return noiseOf(sent, failed);
    },
    refetchInterval: REFRESH_MS,
    staleTime: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

/** The noisiest first; receivers that were never told anything are left out. */
export function noiseOf(
  sent: readonly InstantSample[],
  failed: readonly InstantSample[],
): ReceiverNoise[] {
  const found = new Map<string, ReceiverNoise>();
  const add = (samples: readonly InstantSample[], field: "sent" | "failed") => {
    for (const { labels, value = 0 } of samples) {
      const { receiver = "", integration = "" } = labels;
      const key = JSON.stringify([receiver, integration]);
      const noise = found.get(key) ?? { receiver, integration, sent: 0, failed: 0 };
      noise[field] += Math.round(value);
      found.set(key, noise);
    }
  };
  add(sent, "sent");
  add(failed, "failed");
  return [...found.values()]
    .filter((noise) => noise.sent + noise.failed > 0)
    .sort((a, b) => b.sent + b.failed - (a.sent + a.failed));
}
