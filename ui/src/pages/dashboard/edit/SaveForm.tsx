/** Saves a dashboard under its title, with a word on what was changed; or saves a copy of it. */
import { Button, Group, Skeleton, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useNavigate } from "react-router";
import { fetchDashboard, type FoundDashboard, saveDashboard } from "../../../api/dashboards";
import { ApiError } from "../../../api/http";
import { ErrorNote } from "../../../components/ErrorNote";
import { exportDashboard } from "../../../dashboard/model/parse";
import { type JsonObject, obj, without } from "../../../lib/json";
import { dashboardLink } from "../../../dashboard/find";
import { FolderSelect } from "../../dashboards/FolderSelect";
import { forgetDashboards, useDashboards } from "../../../api/use-dashboards";
import { SETTLED } from "./EditBar";
import type { Draft } from "../use-draft";
import { DiffView } from "./DiffView";
import classes from "./PanelEditor.module.css";

interface Props {
  draft: Draft;
  found: FoundDashboard;
  asCopy: boolean;
  onSaved: () => void;
}

interface Sent {
  asCopy: boolean;
  overwrite: boolean;
}

export function SaveForm({ draft, found, asCopy, onSaved }: Props) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { dashboard } = draft;
  const { data: all } = useDashboards();
  const [title, setTitle] = useState(asCopy ? `${dashboard.title} (copy)` : dashboard.title);
  const [tags, setTags] = useState(dashboard.tags);
  // A provisioned folder takes no copies.
  const [folderUid, setFolderUid] = useState(found.isProvisioned ? undefined : found.folderUid);
  const [message, setMessage] = useState("");
  const named = { ...exportDashboard(dashboard), title, tags };
  const save = useMutation({
    mutationFn: (sent: Sent) =>
      saveDashboard({
        dashboard: sent.asCopy
          ? without(named, "uid", "id", "version")
          : { ...named, ...(dashboard.uid && { uid: dashboard.uid }), version: found.version },
        folderUid,
        overwrite: sent.overwrite,
        message,
      }),
    onSuccess: async ({ uid }) => {
      await forgetDashboards(queryClient, uid);
      draft.discard();
      onSaved();
      if (uid !== dashboard.uid) void navigate(dashboardLink({ uid, title }), { state: SETTLED });
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate({ asCopy, overwrite: false });
  };
  const conflict = save.error instanceof ApiError ? save.error.errorType : undefined;
  return (
    <form className={classes.controls} onSubmit={submit}>
      {asCopy && found.isProvisioned && (
        <p className={classes.note}>
          This dashboard comes from a file, so that your changes go into a copy.
        </p>
      )}
      <TextInput label="Title" value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
      {all && all.folders.length > 0 && (
        <FolderSelect folders={all.folders} value={folderUid} onChange={setFolderUid} />
      )}
      <TagsInput label="Tags" value={tags} onChange={setTags} />
      <TextInput
        label="What was changed"
        value={message}
        onChange={(e) => setMessage(e.currentTarget.value)}
      />
      {save.error && <ErrorNote error={save.error} />}
      {conflict === "version-mismatch" && dashboard.uid !== undefined && (
        <>
          <Theirs uid={dashboard.uid} mine={named} />
          <Group gap="xs">
            <Button
              variant="default"
              onClick={() => save.mutate({ asCopy: false, overwrite: true })}
            >
              Save mine over it
            </Button>
            <Button
              variant="default"
              onClick={() => save.mutate({ asCopy: true, overwrite: false })}
            >
              Save mine as a copy
            </Button>
          </Group>
        </>
      )}
      {conflict === "name-exists" && <p className={classes.note}>Choose another title.</p>}
      {conflict !== "version-mismatch" && (
        <Button type="submit" disabled={title.trim() === ""} loading={save.isPending}>
          {asCopy ? "Save the copy" : "Save"}
        </Button>
      )}
    </form>
  );
}

/** What the other one saved meanwhile, against what would be saved now. */
function Theirs({ uid, mine }: { uid: string; mine: JsonObject }) {
  const { data, error } = useQuery({
    queryKey: ["dashboard of somebody else", uid],
    gcTime: 0,
    queryFn: ({ signal }) => fetchDashboard(uid, signal),
  });
  if (error) return <ErrorNote error={error} />;
  if (!data) return <Skeleton height={80} />;
  return (
    <section aria-label="What differs">
      <p className={classes.note}>Saving yours would change this of theirs:</p>
      <DiffView before={obj(data.json)} after={mine} />
    </section>
  );
}
