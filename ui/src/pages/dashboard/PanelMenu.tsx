/** What can be done with a panel: see it alone, explore its queries, inspect, download. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconCopy,
  IconDotsVertical,
  IconDownload,
  IconExternalLink,
  IconListSearch,
  IconPencil,
  IconPlayerStop,
  IconTelescope,
  IconTrash,
} from "@tabler/icons-react";
import { Link } from "react-router";
import { framesToCsv } from "../../data/csv";
import type { Placed } from "../../dashboard/layout";
import { interpolate } from "../../dashboard/variables/interpolate";
import { downloadText } from "../../lib/csv";
import { safeUrl } from "../../lib/safe-url";
import { exploreQueries } from "../explore/explore-url";
import { useDashboard } from "./dashboard-context";
import classes from "./PanelFrame.module.css";
import type { PanelData } from "./use-panel-data";

interface Props {
  placed: Placed;
  data: PanelData;
  isAlone: boolean;
}

export function PanelMenu({ placed, data, isAlone }: Props) {
  const { onView, onInspect, onEdit, onDuplicate, onRemove, time } = useDashboard();
  const { panel, scope, key, title } = placed;
  const exprs = data.answer?.asked.map(({ expr }) => expr) ?? [];
  const links = panel.links.flatMap((link) => {
    const href = safeUrl(interpolate(link.url, scope, "plain"));
    return href === undefined ? [] : [{ ...link, href }];
  });
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size={24} className={classes.menu} aria-label={`Menu of ${title || "panel"}`}>
          <IconDotsVertical size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {data.isFetching && (
          <Menu.Item leftSection={<IconPlayerStop size={16} />} onClick={data.cancel}>
            Cancel the queries
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={
            isAlone ? <IconArrowsMinimize size={16} /> : <IconArrowsMaximize size={16} />
          }
          onClick={() => onView(isAlone ? undefined : key)}
        >
          {isAlone ? "Back to the dashboard" : "View alone"}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onEdit(panel.id)}>
          Edit
        </Menu.Item>
        {onDuplicate && (
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => onDuplicate(panel.id)}>
            Duplicate
          </Menu.Item>
        )}
        {onRemove && (
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => onRemove(panel.id)}>
            Remove
          </Menu.Item>
        )}
        {exprs.length > 0 && (
          <Menu.Item
            component={Link}
            to={exploreQueries(exprs, time.range)}
            leftSection={<IconTelescope size={16} />}
          >
            Explore
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconListSearch size={16} />} onClick={() => onInspect(key)}>
          Inspect
        </Menu.Item>
        {data.frames.length > 0 && (
          <Menu.Item
            leftSection={<IconDownload size={16} />}
            onClick={() => downloadText(`${title || "panel"}.csv`, framesToCsv(data.frames))}
          >
            Download CSV
          </Menu.Item>
        )}
        {links.map(({ title: name, href }) => (
          <Menu.Item
            key={href + name}
            component="a"
            href={href}
            target="_blank"
            rel="noopener noreferrer"
            leftSection={<IconExternalLink size={16} />}
          >
            {name || href}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
