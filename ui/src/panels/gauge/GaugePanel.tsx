/** Gauges: an arc from least to most, its thresholds around it, the value in its middle. */
import { useId } from "react";
import { namedColor } from "../../data/colors";
import { bool } from "../../lib/json";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { fontToFit, type SingleValue, singleValues, tileColumns } from "../values";
import { arcPath, thresholdArcs } from "./arc";
import classes from "./GaugePanel.module.css";

const NAME_HEIGHT_PX = 20;
const GAP_PX = 8;
/** In a smaller gauge labels would cover the value. */
const LABELS_RADIUS_MIN_PX = 70;

export default function GaugePanel(props: PanelProps) {
  const { options, width, height } = props;
  const values = singleValues(useShown(props, "thresholds"), options);
  if (values.length === 0) return <NoData panel={props} />;
  const columns = tileColumns(values.length, { width, height }, 1.25);
  const rows = Math.ceil(values.length / columns);
  const withName = values.length > 1;
  const tile = {
    width: (width - GAP_PX * (columns - 1)) / columns,
    height: Math.max(60, (height - GAP_PX * (rows - 1)) / rows),
  };
  return (
    <div
      className={classes.grid}
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridAutoRows: tile.height,
        gap: GAP_PX,
        height,
      }}
    >
      {values.map((one) => (
        <div key={one.key} className={classes.tile}>
          <Gauge
            one={one}
            width={tile.width}
            height={tile.height - (withName ? NAME_HEIGHT_PX : 0)}
            scheme={props.show.scheme}
            withMarkers={bool(options.showThresholdMarkers, true)}
            withLabels={bool(options.showThresholdLabels)}
          />
          {withName && (
            <div className={classes.name} title={one.title}>
              {one.title}
            </div>
          )}
        </div>
      ))}
    </div>
  );
}

interface GaugeProps {
  one: SingleValue;
  width: number;
  height: number;
  scheme: PanelProps["show"]["scheme"];
  withMarkers: boolean;
  withLabels: boolean;
}

function Gauge({ one, width, height, scheme, withMarkers, withLabels }: GaugeProps) {
  const id = useId();
  const { display, field } = one;
  // The arc leaves out the bottom, so it needs less height than width.
  const radius = Math.max(20, Math.min(width / 2 - 8, (height - 8) / 1.62));
  const thick = Math.max(7, radius * 0.2);
  const marks = withMarkers ? Math.max(3, radius * 0.05) : 0;
  const outer = radius - (withMarkers ? marks + 3 : 0);
  const middle = outer - thick / 2;
  const [cx, cy] = [width / 2, radius + 4 + Math.max(0, (height - radius * 1.62 - 8) / 2)];
  const steps = field.options.thresholds;
  const arcs = thresholdArcs(steps, field.low, field.high);
  const inner = middle - thick / 2;
  const fontPx = fontToFit(display.full, inner * 1.75, radius * 0.42, { least: 10, most: 46 });
  const share = Number.isNaN(display.number) ? 0 : display.share;
  return (
    <svg width={width} height={height} role="img" aria-labelledby={id} className={classes.gauge}>
      <title id={id}>{`${one.title}: ${display.full}`}</title>
      <path d={arcPath(cx, cy, middle, 0, 1)} className={classes.track} strokeWidth={thick} />
      {share > 0 && (
        <path
          d={arcPath(cx, cy, middle, 0, share)}
          stroke={display.color}
          strokeWidth={thick}
          fill="none"
        />
      )}
      {withMarkers &&
        arcs.map(({ from, to, color }) => (
          <path
            key={from}
            d={arcPath(cx, cy, radius - marks / 2, from, to)}
            stroke={namedColor(color, scheme)}
            strokeWidth={marks}
            fill="none"
          />
        ))}
      {withLabels &&
        radius >= LABELS_RADIUS_MIN_PX &&
        arcs.slice(1).map(({ from, value }) => {
          const angle = Math.PI * (0.75 + 1.5 * from);
          const at = middle - thick / 2 - 9;
          return (
            <text
              key={from}
              x={cx + Math.cos(angle) * at}
              y={cy + Math.sin(angle) * at}
              className={classes.label}
            >
              {field.display(value).full}
            </text>
          );
        })}
      <text
        x={cx}
        y={cy + radius * 0.08}
        className={classes.value}
        fill={display.color}
        fontSize={fontPx}
      >
        {display.full}
      </text>
    </svg>
  );
}
