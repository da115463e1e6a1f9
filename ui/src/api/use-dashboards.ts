/** All dashboards and folders there are, and what to do once they have changed. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { searchDashboards } from "./dashboards";

const KEY = ["dashboards"];

export function useDashboards() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => searchDashboards(signal) });
}

/** After something was saved, moved or deleted. */
export async function forgetDashboards(queryClient: QueryClient, uid?: string): Promise<void> {
  const forgotten = [queryClient.invalidateQueries({ queryKey: KEY })];
  if (uid !== undefined) {
    forgotten.push(queryClient.invalidateQueries({ queryKey: ["dashboard json", uid] }));
    forgotten.push(queryClient.invalidateQueries({ queryKey: ["dashboard versions", uid] }));
  }
  await Promise.all(forgotten);
}
