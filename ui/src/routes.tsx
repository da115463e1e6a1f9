/** Which address shows which page; each page is loaded when first opened. */
import { createBrowserRouter } from "react-router";
import { RouteError } from "./components/RouteError";
import { Shell } from "./components/shell/Shell";

export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <RouteError />,
    hydrateFallbackElement: <></>,
    children: [
      { index: true, lazy: async () => page(await import("./pages/home/HomePage")) },
      { path: "explore", lazy: async () => page(await import("./pages/explore/ExplorePage")) },
      {
        path: "dashboards",
        lazy: async () => page(await import("./pages/dashboards/DashboardsPage")),
      },
      {
        path: "d/:uid/:slug?",
        lazy: async () => page(await import("./pages/dashboard/DashboardPage")),
      },
      { path: "targets", lazy: async () => page(await import("./pages/targets/TargetsPage")) },
      { path: "status", lazy: async () => page(await import("./pages/status/StatusPage")) },
      { path: "*", lazy: async () => page(await import("./pages/not-found/NotFoundPage")) },
    ],
  },
]);

function page(module: { default: React.ComponentType }) {
  return { Component: module.default };
}
