/** The tools of editing: add, undo, see the JSON, save, or leave it. */
import { ActionIcon, Button, Modal, Tooltip } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconArrowBackUp, IconArrowForwardUp, IconBraces, IconPlus } from "@tabler/icons-react";
import { useEffect } from "react";
import type { Draft } from "../use-draft";
import { JsonEditor } from "./PanelEditor";
import { SaveForm } from "./SaveForm";

interface Props {
  draft: Draft;
  onAdd: () => void;
  onDone: () => void;
}

export function EditBar({ draft, onAdd, onDone }: Props) {
  const [jsonOpen, json] = useDisclosure(false);
  const [saveOpen, save] = useDisclosure(false);
  useHotkeys([
    ["mod+Z", draft.undo],
    ["mod+shift+Z", draft.redo],
    ["mod+S", save.open],
  ]);
  const { isDirty } = draft;
  useEffect(() => {
    if (!isDirty) return;
    // The browser asks before what was not saved is lost.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isDirty]);
  const leave = () => {
    if (!isDirty || window.confirm("Leave without saving? Your changes will be lost.")) {
      draft.discard();
      onDone();
    }
  };
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={16} />} onClick={onAdd}>
        Panel
      </Button>
      <Tooltip label="Undo">
        <ActionIcon size={34} aria-label="Undo" disabled={!draft.canUndo} onClick={draft.undo}>
          <IconArrowBackUp size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo">
        <ActionIcon size={34} aria-label="Redo" disabled={!draft.canRedo} onClick={draft.redo}>
          <IconArrowForwardUp size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="JSON">
        <ActionIcon size={34} aria-label="JSON of the dashboard" onClick={json.open}>
          <IconBraces size={18} />
        </ActionIcon>
      </Tooltip>
      <Button disabled={!isDirty} onClick={save.open}>
        Save
      </Button>
      <Button variant="default" onClick={leave}>
        {isDirty ? "Discard" : "Done"}
      </Button>
      <Modal opened={jsonOpen} onClose={json.close} title="JSON of the dashboard" size="xl">
        <JsonEditor
          json={draft.dashboard.document}
          onApply={(document) => {
            json.close();
            draft.edit(document);
          }}
        />
      </Modal>
      <Modal opened={saveOpen} onClose={save.close} title="Save the dashboard">
        <SaveForm draft={draft} onSaved={onDone} />
      </Modal>
    </>
  );
}
