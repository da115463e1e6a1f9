/** What Explore shows, as CSV: one row a sample for tables, one column a series for graphs. */
import type { InstantSample, RangeSeries } from "../../api/query";
import { type Cell, toCsv } from "../../lib/csv";
import { formatExact } from "../../lib/format";
import { type Grid, gridTimes } from "../../lib/grid";
import { seriesName } from "../../lib/series";

export interface NamedAnswer {
  letter: string;
  grid: Grid;
  series: readonly RangeSeries[];
}

/** Queries on different grids (one was run a step later) still share their rows. */
export function rangeCsv(answers: readonly NamedAnswer[]): string {
  const columns = answers.flatMap(({ letter, grid, series }) =>
    series.map(({ labels, values }) => ({
      title: answers.length > 1 ? `${letter}: ${seriesName(labels)}` : seriesName(labels),
      byTime: new Map(Array.from(gridTimes(grid), (time, index) => [time, values[index] ?? NaN])),
    })),
  );
  const times = [...new Set(answers.flatMap(({ grid }) => [...gridTimes(grid)]))].sort(
    (a, b) => a - b,
  );
  const rows = times.map((time): Cell[] => [
    new Date(time * 1000).toISOString(),
    ...columns.map(({ byTime }) => {
      const value = byTime.get(time) ?? NaN;
      return Number.isNaN(value) ? "" : csvNumber(value);
    }),
  ]);
  return toCsv(["time", ...columns.map(({ title }) => title)], rows);
}

export function instantCsv(samples: readonly InstantSample[]): string {
  const labels = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))].sort();
  const rows = samples.map((sample): Cell[] => [
    new Date(sample.timeSeconds * 1000).toISOString(),
    ...labels.map((label) => sample.labels[label] ?? ""),
    sample.histogram ? sample.histogram.count : csvNumber(sample.value),
  ]);
  return toCsv(["time", ...labels, "value"], rows);
}

function csvNumber(value: number): Cell {
  return Number.isFinite(value) ? value : formatExact(value);
}
