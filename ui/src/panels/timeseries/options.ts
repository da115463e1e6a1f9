/** How a time series chart looks: uPlot's options from our series, axes and colours. */
import uPlot from "uplot";
import { translucent } from "../../data/colors";
import type { Span, TimeZone } from "../../lib/timerange";
import { DEFAULT_AXIS, timeAxis, type ValueAxis, valueAxis, valueScale } from "./axes";
import {
  type Annotation,
  drawAnnotations,
  drawThresholdAreas,
  drawThresholdLines,
  type ThresholdMarks,
} from "./marks";
import {
  type DrawMode,
  isolatedPoints,
  type PlotSeries,
  type SeriesStyle,
  stackGroups,
} from "./plot-data";

export interface ChartLook {
  mode: DrawMode;
  zone: TimeZone;
  axes: readonly ValueAxis[];
  thresholds: ThresholdMarks | undefined;
  text: string;
  grid: string;
  crosshair: string;
  surface: string;
  syncKey: string | undefined;
}

export interface ChartEvents {
  span: () => Span;
  annotations: () => readonly Annotation[];
  onHover: (plot: uPlot) => void;
  onZoom: (span: Span) => void;
  /** Ctrl-drag over a stretch, Ctrl-click at a moment. */
  onMark: (span: Span) => void;
}

const SELECT_WIDTH_MIN_PX = 8;

export function chartOptions(
  size: { width: number; height: number },
  series: readonly PlotSeries[],
  look: ChartLook,
  events: ChartEvents,
): uPlot.Options {
  const { thresholds } = look;
  return {
    ...size,
    padding: [10, 12, 0, 4],
    legend: { show: false },
    tzDate: (seconds) =>
      look.zone === "utc"
        ? uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC")
        : new Date(seconds * 1000),
    cursor: {
      y: false,
      focus: { prox: 24 },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, width: 2, fill: look.surface },
      ...(look.syncKey === undefined ? {} : { sync: { key: look.syncKey, setSeries: false } }),
    },
    focus: { alpha: series.length > 1 ? 0.45 : 1 },
    scales: {
      x: {
        time: true,
        range: () => {
          const { start, end } = events.span();
          return [start, end];
        },
      },
      ...Object.fromEntries(look.axes.map((axis) => [axis.key, valueScale(axis)])),
    },
    axes: [timeAxis(look.zone, look), ...look.axes.map((axis) => valueAxis(axis, look))],
    series: [{}, ...series.map((one) => drawnSeries(one, look.mode))],
    bands: [...stackBands(series, look.mode), ...fillBands(series)],
    hooks: {
      init: [(plot) => listenForMarks(plot, events.onMark)],
      setCursor: [events.onHover],
      drawClear: thresholds ? [(plot) => drawThresholdAreas(plot, thresholds)] : [],
      draw: [
        (plot) => {
          if (thresholds) drawThresholdLines(plot, thresholds);
          drawAnnotations(plot, events.annotations());
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (isMarking(plot) || width < SELECT_WIDTH_MIN_PX) return;
          const start = plot.posToVal(left, "x");
          const end = plot.posToVal(left + width, "x");
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          events.onZoom({ start, end });
        },
      ],
    },
  };
}

/** Plots over which the pointer is down with Ctrl held: what is selected is marked, not zoomed. */
const marking = new WeakSet<uPlot>();

function isMarking(plot: uPlot): boolean {
  return marking.has(plot);
}

function listenForMarks(plot: uPlot, onMark: (span: Span) => void): void {
  const withCtrl = (event: MouseEvent) => event.ctrlKey || event.metaKey;
  let from = 0;
  const placeOf = (event: MouseEvent) => {
    const { left, width } = plot.over.getBoundingClientRect();
    return Math.min(Math.max(event.clientX - left, 0), width);
  };
  plot.over.addEventListener("mousedown", (event) => {
    if (event.button !== 0 || !withCtrl(event)) return;
    marking.add(plot);
    from = placeOf(event);
    const end = (released: MouseEvent) => {
      const to = placeOf(released);
      // uPlot hears of the same release and selects: it must still find the mark.
      setTimeout(() => {
        marking.delete(plot);
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      });
      const isClick = Math.abs(to - from) < SELECT_WIDTH_MIN_PX;
      const [start, stop] = isClick ? [from, from] : [Math.min(from, to), Math.max(from, to)];
      onMark({ start: plot.posToVal(start, "x"), end: plot.posToVal(stop, "x") });
    };
    window.addEventListener("mouseup", end, { once: true });
  });
}

/** How a chart of one mode draws all of its series. */
export function styleOfMode(mode: DrawMode, dashed: boolean): SeriesStyle {
  return {
    draw: "line",
    interpolation: "linear",
    widthPx: mode === "stacked" ? 1 : 1.6,
    fill: { lines: 0, area: 0.14, stacked: 0.69 }[mode],
    gradient: false,
    dash: dashed ? [5, 4] : undefined,
    points: "auto",
    pointSizePx: 5,
    spanGaps: false,
    fillTo: undefined,
  };
}

function drawnSeries(series: PlotSeries, mode: DrawMode): uPlot.Series {
  const style = series.style ?? styleOfMode(mode, series.dashed ?? false);
  const drawn: uPlot.Series = {
    label: series.name,
    scale: series.axis ?? DEFAULT_AXIS,
    stroke: series.color,
    width: style.widthPx,
    spanGaps: style.spanGaps,
    points: pointsOf(style, series.color),
  };
  const paths = pathsOf(style);
  if (paths) drawn.paths = paths;
  if (style.dash) drawn.dash = style.dash;
  if (style.fill > 0 && style.draw !== "points") drawn.fill = fillOf(series, style);
  return drawn;
}

function pathsOf({ draw, interpolation }: SeriesStyle): uPlot.Series.PathBuilder | undefined {
  if (draw === "points") return () => null;
  if (draw === "bars") return uPlot.paths.bars?.({ size: [0.7, 80], align: 0 });
  switch (interpolation) {
    case "smooth":
      return uPlot.paths.spline?.();
    case "stepBefore":
      return uPlot.paths.stepped?.({ align: -1 });
    case "stepAfter":
      return uPlot.paths.stepped?.({ align: 1 });
    case "linear":
      return undefined;
  }
}

function pointsOf({ draw, points, pointSizePx }: SeriesStyle, color: string): uPlot.Series.Points {
  const all = draw === "points" || points === "always";
  const base = { size: pointSizePx, fill: color };
  if (all) return { ...base, show: true };
  if (draw === "bars") return { show: false };
  // Even a line without points must show what has no neighbour to be joined to.
  return {
    ...base,
    show: true,
    filter: (plot, seriesIndex) => isolatedPoints(plot.data[seriesIndex] ?? []),
  };
}

function fillOf(series: PlotSeries, { fill, gradient }: SeriesStyle): uPlot.Series.Fill {
  const color = translucent(series.color, fill);
  if (!gradient) return color;
  return (plot) => {
    const { top, height } = plot.bbox;
    if (!Number.isFinite(top + height)) return color;
    const faded = plot.ctx.createLinearGradient(0, top, 0, top + height);
    const [near, far] = series.mirrored ? [0.02, fill] : [fill, 0.02];
    faded.addColorStop(0, translucent(series.color, near));
    faded.addColorStop(1, translucent(series.color, far));
    return faded;
  };
}

/** Fills between a running sum and the one below it, on each side of zero. */
function stackBands(series: readonly PlotSeries[], mode: DrawMode): uPlot.Band[] {
  return stackGroups(series, mode).flatMap(({ indices }) => {
    const bands: uPlot.Band[] = [];
    const below: { up?: number; down?: number } = {};
    for (const index of indices) {
      const side = series[index]?.mirrored ? "down" : "up";
      const lower = below[side];
      if (lower !== undefined) bands.push({ series: [index + 1, lower] });
      below[side] = index + 1;
    }
    return bands;
  });
}

function fillBands(series: readonly PlotSeries[]): uPlot.Band[] {
  return series.flatMap(({ style }, index) => {
    const to = series.findIndex(({ name }) => name === style?.fillTo);
    return style?.fillTo === undefined || to < 0
      ? []
      : [{ series: [index + 1, to + 1] as [number, number] }];
  });
}
