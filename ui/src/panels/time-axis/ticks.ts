/** Labels below drawings over time that are no line charts. */
import type { Span, TimeZone } from "../../lib/timerange";
import { timeLabel } from "../timeseries/axes";

const INCREMENTS_SECONDS = [
  1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 2_592_000,
];
const LABEL_PX = 70;

export interface Tick {
  /** From 0 to 1 along the span. */
  at: number;
  text: string;
}

export function timeTicks({ start, end }: Span, widthPx: number, zone: TimeZone): Tick[] {
  const seconds = Math.max(1, end - start);
  const wanted = (seconds * LABEL_PX) / Math.max(widthPx, LABEL_PX);
  const step = INCREMENTS_SECONDS.find((one) => one >= wanted) ?? Math.ceil(wanted);
  const offset = zone === "utc" ? 0 : new Date(start * 1000).getTimezoneOffset() * 60;
  const first = Math.ceil((start - offset) / step) * step + offset;
  const ticks: Tick[] = [];
  for (let time = first; time <= end; time += step) {
    ticks.push({ at: (time - start) / seconds, text: timeLabel(time * 1000, step, zone) });
  }
  return ticks;
}
