/** The navigation column, in the aside on wide screens and in the drawer on narrow ones. */
import { Kbd, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconHelpCircle,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconSearch,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, NavLink } from "react-router";
import { Logo } from "../Logo";
import { pages } from "./pages";
import { ThemeSwitch } from "./ThemeSwitch";
import classes from "./Nav.module.css";

interface Props {
  collapsed: boolean;
  onCollapse?: () => void;
  onSearch: () => void;
  onHelp: () => void;
}

export function Nav({ collapsed, onCollapse, onSearch, onHelp }: Props) {
  const CollapseIcon = collapsed ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className={classes.nav} data-collapsed={collapsed || undefined} aria-label="Main">
      <Link to="/" className={classes.brand} aria-label="Bellwether home">
        <Logo />
        <span>Bellwether</span>
      </Link>
      <Hint label="Search" collapsed={collapsed}>
        <UnstyledButton
          className={classes.search}
          onClick={onSearch}
          aria-label="Search pages, dashboards and metrics"
        >
          <IconSearch size={16} stroke={1.8} />
          <span>Search</span>
          <Kbd size="xs">{isApple() ? "⌘K" : "Ctrl K"}</Kbd>
        </UnstyledButton>
      </Hint>
      <ul className={classes.links}>
        {pages.map(({ path, label, icon: Icon }) => (
          <li key={path}>
            <Hint label={label} collapsed={collapsed}>
              <NavLink to={path} end={path === "/"} className={classes.link} aria-label={label}>
                <Icon size={18} stroke={1.7} aria-hidden="true" />
                <span>{label}</span>
              </NavLink>
            </Hint>
          </li>
        ))}
      </ul>
      <div className={classes.foot}>
        <ThemeSwitch collapsed={collapsed} />
        <div className={classes.tools}>
          <UnstyledButton className={classes.tool} onClick={onHelp} aria-label="Keyboard shortcuts">
            <IconHelpCircle size={18} stroke={1.7} />
          </UnstyledButton>
          {onCollapse && (
            <UnstyledButton
              className={classes.tool}
              onClick={onCollapse}
              aria-label={collapsed ? "Widen navigation" : "Narrow navigation"}
            >
              <CollapseIcon size={18} stroke={1.7} />
            </UnstyledButton>
          )}
        </div>
      </div>
    </nav>
  );
}

/** A narrow column shows icons only, so their names appear beside them. */
function Hint({
  label,
  collapsed,
  children,
}: {
  label: string;
  collapsed: boolean;
  children: ReactNode;
}) {
  return (
    <Tooltip label={label} position="right" disabled={!collapsed}>
      <div>{children}</div>
    </Tooltip>
  );
}

function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
