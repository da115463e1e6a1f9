/** The pages that navigation and palette offer; a new page is a line here and a route. */
import {
  IconBell,
  IconCrosshair,
  IconHome2,
  IconLayoutDashboard,
  IconServer2,
  IconTelescope,
} from "@tabler/icons-react";

export const pages = [
  { path: "/", label: "Home", hint: "This host at a glance", icon: IconHome2, key: "1" },
  {
    path: "/dashboards",
    label: "Dashboards",
    hint: "Graphs side by side",
    icon: IconLayoutDashboard,
    key: "2",
  },
  { path: "/explore", label: "Explore", hint: "Ask with PromQL", icon: IconTelescope, key: "3" },
  { path: "/alerts", label: "Alerts", hint: "What is wrong now", icon: IconBell, key: "4" },
  { path: "/targets", label: "Targets", hint: "What is scraped", icon: IconCrosshair, key: "5" },
  { path: "/status", label: "Status", hint: "The server itself", icon: IconServer2, key: "6" },
] as const;

/** Pages within "Alerts": its tabs, and entries of the palette. */
export const alertingPages = [
  { path: "/alerts", label: "Alerts", hint: "What is wrong now" },
  { path: "/alerts/silences", label: "Silences", hint: "What is kept quiet" },
  { path: "/alerts/notifications", label: "Notifications", hint: "Who was told when" },
  { path: "/alerts/routing", label: "Routing", hint: "Who is told of what" },
  { path: "/alerts/rules", label: "Rules", hint: "What is watched, and at what cost" },
  { path: "/alerts/report", label: "Quality", hint: "Which alerts flap, or never fire" },
] as const;
