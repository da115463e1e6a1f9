/** Home: this host, what is scraped, and Bellwether itself, alive. */
import { Select, Skeleton } from "@mantine/core";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { TimeControls } from "../../components/time/TimeControls";
import { ErrorNote } from "../../components/ErrorNote";
import { useTimeParams } from "../../lib/use-time-params";
import { useTitle } from "../../lib/use-title";
import { AlertsPanel } from "./AlertsPanel";
import { DashboardsPanel } from "./DashboardsPanel";
import { FirstSteps } from "./FirstSteps";
import classes from "./HomePage.module.css";
import { FileSystems } from "./FileSystems";
import { type Host, hostQueries } from "./host-queries";
import { HostGraphs } from "./HostGraphs";
import { HostStats } from "./HostStats";
import { SelfPanel } from "./SelfPanel";
import { TargetsPanel } from "./TargetsPanel";
import { useChosenHost, useHomeView, useHosts } from "./use-home";

const DEFAULTS = { range: { from: "now-15m", to: "now" }, refreshMs: 5_000 };
const HOSTS_REFRESH_MS = 30_000;

export default function HomePage() {
  const time = useTimeParams(DEFAULTS);
  const hosts = useHosts(HOSTS_REFRESH_MS);
  const { host, choose } = useChosenHost(hosts.data);
  const view = useHomeView(time, hosts.data);
  const queryClient = useQueryClient();
  const fetching = useIsFetching() > 0;
  useTitle(host ? host.name : "Home");

  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <HostTitle host={host} hosts={hosts.data} loading={hosts.isPending} onChoose={choose} />
        <TimeControls
          time={time}
          refreshing={fetching && time.refreshMs === false}
          onRefresh={() => void queryClient.invalidateQueries()}
        />
      </header>
      {hosts.error && !hosts.data && <ErrorNote error={hosts.error} />}
      {hosts.data?.length === 0 && <FirstSteps />}
      {(host ?? hosts.isPending) && (
        <>
          <HostStats host={host} view={view} />
          <HostGraphs host={host} view={view} time={time} />
        </>
      )}
      <div className={classes.lower}>
        <AlertsPanel />
        {host && <FileSystems queries={hostQueries(host, view.window)} view={view} />}
        <DashboardsPanel />
        <TargetsPanel refreshMs={view.refreshMs} />
        <SelfPanel view={view} />
      </div>
    </div>
  );
}

interface TitleProps {
  host: Host | undefined;
  hosts: readonly Host[] | undefined;
  loading: boolean;
  onChoose: (instance: string) => void;
}

function HostTitle({ host, hosts = [], loading, onChoose }: TitleProps) {
  if (loading) return <Skeleton height={30} width={220} />;
  if (!host) return <h1 className={classes.title}>Welcome to Bellwether</h1>;
  return (
    <div className={classes.host}>
      {hosts.length > 1 ? (
        <Select
          aria-label="Host"
          searchable
          allowDeselect={false}
          value={host.instance}
          onChange={(instance) => instance && onChoose(instance)}
          data={hosts.map(({ instance, name }) => ({
            value: instance,
            label: `${name} (${instance})`,
          }))}
        />
      ) : (
        <h1 className={classes.title}>{host.name}</h1>
      )}
      <span className={classes.kernel}>
        Linux {host.release} · {host.machine}
      </span>
    </div>
  );
}
