/** Bellwether's own health: how much it takes in, holds, and costs. */
import { useRange } from "../../api/use-range";
import { format } from "../../lib/format";
import { summarize } from "../../lib/series";
import { Panel } from "../../panels/Panel";
import { Sparkline } from "../../panels/stat/Sparkline";
import classes from "./SelfPanel.module.css";
import type { HomeView } from "./use-home";

const SELF = '{job="bellwether"}';

export function SelfPanel({ view }: { view: HomeView }) {
  const rows = [
    {
      label: "Samples in",
      unit: "perSecond",
      expr: `sum(rate(bellwether_ingested_samples_total${SELF}[${view.window}]))`,
    },
    { label: "Series", unit: "number", expr: `sum(bellwether_head_series${SELF})` },
    { label: "Stored", unit: "bytes", expr: `sum(bellwether_storage_bytes${SELF})` },
    { label: "Memory", unit: "bytes", expr: `sum(process_resident_memory_bytes${SELF})` },
    {
      label: "CPU",
      unit: "ratio",
      expr: `sum(rate(process_cpu_seconds_total${SELF}[${view.window}]))`,
    },
  ] as const;
  const { data, error, isPending } = useRange(
    rows.map(({ expr }) => expr),
    view,
  );
  const nothing = data?.answers.every((series) => series.length === 0);
  return (
    <Panel
      title="Bellwether"
      subtitle="its own ingest, store and cost"
      loading={isPending}
      error={data ? null : error}
      empty={
        nothing ? "Bellwether's own metrics appear with the first scrape of itself." : undefined
      }
      height={170}
    >
      <dl className={classes.list}>
        {rows.map(({ label, unit }, index) => {
          const values = data?.answers[index]?.[0]?.values;
          return (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <span className={classes.spark}>
                  {values && <Sparkline values={values} color="var(--bw-accent)" />}
                </span>
                <span>{values ? format(summarize(values).last, unit) : "–"}</span>
              </dd>
            </div>
          );
        })}
      </dl>
    </Panel>
  );
}
