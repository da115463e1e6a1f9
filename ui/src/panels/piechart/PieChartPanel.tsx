/** Shares of a whole as a pie or a ring, with a legend of values and percents. */
import { useState } from "react";
import { textOn } from "../../data/colors";
import { joined, unitFormatter } from "../../data/units";
import { obj, strs } from "../../lib/json";
import { legendOptions, legendSize, type LegendItem, PanelLegend } from "../legend/PanelLegend";
import { nextHidden } from "../legend/selection";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { singleValues } from "../values";
import classes from "./PieChartPanel.module.css";
import { slicePath, slices } from "./slices";

const percent = unitFormatter("percentunit");
/** A label needs room to be read. */
const LABEL_SHARE_MIN = 0.04;

export default function PieChartPanel(props: PanelProps) {
  const { options, width, height } = props;
  const all = singleValues(useShown(props, "palette-classic"), options);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string>();
  const sorted = options.sort === "none" ? all : sortSlices(all, options.sort === "asc" ? 1 : -1);
  const shown = sorted.filter(({ key }) => !hidden.has(key));
  const parts = slices(shown.map(({ display }) => display.number));
  const total = shown.reduce(
    (sum, { display }) => sum + (display.number > 0 ? display.number : 0),
    0,
  );

  const legend = legendOptions(options.legend);
  const wanted = strs(obj(options.legend).values);
  const share = (value: number) => joined(percent(total > 0 ? value / total : 0, 0));
  const items: LegendItem[] = sorted.map(({ key, title, display, field }) => ({
    key,
    name: title,
    color: display.color,
    field,
    values: wanted.map((kind) => (kind === "percent" ? share(display.number) : display.full)),
  }));
  const size = legendSize({ ...legend, calcs: wanted }, items, { width, height });
  if (all.length === 0) return <NoData panel={props} />;

  const diameter = Math.max(40, Math.min(size.chartWidth, size.chartHeight) - 8);
  const radius = diameter / 2;
  const isRing = options.pieType === "donut";
  const labels = new Set(strs(options.displayLabels));
  const hovered = shown.find(({ key }) => key === active);
  return (
    <div style={{ display: "flex", flexDirection: size.direction, width, height }}>
      <div className={classes.chart} style={{ width: size.chartWidth, height: size.chartHeight }}>
        <svg
          width={diameter}
          height={diameter}
          role="img"
          aria-label={`${props.title}: ${shown.length} shares`}
        >
          {shown.map(({ key, display }, index) => {
            const part = parts[index];
            if (!part || part.to <= part.from) return null;
            return (
              <path
                key={key}
                d={slicePath(part, radius, radius, isRing ? radius * 0.62 : 0)}
                fill={display.color}
                className={classes.slice}
                data-faded={(active !== undefined && active !== key) || undefined}
                onPointerEnter={() => setActive(key)}
                onPointerLeave={() => setActive(undefined)}
              />
            );
          })}
          {shown.map(({ key, title, display }, index) => {
            const part = parts[index];
            if (labels.size === 0 || !part || part.to - part.from < LABEL_SHARE_MIN) return null;
            const angle = Math.PI * (part.from + part.to - 0.5);
            const at = radius * (isRing ? 0.81 : 0.66);
            const lines = [
              labels.has("name") ? title : "",
              labels.has("value") ? display.full : "",
              labels.has("percent") ? share(display.number) : "",
            ].filter((line) => line !== "");
            return (
              <text
                key={key}
                x={radius + Math.cos(angle) * at}
                y={radius + Math.sin(angle) * at}
                fill={textOn(display.color)}
                className={classes.label}
              >
                {lines.join(" ")}
              </text>
            );
          })}
        </svg>
        {hovered && (
          <div className={classes.tip}>
            {hovered.title} <strong>{hovered.display.full}</strong> {share(hovered.display.number)}
          </div>
        )}
      </div>
      {legend.shown && (
        <PanelLegend
          items={items}
          options={legend}
          hidden={hidden}
          width={size.legendWidth}
          height={size.legendHeight}
          valueNames={wanted.map((kind) => (kind === "percent" ? "Percent" : "Value"))}
          onPick={(key, add) =>
            setHidden(
              nextHidden(
                hidden,
                key,
                items.map((i) => i.key),
                add,
              ),
            )
          }
        />
      )}
    </div>
  );
}

function sortSlices<T extends { display: { number: number } }>(
  all: readonly T[],
  sign: 1 | -1,
): T[] {
  return all.toSorted((a, b) => sign * (a.display.number - b.display.number));
}
