/** The small forms of the list of dashboards: a name for something new, another place, deletion. */
import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, type SyntheticEvent, useState } from "react";
import type { FolderHit } from "../../api/dashboards";
import { ErrorNote } from "../../components/ErrorNote";
import classes from "./DashboardsPage.module.css";
import { FolderSelect } from "./FolderSelect";

interface FormProps<T> {
  title: string;
  onClose: () => void;
  /** Rejects with what went wrong; the form then stays open and says it. */
  onSubmit: (value: T) => Promise<void>;
}

export function NameForm({
  title,
  onClose,
  onSubmit,
  initial = "",
  action,
}: FormProps<string> & { initial?: string; action: string }) {
  const [name, setName] = useState(initial);
  const save = useMutation({ mutationFn: () => onSubmit(name.trim()), onSuccess: onClose });
  return (
    <FormModal
      title={title}
      action={action}
      save={save}
      disabled={name.trim() === ""}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormModal>
  );
}

export function MoveForm({
  title,
  onClose,
  onSubmit,
  folders,
  choices,
  from,
}: FormProps<string | undefined> & {
  folders: readonly FolderHit[];
  choices?: readonly FolderHit[];
  from: string | undefined;
}) {
  const [to, setTo] = useState(from);
  const save = useMutation({ mutationFn: () => onSubmit(to), onSuccess: onClose });
  return (
    <FormModal title={title} action="Move" save={save} disabled={to === from} onClose={onClose}>
      <FolderSelect
        folders={folders}
        {...(choices && { choices })}
        value={to}
        onChange={(uid) => setTo(uid)}
      />
    </FormModal>
  );
}

export function DeleteForm({
  title,
  onClose,
  onSubmit,
  children,
}: FormProps<undefined> & { children: ReactNode }) {
  const save = useMutation({ mutationFn: () => onSubmit(undefined), onSuccess: onClose });
  return (
    <FormModal title={title} action="Delete" save={save} onClose={onClose} isDangerous>
      <div>{children}</div>
    </FormModal>
  );
}

interface ModalProps {
  title: string;
  action: string;
  save: { mutate: () => void; isPending: boolean; error: Error | null };
  disabled?: boolean;
  isDangerous?: boolean;
  onClose: () => void;
  children: ReactNode;
}

function FormModal(props: ModalProps) {
  const { title, action, save, disabled = false, isDangerous = false, onClose, children } = props;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form className={classes.import} onSubmit={submit}>
        {children}
        {save.error && <ErrorNote error={save.error} />}
        <Group justify="end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={disabled}
            loading={save.isPending}
            {...(isDangerous && { color: "red" })}
          >
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
