/** What a query cost, and what the engine remarked. */
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { InstantResult, RangeResult } from "../../api/query";
import { format, formatCount } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { QueryExplain } from "./QueryExplain";
import classes from "./QueryRow.module.css";
import type { QueryAnswer } from "./use-answers";

const ELAPSED_PERIOD_MS = 200;

export function QueryNotes({
  answer,
}: {
  answer: QueryAnswer<RangeResult> | QueryAnswer<InstantResult>;
}) {
  const [explained, setExplained] = useState(false);
  if (answer.fetching && !answer.answer) {
    return (
      <div className={classes.notes}>
        <Elapsed />
      </div>
    );
  }
  if (!answer.answer) return null;
  const { data, elapsedMs, warnings, infos } = answer.answer;
  const histograms = "histograms" in data ? data.histograms.length : 0;
  const { stats } = data;
  return (
    <>
      <div className={classes.notes}>
        {answer.fetching && <Elapsed />}
        <span>{resultSize(data)}</span>
        {stats?.samplesRead !== undefined && (
          <span>{formatCount(stats.samplesRead)} samples read</span>
        )}
        <span>{format(elapsedMs / 1000, "seconds", 3)}</span>
        {"grid" in data && <span>step {format(data.grid.step, "seconds")}</span>}
        {stats && (
          <button
            type="button"
            className={classes.explain}
            aria-expanded={explained}
            onClick={() => setExplained(!explained)}
          >
            Explain
          </button>
        )}
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
      {explained && stats && (
        <QueryExplain stats={stats} elapsedMs={elapsedMs} series={seriesOf(data)} />
      )}
    </>
  );
}

/** How long it has been running: long queries are worth cancelling. */
function Elapsed() {
  const [sinceMs] = useState(() => Date.now());
  const nowMs = useNow(ELAPSED_PERIOD_MS);
  return (
    <span role="status">Running… {format(Math.max(0, nowMs - sinceMs) / 1000, "seconds", 2)}</span>
  );
}

function seriesOf(data: RangeResult | InstantResult): number {
  return "grid" in data ? data.series.length + data.histograms.length : data.samples.length;
}

function resultSize(data: RangeResult | InstantResult): string {
  if ("grid" in data) return counted(data.series.length, "series", "series");
  if (data.kind === "scalar" || data.kind === "string") return data.kind;
  return counted(data.samples.length, "row", "rows");
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? "Nothing matches" : `${formatCount(count)} ${count === 1 ? one : many}`;
}
