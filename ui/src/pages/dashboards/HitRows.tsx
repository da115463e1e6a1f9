/** A dashboard, and a folder, in the list: its name, tags, star, and what can be done with it. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconDots,
  IconFolder,
  IconFolderSymlink,
  IconLayoutDashboard,
  IconPencil,
  IconStar,
  IconStarFilled,
  IconTrash,
} from "@tabler/icons-react";
import { Link } from "react-router";
import type { DashboardHit, FolderHit } from "../../api/dashboards";
import classes from "./DashboardsPage.module.css";
import { dashboardLink } from "../../dashboard/find";

export type Action = "rename" | "move" | "delete";

interface DashboardProps {
  hit: DashboardHit;
  /** It stands below its folder. */
  isInside: boolean;
  /** Where it is, when the list does not tell. */
  place: string;
  onStar: () => void;
  onAct: (action: Action) => void;
}

export function DashboardRow({ hit, isInside, place, onStar, onAct }: DashboardProps) {
  const Star = hit.isStarred ? IconStarFilled : IconStar;
  return (
    <li className={classes.item} data-inside={isInside || undefined}>
      <Link to={dashboardLink(hit)} className={classes.hit}>
        <IconLayoutDashboard size={20} stroke={1.6} aria-hidden="true" />
        <span className={classes.name}>
          <strong>{hit.title}</strong>
          {place !== "" && <small>{place}</small>}
        </span>
        <span className={classes.own}>
          {hit.tags.map((tag) => (
            <em key={tag}>{tag}</em>
          ))}
        </span>
      </Link>
      <ActionIcon
        aria-label={hit.isStarred ? `Unstar ${hit.title}` : `Star ${hit.title}`}
        aria-pressed={hit.isStarred}
        className={classes.star}
        onClick={onStar}
      >
        <Star size={17} />
      </ActionIcon>
      <RowMenu title={hit.title} actions={["move", "delete"]} onAct={onAct} />
    </li>
  );
}

interface FolderProps {
  folder: FolderHit;
  to: string;
  count: number;
  onAct: (action: Action) => void;
}

export function FolderRow({ folder, to, count, onAct }: FolderProps) {
  return (
    <li className={classes.item}>
      <Link to={to} className={classes.hit}>
        <IconFolder size={20} stroke={1.6} aria-hidden="true" />
        <span className={classes.name}>
          <strong>{folder.title}</strong>
        </span>
        <span className={classes.count}>
          {count} {count === 1 ? "dashboard" : "dashboards"}
        </span>
      </Link>
      <RowMenu title={folder.title} actions={["rename", "move", "delete"]} onAct={onAct} />
    </li>
  );
}

const ACTIONS = {
  rename: { label: "Rename", icon: IconPencil },
  move: { label: "Move", icon: IconFolderSymlink },
  delete: { label: "Delete", icon: IconTrash },
} as const;

interface MenuProps {
  title: string;
  actions: readonly Action[];
  onAct: (action: Action) => void;
}

function RowMenu({ title, actions, onAct }: MenuProps) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`More for ${title}`}>
          <IconDots size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => {
          const { label, icon: Icon } = ACTIONS[action];
          return (
            <Menu.Item key={action} leftSection={<Icon size={15} />} onClick={() => onAct(action)}>
              {label}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
