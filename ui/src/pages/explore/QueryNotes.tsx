/** What a query cost, and what the engine remarked. */
import { Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { InstantResult, QueryStats, RangeResult } from "../../api/query";
import { format, formatCount } from "../../lib/format";
import classes from "./QueryRow.module.css";
import type { QueryAnswer } from "./use-answers";

export function QueryNotes({
  answer,
}: {
  answer: QueryAnswer<RangeResult> | QueryAnswer<InstantResult>;
}) {
  if (answer.fetching && !answer.answer) return <div className={classes.notes}>Running…</div>;
  if (!answer.answer) return null;
  const { data, elapsedMs, warnings, infos } = answer.answer;
  const histograms = "histograms" in data ? data.histograms.length : 0;
  const { stats } = data;
  return (
    <div className={classes.notes}>
      <span>{resultSize(data)}</span>
      {stats?.samplesRead !== undefined && (
        <span>{formatCount(stats.samplesRead)} samples read</span>
      )}
      <Tooltip
        label={timingText(stats)}
        disabled={!stats || Object.keys(stats.timings).length === 0}
      >
        <span>{format(elapsedMs / 1000, "seconds", 3)}</span>
      </Tooltip>
      {"grid" in data && <span>step {format(data.grid.step, "seconds")}</span>}
      {histograms > 0 && (
        <span className={classes.info}>
          <IconInfoCircle size={14} aria-hidden="true" />
          {formatCount(histograms)} native histogram series have no single line: see the table, or
          wrap the query in histogram_quantile(0.95, …) or histogram_avg(…).
        </span>
      )}
      {warnings.map((warning) => (
        <span key={warning} className={classes.warning} role="status">
          <IconAlertTriangle size={14} aria-hidden="true" />
          {warning}
        </span>
      ))}
      {infos.map((info) => (
        <span key={info} className={classes.info}>
          <IconInfoCircle size={14} aria-hidden="true" />
          {info}
        </span>
      ))}
    </div>
  );
}

function resultSize(data: RangeResult | InstantResult): string {
  if ("grid" in data) return counted(data.series.length, "series", "series");
  if (data.kind === "scalar" || data.kind === "string") return data.kind;
  return counted(data.samples.length, "row", "rows");
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? "Nothing matches" : `${formatCount(count)} ${count === 1 ? one : many}`;
}

function timingText(stats: QueryStats | undefined): string {
  return Object.entries(stats?.timings ?? {})
    .filter(([, seconds]) => seconds > 0)
    .map(([phase, seconds]) => `${phase}: ${format(seconds, "seconds")}`)
    .join(", ");
}
