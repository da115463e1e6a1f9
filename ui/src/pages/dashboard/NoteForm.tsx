/** A note on a graph: written for a moment or a stretch, changed, or taken away. */
import { Button, Group, Modal, TagsInput, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { changeNote, createNote, deleteNote, type NewNote, type Note } from "../../api/notes";
import { ErrorNote } from "../../components/ErrorNote";
import { usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
import classes from "./DashboardPage.module.css";

interface Props {
  /** With an id it is there already. */
  note: NewNote | Note;
  onClose: () => void;
}

export function NoteForm({ note, onClose }: Props) {
  const queryClient = useQueryClient();
  const { zone } = usePreferences();
  const [text, setText] = useState(note.text);
  const [tags, setTags] = useState(note.tags);
  const done = async () => {
    onClose();
    await queryClient.invalidateQueries({
      queryKey: ["dashboard", note.dashboardUid, "annotations"],
    });
  };
  const save = useMutation({
    mutationFn: async () => {
      const written = { ...note, text: text.trim(), tags };
      await ("id" in written ? changeNote(written) : createNote(written));
    },
    onSuccess: done,
  });
  const remove = useMutation({ mutationFn: deleteNote, onSuccess: done });
  const error = save.error ?? remove.error;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const from = formatTime(note.time, zone);
  return (
    <Modal opened onClose={onClose} title={"id" in note ? "Note" : "New note"}>
      <form className={classes.form} onSubmit={submit}>
        <p>{note.time === note.timeEnd ? from : `${from} – ${formatTime(note.timeEnd, zone)}`}</p>
        <Textarea
          label="What happened"
          data-autofocus
          autosize
          minRows={2}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TagsInput label="Tags" value={tags} onChange={setTags} />
        {error && <ErrorNote error={error} />}
        <Group justify="end" gap="xs">
          {"id" in note && (
            <Button
              variant="default"
              loading={remove.isPending}
              onClick={() => remove.mutate(note.id)}
            >
              Delete
            </Button>
          )}
          <Button type="submit" disabled={text.trim() === ""} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
