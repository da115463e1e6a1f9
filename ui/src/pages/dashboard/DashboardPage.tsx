/** A dashboard by its uid: fetched, read into the model, drawn. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useParams } from "react-router";
import { fetchDashboard } from "../../api/dashboards";
import { ErrorNote } from "../../components/ErrorNote";
import { parseDashboard } from "../../dashboard/model/parse";
import { useTitle } from "../../lib/use-title";
import { DashboardView } from "./DashboardView";
import classes from "./DashboardPage.module.css";

export default function DashboardPage() {
  const { uid = "" } = useParams();
  const { data, error } = useQuery({
    queryKey: ["dashboard json", uid],
    queryFn: ({ signal }) => fetchDashboard(uid, signal),
    staleTime: 60_000,
    // Another person's save must not tear the page from under its reader.
    refetchOnWindowFocus: false,
  });
  const read = useMemo(() => (data ? readDashboard(data.json, uid) : undefined), [data, uid]);
  useTitle(read?.dashboard?.title ?? "Dashboard");

  const failed = error ?? read?.error;
  if (failed) {
    return (
      <div className={classes.failed}>
        <ErrorNote error={failed} />
        <Link to="/dashboards">All dashboards</Link>
      </div>
    );
  }
  if (!data || !read?.dashboard) return <LoadingDashboard />;
  return <DashboardView key={uid} dashboard={read.dashboard} found={data} />;
}

function readDashboard(json: unknown, uid: string) {
  try {
    const dashboard = parseDashboard(json);
    return { dashboard: { ...dashboard, uid: dashboard.uid ?? uid } };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function LoadingDashboard() {
  return (
    <div className={classes.page} aria-busy="true" aria-label="Loading the dashboard">
      <Skeleton height={30} width={260} radius="md" />
      <div className={classes.skeletons}>
        {Array.from({ length: 6 }, (_, index) => (
          <Skeleton key={index} height={230} radius="md" />
        ))}
      </div>
    </div>
  );
}
