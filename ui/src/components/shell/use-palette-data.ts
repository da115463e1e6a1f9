/** What the palette looks through besides pages and alerts: all of it asked when the palette opens. */
import { useQuery } from "@tanstack/react-query";
import { fetchLabelValues } from "../../api/labels";
import { useDashboards } from "../../api/use-dashboards";
import { useMetrics } from "../../pages/explore/use-metrics";

const SERVICES_MAX = 1_000;
const STALE_MS = 30_000;

export interface Service {
  /** Which label names it. */
  label: "job" | "service_name";
  name: string;
}

export function usePaletteData() {
  const { data: metrics = [] } = useMetrics();
  const { data: found } = useDashboards();
  const { data: services = [] } = useQuery({
    queryKey: ["services"],
    staleTime: STALE_MS,
    queryFn: async ({ signal }): Promise<Service[]> => {
      const scope = { limit: SERVICES_MAX };
      const named = await Promise.all(
        (["job", "service_name"] as const).map(async (label) =>
          (await fetchLabelValues(label, scope, signal)).map((name) => ({ label, name })),
        ),
      );
      return named.flat();
    },
  });
  return { metrics, dashboards: found?.dashboards ?? [], services };
}
