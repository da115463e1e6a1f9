/** What is drawn on a chart besides its series: thresholds behind them, annotations before. */
import type uPlot from "uplot";
import type { Note } from "../../api/notes";

export interface ThresholdMarks {
  axis: string;
  line: boolean;
  dashed: boolean;
  area: boolean;
  /** Ascending; each colour holds from its value up to the next. */
  steps: readonly { value: number; color: string }[];
}

/** Something that happened, at a moment or over a while. Seconds since the epoch. */
export interface Annotation {
  start: number;
  end: number;
  color: string;
  title: string;
  text: string;
  tags: readonly string[];
  /** Shown on this panel only. */
  panelId?: number | undefined;
  /** What a person wrote, and may change. */
  note?: Note | undefined;
}

export function drawThresholdAreas(plot: uPlot, { axis, area, steps }: ThresholdMarks): void {
  const { min, max } = plot.scales[axis] ?? {};
  if (!area || min === undefined || max === undefined) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.globalAlpha = 0.1;
  steps.forEach(({ value, color }, index) => {
    if (color === "transparent") return;
    const top = plot.valToPos(Math.min(steps[index + 1]?.value ?? max, max), axis, true);
    const bottom = plot.valToPos(Math.max(value, min), axis, true);
    if (bottom <= top) return;
    ctx.fillStyle = color;
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  });
  ctx.restore();
}

export function drawThresholdLines(plot: uPlot, marks: ThresholdMarks): void {
  const { min, max } = plot.scales[marks.axis] ?? {};
  if (!marks.line || min === undefined || max === undefined) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  if (marks.dashed) ctx.setLineDash([8 * devicePixelRatio, 6 * devicePixelRatio]);
  for (const { value, color } of marks.steps) {
    if (!Number.isFinite(value) || value < min || value > max || color === "transparent") continue;
    const y = plot.valToPos(value, marks.axis, true);
    ctx.strokeStyle = color;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

export function drawAnnotations(plot: uPlot, annotations: readonly Annotation[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height + 6 * devicePixelRatio);
  ctx.clip();
  for (const { start, end, color } of annotations) {
    const left = plot.valToPos(start, "x", true);
    const right = plot.valToPos(end, "x", true);
    const foot = bbox.top + bbox.height;
    ctx.fillStyle = color;
    if (right - left > 1) {
      ctx.globalAlpha = 0.12;
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.globalAlpha = 0.9;
    ctx.fillRect(left - devicePixelRatio / 2, bbox.top, devicePixelRatio, bbox.height);
    // A small foot tells annotations from grid lines.
    const half = 4 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(left - half, foot + half * 1.4);
    ctx.lineTo(left + half, foot + half * 1.4);
    ctx.lineTo(left, foot);
    ctx.fill();
  }
  ctx.restore();
}

/** Those at a place of the time axis, or within `reach` seconds of it. */
export function annotationsAt(
  annotations: readonly Annotation[],
  seconds: number,
  reach: number,
): Annotation[] {
  return annotations.filter(({ start, end }) => seconds >= start - reach && seconds <= end + reach);
}
