/** What can be done with a dashboard as a whole: share, download. */
import { ActionIcon, Menu } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy, IconDots, IconDownload, IconLink } from "@tabler/icons-react";
import type { DashboardHome } from "../../api/dashboards";
import { exportDashboard } from "../../dashboard/model/parse";
import type { Dashboard } from "../../dashboard/model/types";
import { downloadText } from "../../lib/csv";

interface Props {
  dashboard: Dashboard;
  home: DashboardHome;
}

const HOMES: Record<DashboardHome, string> = {
  server: "Stored on the server",
  bundled: "Comes with Bellwether",
  browser: "Kept in this browser only",
};

export function DashboardMenu({ dashboard, home }: Props) {
  const clipboard = useClipboard();
  const json = () => JSON.stringify(exportDashboard(dashboard), null, 2);
  return (
    <Menu closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon size={34} aria-label="More">
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{HOMES[home]}</Menu.Label>
        <Menu.Item
          leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconLink size={16} />}
          onClick={() => clipboard.copy(window.location.href)}
        >
          Copy link
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => clipboard.copy(json())}>
          Copy JSON
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDownload size={16} />}
          onClick={() => downloadText(`${dashboard.title}.json`, json(), "application/json")}
        >
          Download JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
