/** Counts by time and bucket as colours, on a canvas, with a scale of what they mean. */
import { type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { heatColors, mix, namedColor, translucent } from "../../data/colors";
import { joined, unitFormatter } from "../../data/units";
import { bool, num, obj, str } from "../../lib/json";
import { formatTime } from "../../lib/timerange";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { TIME_AXIS_PX, TimeAxis } from "../time-axis/TimeAxis";
import { heatOf } from "./cells";
import classes from "./HeatmapPanel.module.css";

const LABEL_PX = 12;
const SCALE_PX = 22;
const COLORS = 64;

export default function HeatmapPanel(props: PanelProps) {
  const { options, width, height, span, show } = props;
  const shown = useShown(props, "palette-classic");
  const heat = useMemo(() => heatOf(shown, options), [shown, options]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState<{ x: number; y: number; column: number; row: number }>();

  const yAxis = obj(options.yAxis);
  const unit =
    str(yAxis.unit) ?? shown[0]?.fields.find(({ type }) => type === "number")?.options.unit;
  const format = unitFormatter(unit);
  const label = (value: number) => joined(format(value, num(yAxis.decimals)));
  const withScale = obj(options.legend).show !== false && height > 130;
  const plotHeight = Math.max(20, height - TIME_AXIS_PX - (withScale ? SCALE_PX : 0));
  const bounds = heat?.bounds ?? [];
  const rows = bounds.length - 1;
  const axisWidth = Math.max(34, ...bounds.map((bound) => label(bound).length * 6.4 + 8));
  const plotWidth = Math.max(20, width - axisWidth);

  const color = obj(options.color);
  const palette = useMemo(() => paletteOf(color, show.scheme), [color, show.scheme]);
  const most = useMemo(() => {
    const largest = heat?.counts.reduce(
      (top, column) => column.reduce((a, b) => Math.max(a, b), top),
      0,
    );
    return num(color.max) ?? largest ?? 0;
  }, [heat, color]);
  const least = num(color.min, 0);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !heat) return;
    const ratio = window.devicePixelRatio || 1;
    context.canvas.width = plotWidth * ratio;
    context.canvas.height = plotHeight * ratio;
    context.scale(ratio, ratio);
    context.clearRect(0, 0, plotWidth, plotHeight);
    const step = heat.times.length > 1 ? (heat.times[1] ?? 0) - (heat.times[0] ?? 0) : 60_000;
    const seconds = span.end - span.start;
    const gap = plotWidth / Math.max(1, heat.times.length) > 6 && plotHeight / rows > 6 ? 1 : 0;
    heat.times.forEach((time, column) => {
      // A sample tells of the time before it.
      const right = ((time / 1000 - span.start) / seconds) * plotWidth;
      const left = ((time / 1000 - step / 1000 - span.start) / seconds) * plotWidth;
      heat.counts[column]?.forEach((count, row) => {
        if (count <= 0 || count < least) return;
        const share = most > least ? (count - least) / (most - least) : 1;
        context.fillStyle = palette[Math.min(COLORS - 1, Math.floor(share * COLORS))] ?? "#888";
        const top = plotHeight * (1 - (row + 1) / rows);
        context.fillRect(left, top, right - left + 0.3 - gap, plotHeight / rows + 0.3 - gap);
      });
    });
  }, [heat, palette, plotWidth, plotHeight, rows, span, most, least]);

  if (!heat || heat.times.length === 0) return <NoData panel={props} />;
  const move = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const time = (span.start + (x / box.width) * (span.end - span.start)) * 1000;
    const column = heat.times.findIndex((one) => one >= time);
    const row = Math.min(rows - 1, Math.max(0, Math.floor((1 - y / box.height) * rows)));
    setHover(column < 0 ? undefined : { x, y, column, row });
  };
  const every = Math.max(1, Math.ceil(((rows + 1) * LABEL_PX) / plotHeight));
  const count = hover && heat.counts[hover.column]?.[hover.row];
  return (
    <div className={classes.heatmap} style={{ height }}>
      <div className={classes.axis} style={{ width: axisWidth, height: plotHeight }}>
        {bounds.map((bound, index) =>
          index % every === 0 ? (
            <span key={bound} style={{ bottom: `${(index / rows) * 100}%` }}>
              {label(bound)}
            </span>
          ) : null,
        )}
      </div>
      <canvas
        ref={canvas}
        className={classes.canvas}
        style={{ left: axisWidth, width: plotWidth, height: plotHeight }}
        role="img"
        aria-label={`${props.title}: ${rows} buckets over ${heat.times.length} times`}
        onPointerMove={move}
        onPointerLeave={() => setHover(undefined)}
        onDoubleClick={props.onZoomOut}
      />
      <div className={classes.times} style={{ left: axisWidth, top: plotHeight }}>
        <TimeAxis span={span} widthPx={plotWidth} zone={show.zone} />
      </div>
      {withScale && (
        <div className={classes.scale} style={{ left: axisWidth }}>
          <span>{joined(unitFormatter("short")(least))}</span>
          <i
            style={{
              background: `linear-gradient(90deg, ${[0, 16, 32, 48, 63].map((i) => palette[i]).join(", ")})`,
            }}
          />
          <span>{joined(unitFormatter("short")(most))}</span>
        </div>
      )}
      {hover && count !== undefined && count > 0 && bool(obj(options.tooltip).show, true) && (
        <div
          className={classes.tip}
          style={{
            top: Math.min(hover.y + 8, plotHeight - 60),
            ...(hover.x < plotWidth / 2
              ? { left: axisWidth + hover.x + 12 }
              : { right: plotWidth - hover.x + 12 }),
          }}
        >
          <small>{formatTime(heat.times[hover.column] ?? 0, show.zone)}</small>
          <span>
            {label(bounds[hover.row] ?? 0)} – {label(bounds[hover.row + 1] ?? 0)}
          </span>
          <strong>{joined(unitFormatter("short")(count))}</strong>
        </div>
      )}
    </div>
  );
}

function paletteOf(color: Record<string, unknown>, scheme: PanelProps["show"]["scheme"]): string[] {
  const exponent = num(color.exponent, 0.5);
  if (color.mode === "opacity") {
    const fill = namedColor(str(color.fill, "dark-orange"), scheme);
    return Array.from({ length: COLORS }, (_, i) =>
      translucent(fill, 0.06 + 0.94 * ((i + 1) / COLORS) ** exponent),
    );
  }
  const stops = heatColors(str(color.scheme, "Oranges"), bool(color.reverse), scheme);
  return Array.from({ length: COLORS }, (_, i) => mix(stops, 0.1 + 0.9 * (i / (COLORS - 1))));
}
