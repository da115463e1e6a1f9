/** How server data is cached: briefly, and without hammering a server that said no. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./http";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        gcTime: 60_000,
        refetchOnWindowFocus: true,
        // The connection banner tells about a lost server; asking again is the interval's work.
        networkMode: "always",
        retry: (failures, error) =>
          failures < 1 && !(error instanceof ApiError && error.kind !== "unreachable"),
        retryDelay: 1_000,
      },
    },
  });
}
