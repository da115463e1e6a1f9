/** Says that the server is gone, for as long as it is. */
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useConnection } from "../../api/connection";
import { fetchBuildInfo } from "../../api/status";
import classes from "./ConnectionBanner.module.css";

const RETRY_MS = 3_000;

export function ConnectionBanner() {
  const lost = useConnection() === "lost";
  // While the server is gone this is what notices its return, on pages that ask for nothing.
  useQuery({
    queryKey: ["connection"],
    queryFn: ({ signal }) => fetchBuildInfo(signal),
    enabled: lost,
    refetchInterval: RETRY_MS,
    retry: false,
  });
  if (!lost) return null;
  return (
    <div className={classes.banner} role="status">
      <IconPlugConnectedX size={18} stroke={1.8} aria-hidden="true" />
      <span>
        <strong>Connection lost.</strong> What you see is the last that was known; trying again
        every few seconds.
      </span>
    </div>
  );
}
