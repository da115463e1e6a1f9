/** Arcs of gauges: three quarters of a circle, open at the bottom. */
import type { Thresholds } from "../../data/types";

const START_TURNS = 0.375;
const SWEEP_TURNS = 0.75;

/** An SVG path along the arc between two shares of it. */
export function arcPath(cx: number, cy: number, radius: number, from: number, to: number): string {
  const [x0, y0] = point(cx, cy, radius, from);
  const [x1, y1] = point(cx, cy, radius, to);
  const large = (to - from) * SWEEP_TURNS > 0.5 ? 1 : 0;
  const r = round(radius);
  return `M${round(x0)} ${round(y0)}A${r} ${r} 0 ${large} 1 ${round(x1)} ${round(y1)}`;
}

function point(cx: number, cy: number, radius: number, share: number): [number, number] {
  const angle = 2 * Math.PI * (START_TURNS + SWEEP_TURNS * share);
  return [cx + Math.cos(angle) * radius, cy + Math.sin(angle) * radius];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export interface ThresholdArc {
  /** Shares of the arc. */
  from: number;
  to: number;
  value: number;
  color: string;
}

/** The part of the arc that each threshold's colour holds for. */
export function thresholdArcs(
  { mode, steps }: Thresholds,
  low: number,
  high: number,
): ThresholdArc[] {
  const span = high - low || 1;
  const shareOf = (value: number) => {
    const share = mode === "percentage" ? value / 100 : (value - low) / span;
    return Math.min(1, Math.max(0, share));
  };
  return steps
    .map(({ value, color }, index) => {
      const next = steps[index + 1];
      return {
        from: value === -Infinity ? 0 : shareOf(value),
        to: next ? shareOf(next.value) : 1,
        value: mode === "percentage" ? low + (span * value) / 100 : value,
        color,
      };
    })
    .filter(({ from, to }) => to > from);
}
