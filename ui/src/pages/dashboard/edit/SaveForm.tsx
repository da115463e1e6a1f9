/** Saves a dashboard under its title, with a word on what was changed. */
import { Button, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useNavigate } from "react-router";
import { saveDashboard } from "../../../api/dashboards";
import { ApiError } from "../../../api/http";
import { ErrorNote } from "../../../components/ErrorNote";
import { exportDashboard } from "../../../dashboard/model/parse";
import { dashboardLink } from "../../dashboards/find";
import type { Draft } from "../use-draft";
import classes from "./PanelEditor.module.css";

/** Somebody else has saved meanwhile, or another dashboard has this name. */
const CONFLICT = 412;

export function SaveForm({ draft, onSaved }: { draft: Draft; onSaved: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { dashboard } = draft;
  const [title, setTitle] = useState(dashboard.title);
  const [tags, setTags] = useState(dashboard.tags);
  const [message, setMessage] = useState("");
  const save = useMutation({
    mutationFn: ({ overwrite }: { overwrite: boolean }) =>
      saveDashboard({
        dashboard: { ...exportDashboard(dashboard), uid: dashboard.uid, title, tags },
        overwrite,
        message,
      }),
    onSuccess: async ({ uid }) => {
      await queryClient.invalidateQueries({ queryKey: ["dashboard json", uid] });
      void queryClient.invalidateQueries({ queryKey: ["dashboards"] });
      draft.discard();
      onSaved();
      if (uid !== dashboard.uid) void navigate(dashboardLink({ uid, title }));
    },
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate({ overwrite: false });
  };
  const isConflict = save.error instanceof ApiError && save.error.status === CONFLICT;
  return (
    <form className={classes.controls} onSubmit={submit}>
      <TextInput label="Title" value={title} onChange={(e) => setTitle(e.currentTarget.value)} />
      <TagsInput label="Tags" value={tags} onChange={setTags} />
      <TextInput
        label="What was changed"
        value={message}
        onChange={(e) => setMessage(e.currentTarget.value)}
      />
      {save.error && <ErrorNote error={save.error} />}
      {isConflict && (
        <Button variant="default" onClick={() => save.mutate({ overwrite: true })}>
          Save mine over it
        </Button>
      )}
      <Button type="submit" disabled={title.trim() === ""} loading={save.isPending}>
        Save
      </Button>
    </form>
  );
}
