/** Which address shows which page; each page is loaded when first opened. */
import { createBrowserRouter, type LoaderFunctionArgs, redirect } from "react-router";
import { pageOfFragment } from "./alerting/foreign-links";
import { RouteError } from "./components/RouteError";
import { Shell } from "./components/shell/Shell";

export const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <RouteError />,
    hydrateFallbackElement: <></>,
    children: [
      {
        index: true,
        loader: openFragment,
        lazy: async () => page(await import("./pages/home/HomePage")),
      },
      { path: "explore", lazy: async () => page(await import("./pages/explore/ExplorePage")) },
      {
        path: "dashboards",
        lazy: async () => page(await import("./pages/dashboards/DashboardsPage")),
      },
      // The address of a folder in Grafana, which the API's answers have in them.
      { path: "dashboards/f/:uid/:slug?", loader: openFolder },
      {
        path: "d/:uid/:slug?",
        lazy: async () => page(await import("./pages/dashboard/DashboardPage")),
      },
      {
        path: "alerts",
        lazy: async () => page(await import("./pages/alerts/AlertingSection")),
        children: [
          { index: true, lazy: async () => page(await import("./pages/alerts/AlertsPage")) },
          {
            path: "silences",
            lazy: async () => page(await import("./pages/silences/SilencesPage")),
          },
          {
            path: "silences/edit",
            lazy: async () => page(await import("./pages/silences/SilenceFormPage")),
          },
          {
            path: "notifications",
            lazy: async () => page(await import("./pages/notifications/NotificationsPage")),
          },
          { path: "routing", lazy: async () => page(await import("./pages/routing/RoutingPage")) },
          { path: "rules", lazy: async () => page(await import("./pages/rules/RulesPage")) },
          {
            path: "report",
            lazy: async () => page(await import("./pages/alert-quality/AlertQualityPage")),
          },
        ],
      },
      { path: "targets", lazy: async () => page(await import("./pages/targets/TargetsPage")) },
      { path: "status", lazy: async () => page(await import("./pages/status/StatusPage")) },
      { path: "*", lazy: async () => page(await import("./pages/not-found/NotFoundPage")) },
    ],
  },
]);

/** The server never sees what stands behind a `#`, so it is the page that follows it. */
function openFragment() {
  const to = pageOfFragment(window.location.hash);
  return to === undefined ? null : redirect(to);
}

function openFolder({ params }: LoaderFunctionArgs) {
  return redirect(`/dashboards?folder=${encodeURIComponent(params.uid ?? "")}`);
}

function page(module: { default: React.ComponentType }) {
  return { Component: module.default };
}
