/** Queries that the pages about alerts share, each under one key, refreshed together. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { fetchAttempts } from "../api/alerting";
import { fetchAlertGroups, fetchHeldAlerts, fetchSilences } from "../api/alertmanager";
import { queryInstant } from "../api/query";
import { fetchRules } from "../api/rules";
import { mergeAlerts } from "./alerts";

const REFRESH_MS = 5_000;
const ATTEMPTS_MAX = 500;
/** How long alerts stay listed after they ended. */
export const RESOLVED_LATELY = "1h";

/** The head of every key here; to invalidate it is to refresh everything about alerts. */
export const ALERTING_KEY = "alerting";

export function useRules(refreshMs = REFRESH_MS) {
  return useQuery({
    queryKey: [ALERTING_KEY, "rules"],
    queryFn: ({ signal }) => fetchRules(signal),
    refetchInterval: refreshMs,
  });
}

export function useHeldAlerts(filter: readonly string[] = [], enabled = true) {
  return useQuery({
    queryKey: [ALERTING_KEY, "held", filter],
    queryFn: ({ signal }) => fetchHeldAlerts(filter, signal),
    enabled,
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export function useAlertGroups() {
  return useQuery({
    queryKey: [ALERTING_KEY, "groups"],
    queryFn: ({ signal }) => fetchAlertGroups(signal),
    refetchInterval: REFRESH_MS,
  });
}

export function useSilences() {
  return useQuery({
    queryKey: [ALERTING_KEY, "silences"],
    queryFn: ({ signal }) => fetchSilences(signal),
    refetchInterval: REFRESH_MS,
  });
}

export function useAttempts() {
  return useQuery({
    queryKey: [ALERTING_KEY, "attempts"],
    queryFn: ({ signal }) => fetchAttempts(ATTEMPTS_MAX, signal),
    refetchInterval: REFRESH_MS,
  });
}

/** Series of firing alerts that have been there lately, with the time of their last sample. */
function useFiringLately(enabled: boolean) {
  const expr = `max_over_time(timestamp(ALERTS{alertstate="firing"})[${RESOLVED_LATELY}:30s])`;
  return useQuery({
    queryKey: [ALERTING_KEY, "lately"],
    queryFn: async ({ signal }) =>
      (await queryInstant(expr, Date.now() / 1000, {}, signal)).data.samples,
    enabled,
    refetchInterval: 4 * REFRESH_MS,
  });
}

/** All alerts that are known of; partial or of a while ago where one of the sources fails. */
export function useAlerts({ withResolved = true } = {}) {
  const rules = useRules();
  const held = useHeldAlerts();
  const lately = useFiringLately(withResolved);
  const alerts = useMemo(
    () => mergeAlerts(rules.data ?? [], held.data ?? [], withResolved ? lately.data : []),
    [rules.data, held.data, lately.data, withResolved],
  );
  return {
    alerts,
    isPending: rules.isPending || held.isPending,
    /** What failed; where there was something older, that is still among the alerts. */
    errors: [rules, held, lately].flatMap(({ error }) => error ?? []),
    hasAlertmanager: held.data !== null,
    /** Whether any rule could fire. */
    hasRules: (rules.data ?? []).some((group) =>
      group.rules.some(({ type }) => type === "alerting"),
    ),
    groups: rules.data ?? [],
  };
}
