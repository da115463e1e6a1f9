/** The tools of editing: add, undo, settings, save, or leave it. */
import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChartLine,
  IconChevronDown,
  IconLayoutRows,
  IconPlus,
  IconSettings,
} from "@tabler/icons-react";
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { obj } from "../../../lib/json";
import type { Draft } from "../use-draft";

interface Props {
  draft: Draft;
  onAddPanel: () => void;
  onAddRow: () => void;
  onSettings: () => void;
  onSave: () => void;
  onDone: () => void;
}

const QUESTION = "Leave without saving? Your changes will be lost.";

/** Of an address that is gone to once nothing is left to be saved. */
export const SETTLED = { isSettled: true };

export function EditBar(props: Props) {
  const { draft, onAddPanel, onAddRow, onSettings, onSave, onDone } = props;
  useHotkeys([
    ["mod+Z", draft.undo],
    ["mod+shift+Z", draft.redo],
  ]);
  const { isDirty } = draft;
  useEffect(() => {
    if (!isDirty) return;
    // The browser asks before what was not saved is lost.
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isDirty]);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isDirty &&
      currentLocation.pathname !== nextLocation.pathname &&
      obj(nextLocation.state).isSettled !== true,
  );
  useEffect(() => {
    if (blocker.state !== "blocked") return;
    if (window.confirm(QUESTION)) blocker.proceed();
    else blocker.reset();
  }, [blocker]);
  const leave = () => {
    if (!isDirty || window.confirm(QUESTION)) {
      draft.discard();
      onDone();
    }
  };
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            rightSection={<IconChevronDown size={14} />}
          >
            Add
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconChartLine size={16} />} onClick={onAddPanel}>
            Panel
          </Menu.Item>
          <Menu.Item leftSection={<IconLayoutRows size={16} />} onClick={onAddRow}>
            Row
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
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
      <Tooltip label="Settings: variables, JSON">
        <ActionIcon size={34} aria-label="Settings of the dashboard" onClick={onSettings}>
          <IconSettings size={18} />
        </ActionIcon>
      </Tooltip>
      <Button disabled={!isDirty} onClick={onSave}>
        Save
      </Button>
      <Button variant="default" onClick={leave}>
        {isDirty ? "Discard" : "Done"}
      </Button>
    </>
  );
}
