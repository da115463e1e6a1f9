/** Which bundled dashboards have something to show: each is known by a metric that it cannot do without. */
import { useQuery } from "@tanstack/react-query";
import { fetchLabelValues } from "../../api/labels";

const KEY_METRICS: readonly [uid: string, metric: string][] = [
  ["service-overview", "up"],
  ["system-resources", "node_cpu_seconds_total"],
  ["auth-service", "successful_logins_total"],
  ["iot-fleet", "iot_emulator_devices_active_count"],
  ["postgresql", "pg_up"],
  ["redis", "redis_up"],
  ["mqtt-broker", "broker_clients_connected"],
  ["bellwether", "bellwether_head_series"],
  ["cardinality", "up"],
];
const LOOKBACK_SECONDS = 3_600;
const REFRESH_MS = 60_000;

/** Uids in the order above; none until the server has said. */
export function useOffered(): string[] {
  const { data } = useQuery({
    queryKey: ["key metrics"],
    refetchInterval: REFRESH_MS,
    queryFn: ({ signal }) => {
      const end = Math.ceil(Date.now() / 1000);
      const metrics = [...new Set(KEY_METRICS.map(([, metric]) => metric))];
      const match = [`{__name__=~"${metrics.join("|")}"}`];
      return fetchLabelValues("__name__", { match, start: end - LOOKBACK_SECONDS, end }, signal);
    },
  });
  return offeredFor(data ?? []);
}

export function offeredFor(metrics: readonly string[]): string[] {
  return KEY_METRICS.filter(([, metric]) => metrics.includes(metric)).map(([uid]) => uid);
}
