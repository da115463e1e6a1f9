/** A chart of series over time: crosshair and tooltip, drag to zoom, synced with its neighbours. */
import "uplot/dist/uPlot.min.css";
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import { format, type Unit } from "../../lib/format";
import { usePreferences } from "../../lib/preferences";
import type { Span } from "../../lib/timerange";
import { unitAxis, type ValueAxis } from "./axes";
import { ChartTooltip, type Hover, type TooltipRules } from "./ChartTooltip";
import type { Annotation, ThresholdMarks } from "./marks";
import { type ChartLook, chartOptions } from "./options";
import { type DrawMode, plotData, type PlotSeries } from "./plot-data";
import classes from "./TimeSeriesChart.module.css";

export interface TimeSeriesChartProps {
  /** What the chart shows, for those who cannot see it. */
  label: string;
  /** Seconds since the epoch, ascending. */
  times: Float64Array;
  series: readonly PlotSeries[];
  span: Span;
  unit?: Unit;
  mode?: DrawMode;
  height?: number;
  atLeast?: number;
  /** Axes of charts whose series differ in unit; without them one for `unit` is drawn. */
  axes?: readonly ValueAxis[] | undefined;
  thresholds?: ThresholdMarks | undefined;
  annotations?: readonly Annotation[];
  tooltip?: TooltipRules;
  /** Charts with the same key share their crosshair. */
  syncKey?: string | undefined;
  /** They share their tooltip, too. */
  syncTooltip?: boolean;
  onZoom?: ((span: Span) => void) | undefined;
  onZoomOut?: (() => void) | undefined;
  /** Ctrl-click or Ctrl-drag: at a moment both ends are the same. */
  onMark?: ((span: Span) => void) | undefined;
}

const NO_ANNOTATIONS: readonly Annotation[] = [];

export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const { label, times, series, span, unit = "number", mode = "lines", height = 180 } = props;
  const { syncKey, syncTooltip = false, atLeast, onZoom, onZoomOut, onMark, thresholds } = props;
  const { annotations = NO_ANNOTATIONS } = props;
  const scheme = useComputedColorScheme("light");
  const { zone } = usePreferences();
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);

  const axes = props.axes ?? [unitAxis(unit, mode, atLeast)];
  const data = useMemo(() => plotData(times, series, mode), [times, series, mode]);
  // What uPlot reads later, whenever it redraws or is dragged.
  const latest = useRef({ span, onZoom, onMark, series, data, annotations, axes });
  useLayoutEffect(() => {
    latest.current = { span, onZoom, onMark, series, data, annotations, axes };
  });

  // uPlot is rebuilt only when the set of lines or their look changes; new data is just set.
  const structure = JSON.stringify([
    series.map((one) => [
      one.key,
      one.name,
      one.color,
      one.mirrored,
      one.dashed,
      one.style,
      one.axis,
      one.stack,
    ]),
    [mode, unit, zone, scheme, syncKey, syncTooltip, atLeast, thresholds, axes],
  ]);
  useLayoutEffect(() => {
    const element = container.current;
    if (!element || !canDraw()) return;
    const look: ChartLook = {
      mode,
      zone,
      axes: latest.current.axes,
      thresholds,
      syncKey,
      ...chartColors(element),
    };
    const options = chartOptions(
      { width: element.clientWidth || 300, height: element.clientHeight || 180 },
      latest.current.series,
      look,
      {
        span: () => latest.current.span,
        annotations: () => latest.current.annotations,
        onHover: (u) => setHover(hoverOf(u, syncTooltip)),
        onZoom: (zoomed) => latest.current.onZoom?.(zoomed),
        onMark: (marked) => latest.current.onMark?.(marked),
      },
    );
    const created = new uPlot(options, latest.current.data, element);
    plot.current = created;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: tall } = element;
      if (width > 0 && (width !== created.width || tall !== created.height)) {
        created.setSize({ width, height: tall });
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
      plot.current = null;
      setHover(null);
    };
    // `structure` stands for everything the look is made of.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [structure]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data, span.start, span.end, annotations]);

  return (
    <div
      className={classes.chart}
      style={{ height }}
      role="img"
      aria-label={`${label}: ${series.length} series`}
      onDoubleClick={onZoomOut}
    >
      <div ref={container} className={classes.canvas} />
      {hover && (
        <ChartTooltip
          hover={hover}
          times={times}
          series={series}
          annotations={annotations}
          secondsPerPx={(span.end - span.start) / Math.max(1, hover.width)}
          formatValue={(value) => format(value, unit, 4)}
          rules={props.tooltip}
          stacked={mode === "stacked"}
        />
      )}
    </div>
  );
}

function hoverOf(plot: uPlot, isShared: boolean): Hover | null {
  const { left, top, idx } = plot.cursor;
  if (idx === null || idx === undefined || left === undefined || left < 0) return null;
  // The neighbours of a synced chart show their crosshair, but by default only one the values.
  const isSource = plot.over.matches(":hover");
  if (!isSource && !isShared) return null;
  const focused = plot.series.findIndex(
    (s, i) => i > 0 && (s as { _focus?: boolean })._focus === true,
  );
  return {
    index: idx,
    left: left + plot.over.offsetLeft,
    top: (top ?? 0) + plot.over.offsetTop,
    width: plot.width,
    height: plot.height,
    focused: focused > 0 ? focused - 1 : null,
  };
}

function chartColors(element: HTMLElement) {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim() || "#888";
  return {
    text: token("--bw-dim"),
    grid: token("--bw-grid"),
    crosshair: token("--bw-line-strong"),
    surface: token("--bw-surface"),
  };
}

/** Test environments have no canvas; the rest of the panel still works there. */
function canDraw(): boolean {
  return typeof Path2D !== "undefined";
}
