/** A row of times below a drawing. */
import type { Span, TimeZone } from "../../lib/timerange";
import { timeTicks } from "./ticks";
import classes from "./TimeAxis.module.css";

interface Props {
  span: Span;
  widthPx: number;
  zone: TimeZone;
}

export const TIME_AXIS_PX = 20;

export function TimeAxis({ span, widthPx, zone }: Props) {
  return (
    <div
      className={classes.axis}
      style={{ width: widthPx, height: TIME_AXIS_PX }}
      aria-hidden="true"
    >
      {timeTicks(span, widthPx, zone).map(({ at, text }) => (
        <span key={at} style={{ left: `${at * 100}%` }}>
          {text}
        </span>
      ))}
    </div>
  );
}
