/** Chooses a folder; the empty choice is the top. */
import { Select } from "@mantine/core";
import type { FolderHit } from "../../api/dashboards";
import { folderTitle } from "./tree";

interface Props {
  folders: readonly FolderHit[];
  /** Which of them may be chosen; without it all. */
  choices?: readonly FolderHit[];
  value: string | undefined;
  onChange: (uid: string | undefined) => void;
}

const TOP = "";

export function FolderSelect({ folders, choices = folders, value, onChange }: Props) {
  const data = choices
    .map(({ uid }) => ({ value: uid, label: folderTitle(folders, uid) }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <Select
      label="Folder"
      data={[{ value: TOP, label: "No folder" }, ...data]}
      value={value ?? TOP}
      allowDeselect={false}
      searchable={data.length > 8}
      onChange={(uid) => onChange(uid === null || uid === TOP ? undefined : uid)}
    />
  );
}
