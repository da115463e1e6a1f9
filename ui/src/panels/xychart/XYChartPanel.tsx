/** A scatter plot: how one number goes with another. */
import { useMemo, useState } from "react";
import { joinByField } from "../../data/transform/join";
import { niceScale } from "../bars/scale";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { pointSeries } from "./points";
import classes from "./XYChartPanel.module.css";

const PAD = { left: 56, right: 10, top: 8, bottom: 40 };
const RADIUS_PX = 3.2;

export default function XYChartPanel(props: PanelProps) {
  const { options, width, height, title } = props;
  // Series stand side by side once they share their times.
  const isSeries = props.frames.length > 1 && props.frames.every(({ kind }) => kind === "series");
  const frames = useMemo(
    () => (isSeries ? joinByField([...props.frames], { byField: "Time" }) : props.frames),
    [isSeries, props.frames],
  );
  const shown = useShown({ ...props, frames }, "palette-classic");
  const series = useMemo(() => pointSeries(shown, options), [shown, options]);
  const [hover, setHover] = useState<string>();
  const all = series.flatMap(({ points }) => points);
  const [first] = series;
  if (!first || all.length === 0) return <NoData panel={props} />;
  const inner = { width: width - PAD.left - PAD.right, height: height - PAD.top - PAD.bottom };
  const scaleX = scaleOf(
    all.map(([x]) => x),
    inner.width / 90,
  );
  const scaleY = scaleOf(
    all.map(([, y]) => y),
    inner.height / 45,
  );
  const px = (x: number) =>
    PAD.left + ((x - scaleX.low) / (scaleX.high - scaleX.low)) * inner.width;
  const py = (y: number) =>
    PAD.top + inner.height - ((y - scaleY.low) / (scaleY.high - scaleY.low)) * inner.height;
  return (
    <div style={{ position: "relative", width, height }}>
      <svg width={width} height={height} role="img" aria-label={`${title}: ${all.length} points`}>
        {scaleY.ticks.map((tick) => (
          <g key={tick}>
            <line className={classes.grid} x1={PAD.left} x2={width} y1={py(tick)} y2={py(tick)} />
            <text className={classes.tick} x={PAD.left - 6} y={py(tick) + 4} textAnchor="end">
              {first.y.display(tick).full}
            </text>
          </g>
        ))}
        {scaleX.ticks.map((tick) => (
          <g key={tick}>
            <line
              className={classes.grid}
              x1={px(tick)}
              x2={px(tick)}
              y1={PAD.top}
              y2={PAD.top + inner.height}
            />
            <text
              className={classes.tick}
              x={px(tick)}
              y={PAD.top + inner.height + 15}
              textAnchor="middle"
            >
              {first.x.display(tick).full}
            </text>
          </g>
        ))}
        <text
          className={classes.tick}
          x={PAD.left + inner.width / 2}
          y={height - 6}
          textAnchor="middle"
        >
          {first.x.title}
        </text>
        {series.map(({ key, x, y, points }) =>
          points.map(([a, b], index) => (
            <circle
              key={`${key} ${index}`}
              cx={px(a)}
              cy={py(b)}
              r={RADIUS_PX}
              fill={y.color}
              fillOpacity={0.65}
              onPointerEnter={() =>
                setHover(`${y.title}: ${y.display(b).full} at ${x.title} ${x.display(a).full}`)
              }
              onPointerLeave={() => setHover(undefined)}
            />
          )),
        )}
      </svg>
      {hover !== undefined && <div className={classes.tip}>{hover}</div>}
    </div>
  );
}

/** Begins at zero only where zero is near. */
function scaleOf(values: readonly number[], wanted: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const fromZero = low >= 0 && low < (high - low) * 0.4;
  const scale = niceScale(0, fromZero ? high : Math.max(high - low, 1e-9), Math.max(2, wanted));
  if (fromZero) return scale;
  const step = (scale.ticks[1] ?? 1) - (scale.ticks[0] ?? 0);
  const from = Math.floor(low / step) * step;
  const count = Math.ceil((high - from) / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => from + index * step);
  return { low: from, high: from + Math.max(1, count) * step, ticks };
}
