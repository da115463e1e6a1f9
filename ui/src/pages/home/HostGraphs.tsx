/** The graphs of a host: processor, memory, disk, network, load and file systems. */
import type { TimeParams } from "../../lib/use-time-params";
import { QueryPanel } from "../../panels/QueryPanel";
import { meaningColors } from "../../theme/series-colors";
import classes from "./HomePage.module.css";
import { type Host, hostQueries } from "./host-queries";
import type { HomeView } from "./use-home";

interface Props {
  host: Host | undefined;
  view: HomeView;
  time: TimeParams;
}

const SYNC_KEY = "home";

/** From the bottom of the stack: what people run first, what the machine does for itself after. */
const CPU_MODES = (["user", "nice", "system", "iowait", "irq", "softirq", "steal"] as const).map(
  (name) => ({ name, color: meaningColors[name] }),
);

export function HostGraphs({ host, view, time }: Props) {
  const q = hostQueries(host ?? { instance: "", job: "" }, view.window);
  const shared = {
    view,
    spanOf: view.spanOf,
    onZoom: time.zoomTo,
    onZoomOut: time.zoomOut,
    syncKey: SYNC_KEY,
    enabled: host !== undefined,
  };
  const missing = (what: string) =>
    view.young ? "The first samples are on their way." : `This host does not report its ${what}.`;
  return (
    <div className={classes.graphs}>
      <QueryPanel
        {...shared}
        title="CPU"
        subtitle="by mode, of all cores"
        className={classes.wide}
        unit="ratio"
        mode="stacked"
        atLeast={0.05}
        queries={[
          {
            expr: q.cpuByMode,
            name: ({ mode }) => mode ?? "",
            color: ({ mode }) => CPU_MODES.find(({ name }) => name === mode)?.color,
            rank: ({ mode }) => CPU_MODES.findIndex(({ name }) => name === mode),
          },
        ]}
        empty={missing("processor use")}
      />
      <QueryPanel
        {...shared}
        title="Memory"
        subtitle="used, cached, free"
        className={classes.wide}
        unit="bytes"
        mode="stacked"
        queries={[
          { expr: q.memoryUsed, name: "used", color: meaningColors.used },
          { expr: q.memoryCached, name: "cached", color: meaningColors.cached },
          { expr: q.memoryFree, name: "free", color: meaningColors.free },
        ]}
        empty={missing("memory")}
      />
      <QueryPanel
        {...shared}
        title="Disk"
        subtitle="reads up, writes down"
        unit="bytesPerSecond"
        mode="area"
        queries={[
          { expr: q.diskRead, name: "read", color: meaningColors.read },
          { expr: q.diskWrite, name: "written", color: meaningColors.write, mirrored: true },
        ]}
        empty={missing("disks")}
      />
      <QueryPanel
        {...shared}
        title="Network"
        subtitle="in up, out down"
        unit="bytesPerSecond"
        mode="area"
        queries={[
          { expr: q.networkIn, name: "in", color: meaningColors.read },
          { expr: q.networkOut, name: "out", color: meaningColors.write, mirrored: true },
        ]}
        empty={missing("network")}
      />
      <QueryPanel
        {...shared}
        title="Load"
        subtitle="1, 5 and 15 minutes"
        unit="number"
        atLeast={0.5}
        queries={[
          { expr: q.load1, name: "1 min" },
          { expr: q.load5, name: "5 min" },
          { expr: q.load15, name: "15 min" },
        ]}
        empty={missing("load")}
      />
    </div>
  );
}
