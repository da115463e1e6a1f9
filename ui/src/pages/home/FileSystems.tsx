/** How full each file system is, the fullest first. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { queryInstant } from "../../api/query";
import { format } from "../../lib/format";
import { Panel } from "../../panels/Panel";
import classes from "./FileSystems.module.css";
import type { HostQueries } from "./host-queries";
import type { HomeView } from "./use-home";

interface Props {
  queries: HostQueries;
  view: HomeView;
}

interface FileSystem {
  mountpoint: string;
  sizeBytes: number;
  availableBytes: number;
}

const SHOWN_MAX = 8;

export function FileSystems({ queries, view }: Props) {
  const { data, error, isPending } = useQuery({
    queryKey: ["filesystems", queries.fsSize, queries.fsAvailable],
    refetchInterval: view.refreshMs,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => fetchFileSystems(queries, signal),
  });
  const failed = data === undefined ? error : null;
  return (
    <Panel
      title="File systems"
      subtitle={data && data.length > SHOWN_MAX ? `the ${SHOWN_MAX} fullest` : undefined}
      loading={isPending}
      error={failed}
      empty={data?.length === 0 ? "No file system with a disk behind it." : undefined}
    >
      <ul className={classes.list}>
        {data?.slice(0, SHOWN_MAX).map(({ mountpoint, sizeBytes, availableBytes }) => {
          const full = fullness({ sizeBytes, availableBytes });
          return (
            <li key={mountpoint} data-tone={full > 0.92 ? "bad" : full > 0.8 ? "warn" : "calm"}>
              <div className={classes.line}>
                <span className={classes.mount} title={mountpoint}>
                  {mountpoint}
                </span>
                <span className={classes.free}>
                  {format(availableBytes, "bytes")} free of {format(sizeBytes, "bytes")}
                </span>
                <strong>{format(full, "ratio", 2)}</strong>
              </div>
              <div className={classes.bar}>
                <div style={{ width: `${Math.min(100, full * 100)}%` }} />
              </div>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

async function fetchFileSystems(queries: HostQueries, signal: AbortSignal): Promise<FileSystem[]> {
  const now = Date.now() / 1000;
  const [sizes, available] = await Promise.all([
    queryInstant(queries.fsSize, now, {}, signal),
    queryInstant(queries.fsAvailable, now, {}, signal),
  ]);
  const availableByMount = new Map(
    available.data.samples.map(({ labels, value }) => [labels.mountpoint, value ?? NaN]),
  );
  return sizes.data.samples
    .map(({ labels, value }) => ({
      mountpoint: labels.mountpoint ?? "",
      sizeBytes: value ?? NaN,
      availableBytes: availableByMount.get(labels.mountpoint) ?? NaN,
    }))
    .filter(({ sizeBytes, availableBytes }) => sizeBytes > 0 && !Number.isNaN(availableBytes))
    .sort((a, b) => fullness(b) - fullness(a));
}

function fullness({ sizeBytes, availableBytes }: Omit<FileSystem, "mountpoint">): number {
  return 1 - availableBytes / sizeBytes;
}
