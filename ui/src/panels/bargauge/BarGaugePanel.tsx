/** Bars from least to most: plain, with a gradient of thresholds, or as a row of lamps. */
import { mix, namedColor } from "../../data/colors";
import { bool, str, word } from "../../lib/json";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { type SingleValue, singleValues } from "../values";
import classes from "./BarGaugePanel.module.css";

type Mode = "gradient" | "lcd" | "basic";
const LAMP_PX = 7;

export default function BarGaugePanel(props: PanelProps) {
  const { options, width, height, show } = props;
  const values = singleValues(useShown(props, "thresholds"), options);
  if (values.length === 0) return <NoData panel={props} />;
  const orientation = str(options.orientation, "auto");
  const isVertical =
    orientation === "vertical" || (orientation === "auto" && width > height && values.length > 1);
  const mode: Mode = word(options.displayMode, ["gradient", "lcd", "basic"], "gradient");
  const withUnfilled = bool(options.showUnfilled, true);
  const named = values.length > 1 && str(options.namePlacement, "auto") !== "hidden";
  const rowPx = Math.max(24, height / values.length);
  const stacked = rowPx >= 52 && str(options.namePlacement, "auto") !== "left";
  return (
    <ul
      className={classes.bars}
      data-vertical={isVertical || undefined}
      data-stacked={(!isVertical && stacked) || undefined}
      style={{ height }}
    >
      {values.map((one) => (
        <li key={one.key} style={isVertical ? undefined : { minHeight: 24, height: rowPx - 6 }}>
          {named && (
            <span className={classes.name} title={one.title}>
              {one.title}
            </span>
          )}
          <span
            className={classes.track}
            data-unfilled={withUnfilled || undefined}
            role="meter"
            aria-label={one.title}
            aria-valuenow={Number.isNaN(one.display.number) ? 0 : one.display.number}
            aria-valuetext={one.display.full}
          >
            {mode === "lcd" ? (
              <Lamps
                one={one}
                isVertical={isVertical}
                lengthPx={isVertical ? height * 0.7 : width * 0.6}
                scheme={show.scheme}
              />
            ) : (
              <span
                className={classes.fill}
                style={{
                  [isVertical ? "height" : "width"]: `${one.display.share * 100}%`,
                  background:
                    mode === "gradient"
                      ? gradient(one, isVertical, show.scheme)
                      : `color-mix(in srgb, ${one.display.color} 55%, transparent)`,
                  borderColor: one.display.color,
                }}
              />
            )}
          </span>
          <span className={classes.value} style={{ color: one.display.color }}>
            {one.display.full}
          </span>
        </li>
      ))}
    </ul>
  );
}

type Scheme = PanelProps["show"]["scheme"];

/** Colours at their places on the whole scale, of which the fill shows the beginning. */
function stops({ field }: SingleValue, scheme: Scheme): { at: number; color: string }[] {
  const { mode, steps } = field.options.thresholds;
  const span = field.high - field.low || 1;
  return steps.map(({ value, color }) => {
    const share = mode === "percentage" ? value / 100 : (value - field.low) / span;
    return { at: Math.min(1, Math.max(0, share)), color: namedColor(color, scheme) };
  });
}

function gradient(one: SingleValue, isVertical: boolean, scheme: Scheme): string {
  const direction = isVertical ? "to top" : "to right";
  const { share, color } = one.display;
  const mode = one.field.options.color.mode;
  if (mode.startsWith("continuous")) {
    const parts = Array.from({ length: 6 }, (_, i) => {
      const value = one.field.low + (one.field.high - one.field.low) * share * (i / 5);
      return one.field.display(value).color;
    });
    return `linear-gradient(${direction}, ${parts.join(", ")})`;
  }
  const passed = stops(one, scheme).filter(({ at }) => at <= share);
  if (mode !== "thresholds" || passed.length < 2) {
    return `linear-gradient(${direction}, color-mix(in srgb, ${color} 45%, transparent), ${color})`;
  }
  const parts = passed.map(({ at, color: step }) => `${step} ${(at / (share || 1)) * 100}%`);
  return `linear-gradient(${direction}, ${parts.join(", ")})`;
}

interface LampsProps {
  one: SingleValue;
  isVertical: boolean;
  lengthPx: number;
  scheme: Scheme;
}

function Lamps({ one, isVertical, lengthPx, scheme }: LampsProps) {
  const count = Math.max(8, Math.floor(lengthPx / LAMP_PX));
  const { field, display } = one;
  const off = scheme === "dark" ? "#1b2521" : "#efece3";
  return (
    <span className={classes.lamps} data-vertical={isVertical || undefined}>
      {Array.from({ length: count }, (_, i) => {
        const share = (i + 0.5) / count;
        const { color } = field.display(field.low + (field.high - field.low) * share);
        const lit = share <= display.share;
        return <i key={i} style={{ background: lit ? color : mix([off, color], 0.12) }} />;
      })}
    </span>
  );
}
