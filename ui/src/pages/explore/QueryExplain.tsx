/** Where a query's time went, and how much it read: what the server measured. */
import type { QueryStats } from "../../api/query";
import { format, formatCount } from "../../lib/format";
import { Sparkline } from "../../panels/stat/Sparkline";
import classes from "./QueryRow.module.css";

interface Props {
  stats: QueryStats;
  /** From asking to having read the answer. */
  elapsedMs: number;
  series: number;
}

/** The server's phases in the order in which they happen; the others contain them. */
const PHASES: readonly [key: string, label: string][] = [
  ["execQueueTime", "Waited its turn"],
  ["queryPreparationTime", "Found and read series"],
  ["innerEvalTime", "Calculated"],
  ["resultSortTime", "Sorted"],
];

export function QueryExplain({ stats, elapsedMs, series }: Props) {
  const { timings, samplesRead, samplesPeak, samplesPerStep } = stats;
  const total = timings.execTotalTime ?? timings.evalTotalTime ?? 0;
  const elapsed = elapsedMs / 1000;
  const phases = [
    ...PHASES.map(([key, label]) => ({ label, seconds: timings[key] ?? 0 })),
    { label: "Sent and read", seconds: Math.max(0, elapsed - total) },
  ];
  const longest = Math.max(...phases.map(({ seconds }) => seconds), 1e-9);
  const counts: [string, number | undefined][] = [
    ["Samples read", samplesRead],
    ["At once in memory", samplesPeak],
    ["Series in the answer", series],
    ["Steps", samplesPerStep.length > 1 ? samplesPerStep.length : undefined],
  ];
  return (
    <div className={classes.explained} role="group" aria-label="Explanation of the query">
      <dl>
        {phases.map(({ label, seconds }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={classes.bar} aria-hidden="true">
              <i style={{ width: `${(seconds / longest) * 100}%` }} />
            </dd>
            <dd>{format(seconds, "seconds", 3)}</dd>
          </div>
        ))}
      </dl>
      <dl>
        {counts.map(
          ([label, count]) =>
            count !== undefined && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{formatCount(count)}</dd>
              </div>
            ),
        )}
      </dl>
      {samplesPerStep.length > 1 && (
        <div>
          <dl>
            <div>
              <dt>Samples by step</dt>
              <dd>{formatCount(Math.max(...samplesPerStep.map(([, samples]) => samples)))}</dd>
            </div>
          </dl>
          <div className={classes.steps}>
            <Sparkline
              values={Float64Array.from(samplesPerStep, ([, samples]) => samples)}
              color="var(--bw-accent)"
              atLeast={1}
            />
          </div>
        </div>
      )}
    </div>
  );
}
