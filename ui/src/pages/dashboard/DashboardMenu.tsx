/** What can be done with a dashboard as a whole: share, download, copy, look back, delete. */
import { ActionIcon, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import {
  IconBraces,
  IconCheck,
  IconCopyPlus,
  IconDots,
  IconDownload,
  IconHistory,
  IconLink,
  IconSettings,
  IconTrash,
} from "@tabler/icons-react";
import type { FoundDashboard } from "../../api/dashboards";
import { exportDashboard } from "../../dashboard/model/parse";
import type { Dashboard } from "../../dashboard/model/types";
import { downloadText } from "../../lib/csv";

export type DashboardAction = "settings" | "versions" | "copy" | "delete";

interface Props {
  dashboard: Dashboard;
  found: FoundDashboard;
  onAct: (action: DashboardAction) => void;
}

export function DashboardMenu({ dashboard, found, onAct }: Props) {
  const clipboard = useClipboard();
  const json = () => JSON.stringify(exportDashboard(dashboard), null, 2);
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size={34} aria-label="More">
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {found.isProvisioned && <Menu.Label>Comes from a file</Menu.Label>}
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconLink size={16} />}
          onClick={() => clipboard.copy(window.location.href)}
        >
          Copy link
        </Menu.Item>
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconBraces size={16} />}
          onClick={() => clipboard.copy(json())}
        >
          Copy JSON
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDownload size={16} />}
          onClick={() => downloadText(`${dashboard.title}.json`, json(), "application/json")}
        >
          Download JSON
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => onAct("settings")}>
          Settings
        </Menu.Item>
        <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => onAct("versions")}>
          Versions
        </Menu.Item>
        <Menu.Item leftSection={<IconCopyPlus size={16} />} onClick={() => onAct("copy")}>
          Save as a copy
        </Menu.Item>
        {found.canSave && (
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => onAct("delete")}>
            Delete
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
