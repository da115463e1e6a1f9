/** A legend as a table: min, max, average and last of each series; click shows one alone. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, useMemo, useRef, useState } from "react";
import { format, type Unit } from "../../lib/format";
import { type SeriesSummary, summarize } from "../../lib/series";
import classes from "./LegendTable.module.css";
import type { PlotSeries } from "./plot-data";

export interface LegendRow {
  series: PlotSeries;
  /** The letter of the query it answers, when there are several. */
  origin?: string | undefined;
  hidden: boolean;
}

interface Props {
  rows: readonly LegendRow[];
  unit: Unit;
  onIsolate: (key: string) => void;
  onToggle: (key: string) => void;
}

type SortKey = "name" | keyof SeriesSummary;
interface Sort {
  key: SortKey;
  descending: boolean;
}

const ROW_HEIGHT_PX = 27;
const COLUMNS: { key: SortKey; title: string }[] = [
  { key: "name", title: "Series" },
  { key: "min", title: "Min" },
  { key: "avg", title: "Avg" },
  { key: "max", title: "Max" },
  { key: "last", title: "Last" },
];

export function LegendTable({ rows, unit, onIsolate, onToggle }: Props) {
  const [sort, setSort] = useState<Sort | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const summarized = useMemo(
    () => rows.map((row) => ({ ...row, summary: summarize(row.series.values) })),
    [rows],
  );
  const sorted = useMemo(
    () => (sort ? sortRows(summarized, sort) : summarized),
    [summarized, sort],
  );
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 12,
  });

  const click = (event: MouseEvent, key: string) => {
    if (event.ctrlKey || event.metaKey) onToggle(key);
    else onIsolate(key);
  };
  return (
    <div className={classes.legend} role="table" aria-label="Series" aria-rowcount={rows.length}>
      <div role="row" className={classes.head}>
        {COLUMNS.map(({ key, title }) => (
          <div key={key} role="columnheader" aria-sort={ariaSort(sort, key)}>
            <button type="button" onClick={() => setSort(nextSort(sort, key))}>
              {title}
              {sort?.key === key && (sort.descending ? " ↓" : " ↑")}
            </button>
          </div>
        ))}
      </div>
      <div ref={scroller} className={classes.scroller} role="rowgroup">
        <div
          role="presentation"
          style={{ height: virtualizer.getTotalSize(), position: "relative" }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = sorted[index];
            if (!row) return null;
            const { series, summary, origin, hidden } = row;
            return (
              <div
                key={series.key}
                role="row"
                className={classes.row}
                data-hidden={hidden || undefined}
                style={{ transform: `translateY(${start}px)` }}
              >
                <div role="cell" className={classes.name}>
                  <button
                    type="button"
                    title={series.name}
                    aria-pressed={!hidden}
                    onClick={(event) => click(event, series.key)}
                  >
                    <span className={classes.swatch} style={{ background: series.color }} />
                    {origin !== undefined && <span className={classes.origin}>{origin}</span>}
                    <span className={classes.text}>{series.name}</span>
                  </button>
                </div>
                {(["min", "avg", "max", "last"] as const).map((key) => (
                  <div key={key} role="cell" className={classes.value}>
                    {format(summary[key], unit, 4)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function nextSort(sort: Sort | null, key: SortKey): Sort | null {
  if (sort?.key !== key) return { key, descending: key !== "name" };
  return sort.descending === (key !== "name") ? { key, descending: !sort.descending } : null;
}

type Summarized = LegendRow & { summary: SeriesSummary };

function sortRows(rows: readonly Summarized[], { key, descending }: Sort): Summarized[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    if (key === "name")
      return sign * a.series.name.localeCompare(b.series.name, "en", { numeric: true });
    const [x, y] = [a.summary[key], b.summary[key]];
    // Series without a value stay at the end either way.
    if (Number.isNaN(x) || Number.isNaN(y))
      return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return sign * (x - y);
  });
}

function ariaSort(sort: Sort | null, key: SortKey) {
  if (sort?.key !== key) return "none";
  return sort.descending ? "descending" : "ascending";
}
