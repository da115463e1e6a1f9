/** The five numbers of a host that one looks at first. */
import { type Tone, StatTile } from "../../panels/stat/StatTile";
import { useRange } from "../../api/use-range";
import { format, formatAge, formatCount } from "../../lib/format";
import { summarize } from "../../lib/series";
import classes from "./HomePage.module.css";
import { type Host, hostQueries } from "./host-queries";
import type { HomeView } from "./use-home";

interface Props {
  host: Host | undefined;
  view: HomeView;
}

const NOWHERE = { instance: "", job: "" };

export function HostStats({ host, view }: Props) {
  const q = hostQueries(host ?? NOWHERE, view.window);
  const exprs = [
    q.cpuBusy,
    q.cpuCount,
    q.memoryUsedRatio,
    q.memoryUsed,
    q.memoryTotal,
    q.rootFullness,
    q.rootAvailable,
    q.load1,
    q.uptime,
  ];
  const { data, isPending } = useRange(exprs, view, host !== undefined);
  const columns = exprs.map((_, index) => data?.answers[index]?.[0]?.values);
  const [cpu, cpus, memory, memoryUsed, memoryTotal, root, rootAvailable, load, uptime] = columns;
  const cpuCount = last(cpus) ?? NaN;
  const loadPerCpu = (last(load) ?? NaN) / cpuCount;

  return (
    <div className={classes.stats}>
      <StatTile
        label="CPU"
        value={ratio(cpu)}
        detail={plural(cpuCount, "core")}
        tone={toneAbove(last(cpu), 0.8, 0.95)}
        loading={isPending}
        spark={cpu ?? null}
        sparkAtLeast={0.1}
      />
      <StatTile
        label="Memory"
        value={ratio(memory)}
        detail={
          memoryUsed &&
          `${format(last(memoryUsed), "bytes")} of ${format(last(memoryTotal), "bytes")}`
        }
        tone={toneAbove(last(memory), 0.85, 0.95)}
        loading={isPending}
        spark={memory ?? null}
        sparkAtLeast={1}
      />
      <StatTile
        label="Root file system"
        value={ratio(root)}
        detail={
          root
            ? `${format(last(rootAvailable), "bytes")} free`
            : view.young
              ? undefined
              : "no disk behind /"
        }
        tone={toneAbove(last(root), 0.8, 0.92)}
        loading={isPending}
        spark={root ?? null}
        sparkAtLeast={1}
      />
      <StatTile
        label="Load"
        value={format(last(load))}
        detail={load && `${format(loadPerCpu, "number", 2)} per core, 1 min`}
        tone={toneAbove(loadPerCpu, 1.5, 4)}
        loading={isPending}
        spark={load ?? null}
        sparkAtLeast={0.5}
      />
      <StatTile
        label="Up for"
        value={formatAge(last(uptime) ?? NaN)}
        detail={uptime ? "since boot" : undefined}
        loading={isPending}
      />
    </div>
  );
}

function last(values: Float64Array | undefined): number | undefined {
  if (!values) return undefined;
  const { last: value } = summarize(values);
  return Number.isNaN(value) ? undefined : value;
}

function ratio(values: Float64Array | undefined): string {
  return format(last(values), "ratio");
}

function plural(count: number, noun: string): string | undefined {
  if (Number.isNaN(count)) return undefined;
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function toneAbove(value: number | undefined, warn: number, bad: number): Tone {
  if (value === undefined || !(value >= warn)) return "calm";
  return value < bad ? "warn" : "bad";
}
