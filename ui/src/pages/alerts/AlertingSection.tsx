/** The frame of all pages about alerts: their tabs. */
import { useEffect, useRef } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { alertingPages } from "../../components/shell/pages";
import classes from "./AlertingSection.module.css";

export default function AlertingSection() {
  const { pathname } = useLocation();
  const here = alertingPages.findLast(({ path }) => pathname.startsWith(path));
  const tabs = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the row of tabs is wider than the screen.
    const tab = tabs.current?.querySelector('[aria-current="page"]');
    tab?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  return (
    <div className={classes.section}>
      <h1 className={classes.title}>{here?.label}</h1>
      <nav ref={tabs} className={classes.tabs} aria-label="Alerting">
        {alertingPages.map(({ path, label }) => (
          <NavLink key={path} to={path} end={path === "/alerts"}>
            {label}
          </NavLink>
        ))}
      </nav>
      <Outlet />
    </div>
  );
}
