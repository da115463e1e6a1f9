/** The frame of every page: navigation, palette, help, and what to say when the server is gone. */
import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconMenu2, IconSearch } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link, Outlet, useLocation, useNavigate } from "react-router";
import { setPreference, usePreferences } from "../../lib/preferences";
import { ErrorBoundary } from "../ErrorBoundary";
import { Logo } from "../Logo";
import { ConnectionBanner } from "./ConnectionBanner";
import { Nav } from "./Nav";
import { pages } from "./pages";
import { Palette } from "./Palette";
import { Shortcuts } from "./Shortcuts";
import classes from "./Shell.module.css";

export function Shell() {
  const location = useLocation();
  const navigate = useNavigate();
  const { navCollapsed } = usePreferences();
  const [drawerOpen, drawer] = useDisclosure(false);
  const [helpOpen, help] = useDisclosure(false);
  const [paletteOpen, palette] = useDisclosure(false);

  const closeDrawer = drawer.close;
  useEffect(() => closeDrawer(), [location.pathname, closeDrawer]);
  useHotkeys([
    ["?", help.toggle],
    ["shift+?", help.toggle],
    ["[", () => setPreference("navCollapsed", !navCollapsed)],
  ]);
  // These work while typing, too.
  useHotkeys(
    [
      ["mod+K", palette.toggle],
      ...pages.map(
        ({ path, key }) => [`alt+${key}`, () => void navigate(path)] as [string, () => void],
      ),
    ],
    [],
    true,
  );

  return (
    <div className={classes.shell} data-nav={navCollapsed ? "narrow" : "wide"}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <aside className={classes.aside}>
        <Nav
          collapsed={navCollapsed}
          onCollapse={() => setPreference("navCollapsed", !navCollapsed)}
          onSearch={palette.open}
          onHelp={help.open}
        />
      </aside>
      <header className={classes.topbar}>
        <ActionIcon size="lg" aria-label="Open navigation" onClick={drawer.open}>
          <IconMenu2 size={20} />
        </ActionIcon>
        <Link to="/" className={classes.brand}>
          <Logo size={24} />
          Bellwether
        </Link>
        <ActionIcon
          size="lg"
          aria-label="Search pages, dashboards and metrics"
          onClick={palette.open}
        >
          <IconSearch size={19} />
        </ActionIcon>
      </header>
      <Drawer.Root opened={drawerOpen} onClose={drawer.close} size={272}>
        <Drawer.Overlay />
        <Drawer.Content aria-label="Navigation" className={classes.drawer}>
          <Nav collapsed={false} onSearch={palette.open} onHelp={help.open} />
        </Drawer.Content>
      </Drawer.Root>
      <main id="main" className={classes.main} tabIndex={-1}>
        <ConnectionBanner />
        <ErrorBoundary key={location.pathname}>
          <Outlet />
        </ErrorBoundary>
      </main>
      {paletteOpen && <Palette onClose={palette.close} />}
      <Shortcuts opened={helpOpen} onClose={help.close} />
    </div>
  );
}
