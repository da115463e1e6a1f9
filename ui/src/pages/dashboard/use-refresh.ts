/** Asks all panels on the screen anew: when told to, and in the dashboard's interval. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";

export function useRefresh(uid: string | undefined, refreshMs: number | false): () => void {
  const queryClient = useQueryClient();
  const refresh = useCallback(
    () =>
      void queryClient.invalidateQueries({
        queryKey: ["dashboard", uid],
        predicate: ({ queryKey }) => queryKey[2] !== "variables",
      }),
    [queryClient, uid],
  );
  useEffect(() => {
    if (refreshMs === false) return;
    // All panels at once, so that their graphs end at the same moment.
    const timer = setInterval(() => {
      if (!document.hidden) refresh();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refreshMs, refresh]);
  return refresh;
}
