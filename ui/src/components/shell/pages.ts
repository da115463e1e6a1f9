/** The pages that navigation and palette offer; a new page is a line here and a route. */
import {
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
  { path: "/targets", label: "Targets", hint: "What is scraped", icon: IconCrosshair, key: "4" },
  { path: "/status", label: "Status", hint: "The server itself", icon: IconServer2, key: "5" },
] as const;
