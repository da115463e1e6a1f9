/** Explore's answers at one instant: a row a sample, a column a label; sorted, and virtual. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { InstantResult, InstantSample } from "../../api/query";
import { formatExact } from "../../lib/format";
import { HistogramCell } from "./HistogramCell";
import classes from "./TableView.module.css";
import type { QueryAnswer } from "./use-answers";

interface Row {
  origin: string;
  sample: InstantSample;
}

interface Sort {
  column: string;
  descending: boolean;
}

const VALUE = "\u0000value";
const ORIGIN = "\u0000origin";
const ROW_HEIGHT_PX = 32;

export function TableView({ answers }: { answers: readonly QueryAnswer<InstantResult>[] }) {
  const [sort, setSort] = useState<Sort | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () =>
      answers.flatMap(({ letter, answer }) =>
        (answer?.data.samples ?? []).map((sample): Row => ({ origin: letter, sample })),
      ),
    [answers],
  );
  const columns = useMemo(() => columnsOf(rows, answers.length > 1), [rows, answers.length]);
  const sorted = useMemo(() => (sort ? sortRows(rows, sort) : rows), [rows, sort]);
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    overscan: 16,
  });
  const texts = answers.flatMap(({ letter, answer }) =>
    answer?.data.text === undefined ? [] : [{ letter, text: answer.data.text }],
  );
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    <>
      {texts.map(({ letter, text }) => (
        <pre key={letter} className={classes.text}>
          {text}
        </pre>
      ))}
      {rows.length > 0 && (
        <div
          ref={scroller}
          className={classes.scroller}
          tabIndex={0}
          role="region"
          aria-label="Results"
        >
          <table className={classes.table} aria-rowcount={rows.length}>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th
                    key={column}
                    aria-sort={ariaSort(sort, column)}
                    data-value={column === VALUE || undefined}
                  >
                    <button type="button" onClick={() => setSort(nextSort(sort, column))}>
                      {titleOf(column)}
                      {sort?.column === column && (sort.descending ? " ↓" : " ↑")}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {before > 0 && <tr style={{ height: before }} />}
              {items.map(({ index }) => {
                const row = sorted[index];
                if (!row) return null;
                return (
                  <tr key={index} ref={virtualizer.measureElement} data-index={index}>
                    {columns.map((column) => (
                      <td key={column} data-value={column === VALUE || undefined}>
                        {cell(row, column)}
                      </td>
                    ))}
                  </tr>
                );
              })}
              {after > 0 && <tr style={{ height: after }} />}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function cell({ origin, sample }: Row, column: string) {
  if (column === ORIGIN) return origin;
  if (column !== VALUE) return sample.labels[column] ?? "";
  return sample.histogram ? (
    <HistogramCell histogram={sample.histogram} />
  ) : (
    formatExact(sample.value)
  );
}

function columnsOf(rows: readonly Row[], withOrigin: boolean): string[] {
  const labels = new Set(rows.flatMap(({ sample }) => Object.keys(sample.labels)));
  const named = labels.delete("__name__");
  return [
    ...(withOrigin ? [ORIGIN] : []),
    ...(named ? ["__name__"] : []),
    ...[...labels].sort(),
    VALUE,
  ];
}

function sortRows(rows: readonly Row[], { column, descending }: Sort): Row[] {
  const sign = descending ? -1 : 1;
  if (column === VALUE) {
    const value = ({ sample }: Row) => sample.histogram?.count ?? sample.value ?? NaN;
    return rows.toSorted((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (Number.isNaN(x) || Number.isNaN(y))
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return x === y ? 0 : sign * (x < y ? -1 : 1);
    });
  }
  const text = ({ origin, sample }: Row) =>
    column === ORIGIN ? origin : (sample.labels[column] ?? "");
  const collator = new Intl.Collator("en", { numeric: true });
  return rows.toSorted((a, b) => sign * collator.compare(text(a), text(b)));
}

function nextSort(sort: Sort | null, column: string): Sort {
  const descendsFirst = column === VALUE;
  if (sort?.column !== column) return { column, descending: descendsFirst };
  return { column, descending: !sort.descending };
}

function titleOf(column: string): string {
  if (column === VALUE) return "Value";
  if (column === ORIGIN) return "Query";
  return column === "__name__" ? "Metric" : column;
}

function ariaSort(sort: Sort | null, column: string) {
  if (sort?.column !== column) return "none";
  return sort.descending ? "descending" : "ascending";
}
