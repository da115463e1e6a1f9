/** The heading of a row of panels, which opens and closes it; while editing it can be changed. */
import { ActionIcon, Menu, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronRight, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import type { Placed } from "../../dashboard/layout";
import { removeRow, setAt, updatePanel } from "../../dashboard/model/edit";
import { type JsonObject, str } from "../../lib/json";
import classes from "./DashboardGrid.module.css";

interface Props {
  placed: Placed;
  onToggle: () => void;
  onEdit: ((change: (document: JsonObject) => JsonObject) => void) | undefined;
}

export function RowHeader({ placed, onToggle, onEdit }: Props) {
  const { title, isOpen, count } = placed;
  return (
    <div className={classes.rowLine}>
      <button type="button" className={classes.row} aria-expanded={isOpen} onClick={onToggle}>
        <IconChevronRight size={17} aria-hidden="true" />
        <span>{title || "Panels"}</span>
        {!isOpen && (
          <small>
            {count} {count === 1 ? "panel" : "panels"}
          </small>
        )}
      </button>
      {onEdit && <RowMenu placed={placed} onEdit={onEdit} />}
    </div>
  );
}

function RowMenu({ placed, onEdit }: { placed: Placed; onEdit: NonNullable<Props["onEdit"]> }) {
  const [opened, form] = useDisclosure(false);
  const { id, json } = placed.panel;
  const set = (path: string, value: string) =>
    onEdit((document) =>
      updatePanel(document, id, (row) => setAt(row, path, value === "" ? undefined : value)),
    );
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon size={24} aria-label={`Menu of the row ${placed.title}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={form.open}>
            Name and repeat
          </Menu.Item>
          <Menu.Item
            leftSection={<IconTrash size={15} />}
            onClick={() => onEdit((document) => removeRow(document, id, false))}
          >
            Remove the row only
          </Menu.Item>
          <Menu.Item
            leftSection={<IconTrash size={15} />}
            onClick={() => onEdit((document) => removeRow(document, id, true))}
          >
            Remove it with its panels
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={opened} onClose={form.close} title="Row">
        <TextInput
          label="Title"
          data-autofocus
          defaultValue={str(json.title, "")}
          onBlur={(event) => set("title", event.currentTarget.value)}
        />
        <TextInput
          mt="sm"
          label="Repeat for variable"
          defaultValue={str(json.repeat, "")}
          onBlur={(event) => set("repeat", event.currentTarget.value)}
        />
      </Modal>
    </>
  );
}
