/** The frame of all pages about alerts: their tabs. */
import { NavLink, Outlet, useLocation } from "react-router";
import { alertingPages } from "../../components/shell/pages";
import classes from "./AlertingSection.module.css";

export default function AlertingSection() {
  const { pathname } = useLocation();
  const here = alertingPages.findLast(({ path }) => pathname.startsWith(path));
  return (
    <div className={classes.section}>
      <h1 className={classes.title}>{here?.label}</h1>
      <nav className={classes.tabs} aria-label="Alerting">
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
