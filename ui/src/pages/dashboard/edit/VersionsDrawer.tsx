/** Earlier versions of a dashboard: who saved what, how two differ, and the way back to one. */
import { Button, Drawer, Radio, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type DashboardVersion, fetchVersion, fetchVersions } from "../../../api/versions";
import { restoreVersion } from "../../../api/versions";
import { ErrorNote } from "../../../components/ErrorNote";
import type { JsonObject } from "../../../lib/json";
import { usePreferences } from "../../../lib/preferences";
import { formatTime } from "../../../lib/timerange";
import { forgetDashboards } from "../../../api/use-dashboards";
import { DiffView } from "./DiffView";
import classes from "./VersionsDrawer.module.css";

interface Props {
  uid: string;
  canRestore: boolean;
  onClose: () => void;
}

export function VersionsDrawer({ uid, canRestore, onClose }: Props) {
  const queryClient = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["dashboard versions", uid],
    queryFn: ({ signal }) => fetchVersions(uid, signal),
  });
  const [chosen, setChosen] = useState<{ older?: number; newer?: number }>({});
  const newer = chosen.newer ?? data?.[0]?.version;
  const older = chosen.older ?? data?.[1]?.version;
  const restore = useMutation({
    mutationFn: (version: number) => restoreVersion(uid, version),
    onSuccess: async () => {
      await forgetDashboards(queryClient, uid);
      onClose();
    },
  });
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title="Versions">
      {error && <ErrorNote error={error} />}
      {!data && !error && <Skeleton height={160} />}
      {data && (
        <div className={classes.scroller} tabIndex={0} role="region" aria-label="All versions">
          <table className={classes.versions}>
            <thead>
              <tr>
                <th>From</th>
                <th>To</th>
                <th>Version</th>
                <th>Saved</th>
                <th>What was changed</th>
              </tr>
            </thead>
            <tbody>
              {data.map((one) => (
                <VersionRow
                  key={one.version}
                  version={one}
                  isOlder={one.version === older}
                  isNewer={one.version === newer}
                  onOlder={() => setChosen({ ...chosen, older: one.version })}
                  onNewer={() => setChosen({ ...chosen, newer: one.version })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data?.length === 1 && <p>There is one version only.</p>}
      {older !== undefined && newer !== undefined && older !== newer && (
        <section className={classes.compared}>
          <h3>
            From version {older} to {newer}
          </h3>
          <Compared uid={uid} older={older} newer={newer} />
          {restore.error && <ErrorNote error={restore.error} />}
          {canRestore && (
            <Button loading={restore.isPending} onClick={() => restore.mutate(older)}>
              Restore version {older}
            </Button>
          )}
        </section>
      )}
    </Drawer>
  );
}

interface RowProps {
  version: DashboardVersion;
  isOlder: boolean;
  isNewer: boolean;
  onOlder: () => void;
  onNewer: () => void;
}

function VersionRow({ version, isOlder, isNewer, onOlder, onNewer }: RowProps) {
  const { zone } = usePreferences();
  const { created, createdBy, message } = version;
  return (
    <tr>
      <td>
        <Radio
          size="xs"
          aria-label={`Compare from version ${version.version}`}
          checked={isOlder}
          onChange={onOlder}
        />
      </td>
      <td>
        <Radio
          size="xs"
          aria-label={`Compare to version ${version.version}`}
          checked={isNewer}
          onChange={onNewer}
        />
      </td>
      <td>{version.version}</td>
      <td>
        {created !== "" && formatTime(Date.parse(created), zone)}
        {createdBy !== "" && <small> {createdBy}</small>}
      </td>
      <td>{message}</td>
    </tr>
  );
}

function Compared({ uid, older, newer }: { uid: string; older: number; newer: number }) {
  const before = useVersion(uid, older);
  const after = useVersion(uid, newer);
  const error = before.error ?? after.error;
  if (error) return <ErrorNote error={error} />;
  if (!before.data || !after.data) return <Skeleton height={120} />;
  return <DiffView before={before.data as JsonObject} after={after.data as JsonObject} />;
}

function useVersion(uid: string, version: number) {
  return useQuery({
    queryKey: ["dashboard version", uid, version],
    staleTime: Infinity,
    queryFn: ({ signal }) => fetchVersion(uid, version, signal),
  });
}
