/** Explore's answers as one graph with a legend of all series. */
import { Button, SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { RangeResult } from "../../api/query";
import type { Unit } from "../../lib/format";
import { gridIndex, gridLength, gridTimes, type Grid } from "../../lib/grid";
import type { LegendEntry } from "../../lib/png";
import { legendNames, seriesName } from "../../lib/series";
import { unitOfQuery } from "../../lib/query-unit";
import type { TimeParams } from "../../lib/use-time-params";
import { type LegendRow, LegendTable } from "../../panels/timeseries/LegendTable";
import type { DrawMode, PlotSeries } from "../../panels/timeseries/plot-data";
import { TimeSeriesChart } from "../../panels/timeseries/TimeSeriesChart";
import { type ColorScheme, seriesColor } from "../../theme/series-colors";
import classes from "./ExplorePage.module.css";
import type { QueryAnswer } from "./use-answers";

interface Props {
  answers: readonly QueryAnswer<RangeResult>[];
  draw: DrawMode;
  onDraw: (draw: DrawMode) => void;
  time: TimeParams;
  tools: ReactNode;
  /** Told which lines are seen, for a picture of the graph. */
  onLegend: (entries: LegendEntry[]) => void;
}

/** More lines than this cannot be told apart, but can make a page slow. */
const DRAWN_MAX = 100;

interface Line {
  series: PlotSeries;
  origin: string;
}

export function GraphView({ answers, draw, onDraw, time, tools, onLegend }: Props) {
  const scheme = useComputedColorScheme("light");
  const narrow = useMediaQuery("(max-width: 48em)");
  const [drawAll, setDrawAll] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const results = useMemo(() => {
    const fresh = answers.filter(({ stale }) => !stale);
    return (fresh.length > 0 ? fresh : answers).flatMap(resultOf);
  }, [answers]);
  const grid = useMemo(() => unionGrid(results.map(({ data }) => data.grid)), [results]);
  const lines = useMemo(
    () => (grid ? plotLines(results, grid, scheme) : []),
    [results, grid, scheme],
  );
  const shown = useMemo(() => (drawAll ? lines : lines.slice(0, DRAWN_MAX)), [lines, drawAll]);
  const times = useMemo(() => (grid ? gridTimes(grid) : new Float64Array()), [grid]);
  const rows = useMemo(
    () =>
      shown.map(({ series, origin }): LegendRow => ({
        series,
        origin: results.length > 1 ? origin : undefined,
        hidden: hidden.has(series.key),
      })),
    [shown, results.length, hidden],
  );
  const visible = useMemo(() => rows.filter((row) => !row.hidden).map((row) => row.series), [rows]);
  useEffect(
    () => onLegend(visible.map(({ name, color }) => ({ name, color }))),
    [visible, onLegend],
  );
  if (!grid || lines.length === 0) return null;

  const keys = shown.map(({ series }) => series.key);
  const isolate = (key: string) =>
    setHidden(isAlone(key, keys, hidden) ? new Set() : new Set(keys.filter((k) => k !== key)));
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  return (
    <div>
      <div className={classes.graphTools}>
        <SegmentedControl
          size="xs"
          aria-label="Draw as"
          value={draw}
          onChange={(value) => onDraw(value)}
          data={[
            { value: "lines", label: "Lines" },
            { value: "area", label: "Area" },
            { value: "stacked", label: "Stacked" },
          ]}
        />
        {tools}
      </div>
      <div style={{ opacity: answers.some(({ stale }) => stale) ? 0.55 : 1 }}>
        <TimeSeriesChart
          label="Query results"
          times={times}
          series={visible}
          span={{ start: grid.start, end: grid.end }}
          unit={commonUnit(answers)}
          mode={draw}
          height={narrow ? 260 : 380}
          onZoom={time.zoomTo}
          onZoomOut={time.zoomOut}
        />
      </div>
      {lines.length > shown.length && (
        <div className={classes.limited}>
          Showing {shown.length} of {lines.length} series.
          <Button size="compact-xs" variant="light" onClick={() => setDrawAll(true)}>
            Draw all
          </Button>
        </div>
      )}
      <LegendTable rows={rows} unit={commonUnit(answers)} onIsolate={isolate} onToggle={toggle} />
    </div>
  );
}

interface Result {
  letter: string;
  data: RangeResult;
}

function resultOf({ letter, answer }: QueryAnswer<RangeResult>): Result[] {
  return answer ? [{ letter, data: answer.data }] : [];
}

function plotLines(results: readonly Result[], grid: Grid, scheme: ColorScheme): Line[] {
  const lines: Line[] = [];
  for (const { letter, data } of results.filter((one) => canJoin(one.data.grid, grid))) {
    const names = legendNames(data.series.map(({ labels }) => labels));
    data.series.forEach(({ labels, values }, index) => {
      lines.push({
        origin: letter,
        series: {
          key: `${letter} ${seriesName(labels)}`,
          name: names[index] ?? "",
          color: seriesColor(lines.length, scheme),
          values: onGrid(values, data.grid, grid),
        },
      });
    });
  }
  return lines;
}

/**
 * Queries run a moment apart differ by a point; drawn together they need one grid. Answers still
 * of another step or time, while theirs is being run anew, cannot join.
 */
export function unionGrid(grids: readonly Grid[]): Grid | undefined {
  const newest = grids.reduce<Grid | undefined>((a, b) => (a && a.end >= b.end ? a : b), undefined);
  if (!newest) return undefined;
  const joined = grids.filter((grid) => canJoin(grid, newest));
  return {
    start: Math.min(...joined.map((grid) => grid.start)),
    end: Math.max(...joined.map((grid) => grid.end)),
    step: newest.step,
  };
}

export function canJoin(grid: Grid, other: Grid): boolean {
  return grid.step === other.step && grid.start <= other.end && grid.end >= other.start;
}

export function onGrid(values: Float64Array, from: Grid, to: Grid): Float64Array {
  if (from.start === to.start && from.step === to.step && from.end === to.end) return values;
  const moved = new Float64Array(gridLength(to)).fill(NaN);
  values.forEach((value, index) => {
    const place = gridIndex(to, from.start + index * from.step);
    if (place >= 0 && place < moved.length) moved[place] = value;
  });
  return moved;
}

function isAlone(key: string, keys: readonly string[], hidden: ReadonlySet<string>): boolean {
  return keys.every((k) => hidden.has(k) !== (k === key));
}

/** Queries of different units share no axis label. */
function commonUnit(answers: readonly QueryAnswer<RangeResult>[]): Unit {
  const [unit, ...others] = new Set(answers.map(({ expr }) => unitOfQuery(expr)));
  return unit !== undefined && others.length === 0 ? unit : "number";
}
