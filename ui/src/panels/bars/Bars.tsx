/** Bars of one or several series by category, upright or lying, side by side or stacked, as SVG. */
import { useState } from "react";
import { niceScale } from "./scale";
import classes from "./Bars.module.css";

export interface BarSeries {
  key: string;
  name: string;
  values: readonly number[];
  color: (value: number, index: number) => string;
  format: (value: number) => string;
}

interface Props {
  label: string;
  categories: readonly string[];
  series: readonly BarSeries[];
  width: number;
  height: number;
  isHorizontal: boolean;
  stacking: "none" | "normal" | "percent";
  /** Writes the values beside the bars; `auto` where there is room. */
  showValue: "auto" | "always" | "never";
  /** Share of its place that a group of bars fills. */
  fill: number;
  opacity: number;
  max?: number | undefined;
}

const FOOT_PX = 22;
/** Half a label of the axis. */
const EDGE_PX = 14;
/** Two bars must not fill a tall panel. */
const ROW_MAX_PX = 56;
const CHARACTER_PX = 6.6;

interface Bar {
  key: string;
  from: number;
  to: number;
  /** Place among its neighbours, and how many they are. */
  slot: number;
  slots: number;
  category: number;
  color: string;
  text: string;
  name: string;
}

export function Bars(props: Props) {
  const { label, categories, series, width, height, isHorizontal, showValue, fill } = props;
  const [active, setActive] = useState<Bar>();
  const bars = barsOf(props);
  const low = bars.reduce((least, { from, to }) => Math.min(least, from, to), 0);
  const high = props.max ?? bars.reduce((most, { from, to }) => Math.max(most, from, to), 0);
  const [first] = series;
  const scale = niceScale(low, high, (isHorizontal ? width : height) / (isHorizontal ? 110 : 50));
  const axisText = (value: number) =>
    props.stacking === "percent" ? `${Math.round(value * 100)}%` : (first?.format(value) ?? "");
  const longest = Math.max(0, ...categories.map((one) => one.length)) * CHARACTER_PX;
  const widest = Math.max(...scale.ticks.map((tick) => axisText(tick).length)) * CHARACTER_PX;
  const side = Math.min(isHorizontal ? longest : widest, width * 0.35) + 10;
  const plot = {
    width: Math.max(10, width - side - EDGE_PX),
    height: Math.max(10, height - FOOT_PX),
  };
  const along = isHorizontal ? plot.width : plot.height;
  const room = (isHorizontal ? plot.height : plot.width) / Math.max(1, categories.length);
  const across = isHorizontal ? Math.min(room, ROW_MAX_PX) : room;
  const at = (value: number) => ((value - scale.low) / (scale.high - scale.low)) * along;
  // Labels that would run into each other are left out.
  const skip = isHorizontal
    ? Math.ceil(14 / across)
    : Math.max(1, Math.ceil(Math.min(longest + 8, 140) / across));
  return (
    <div className={classes.bars} style={{ width, height }}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`${label}: ${categories.length} bars`}
      >
        <g transform={`translate(${side} 0)`}>
          {scale.ticks.map((tick) => {
            const place = isHorizontal ? at(tick) : plot.height - at(tick);
            return (
              <g key={tick}>
                <line
                  className={classes.grid}
                  {...(isHorizontal
                    ? { x1: place, x2: place, y1: 0, y2: plot.height }
                    : { x1: 0, x2: plot.width, y1: place, y2: place })}
                />
                <text
                  className={classes.tick}
                  {...(isHorizontal
                    ? { x: place, y: plot.height + 15, textAnchor: "middle" }
                    : { x: -6, y: Math.max(8, place + 4), textAnchor: "end" })}
                >
                  {axisText(tick)}
                </text>
              </g>
            );
          })}
          {categories.map((category, index) =>
            index % skip === 0 ? (
              <text
                key={index}
                className={classes.tick}
                {...(isHorizontal
                  ? { x: -6, y: (index + 0.5) * across + 4, textAnchor: "end" }
                  : { x: (index + 0.5) * across, y: plot.height + 15, textAnchor: "middle" })}
              >
                {shorten(category, isHorizontal ? side - 10 : skip * across)}
              </text>
            ) : null,
          )}
          {bars.map((bar) => {
            const thick = (across * fill) / bar.slots;
            const offset = (bar.category + (1 - fill) / 2) * across + bar.slot * thick;
            const [start, end] = [at(Math.min(bar.from, bar.to)), at(Math.max(bar.from, bar.to))];
            const inset = thick > 6 && bar.slots > 1 ? 1 : 0;
            const long = Math.max(0.5, end - start);
            const box = isHorizontal
              ? {
                  x: start,
                  y: offset + inset,
                  width: long,
                  height: Math.max(0.5, thick - 2 * inset),
                }
              : {
                  x: offset + inset,
                  y: plot.height - end,
                  width: Math.max(0.5, thick - 2 * inset),
                  height: long,
                };
            const fits = isHorizontal ? thick >= 12 : thick >= bar.text.length * CHARACTER_PX;
            const withText =
              props.stacking === "none" &&
              (showValue === "always" || (showValue === "auto" && fits));
            return (
              <g key={bar.key}>
                <rect
                  {...box}
                  rx={Math.min(2, thick / 4)}
                  fill={bar.color}
                  fillOpacity={
                    active && active.key !== bar.key ? props.opacity * 0.5 : props.opacity
                  }
                  onPointerEnter={() => setActive(bar)}
                  onPointerLeave={() => setActive(undefined)}
                />
                {withText && (
                  <text
                    className={classes.value}
                    {...(isHorizontal
                      ? valuePlace(end, plot.width, bar.text, box.y + thick / 2 + 4)
                      : { x: box.x + thick / 2, y: Math.max(11, box.y - 4), textAnchor: "middle" })}
                  >
                    {bar.text}
                  </text>
                )}
              </g>
            );
          })}
        </g>
      </svg>
      {active && (
        <div className={classes.tip}>
          {categories[active.category]} {series.length > 1 && active.name}{" "}
          <strong>{active.text}</strong>
        </div>
      )}
    </div>
  );
}

/** Behind the bar's end, or within it where that would be outside. */
function valuePlace(
  end: number,
  room: number,
  text: string,
  y: number,
): { x: number; y: number; textAnchor: "start" | "end" } {
  return end + text.length * CHARACTER_PX + 6 > room
    ? { x: end - 5, y, textAnchor: "end" }
    : { x: end + 5, y, textAnchor: "start" };
}

function barsOf({ categories, series, stacking }: Props): Bar[] {
  return categories.flatMap((_, category) => {
    const total = series.reduce((sum, { values }) => sum + Math.abs(finite(values[category])), 0);
    let [up, down] = [0, 0];
    return series.map((one, slot): Bar => {
      const value = finite(one.values[category]);
      const size = stacking === "percent" && total > 0 ? value / total : value;
      const from = stacking === "none" ? 0 : size >= 0 ? up : down;
      if (size >= 0) up += size;
      else down += size;
      return {
        key: `${category} ${one.key}`,
        from,
        to: from + size,
        slot: stacking === "none" ? slot : 0,
        slots: stacking === "none" ? series.length : 1,
        category,
        color: one.color(value, category),
        text: one.format(one.values[category] ?? NaN),
        name: one.name,
      };
    });
  });
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}

function shorten(text: string, widthPx: number): string {
  const most = Math.max(3, Math.floor(widthPx / CHARACTER_PX));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
