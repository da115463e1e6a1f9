/** Slices of a pie: their angles, and the paths that draw them. */

export interface Slice {
  /** Shares of the circle. */
  from: number;
  to: number;
}

export function slices(values: readonly number[]): Slice[] {
  const positive = values.map((value) => (value > 0 && Number.isFinite(value) ? value : 0));
  const total = positive.reduce((sum, value) => sum + value, 0);
  let at = 0;
  return positive.map((value) => {
    const from = at;
    at += total === 0 ? 0 : value / total;
    return { from, to: at };
  });
}

/** A wedge, or a piece of a ring when `inner` is not zero. A full circle is drawn in two halves. */
export function slicePath(
  { from, to }: Slice,
  center: number,
  outer: number,
  inner: number,
): string {
  if (to - from >= 0.9999) {
    const half = { from, to: from + 0.5 };
    const rest = { from: from + 0.5, to: from + 0.99999 };
    return slicePath(half, center, outer, inner) + slicePath(rest, center, outer, inner);
  }
  const point = (share: number, radius: number) => {
    const angle = 2 * Math.PI * (share - 0.25);
    return `${round(center + Math.cos(angle) * radius)} ${round(center + Math.sin(angle) * radius)}`;
  };
  const large = to - from > 0.5 ? 1 : 0;
  const back =
    inner > 0
      ? `L${point(to, inner)}A${inner} ${inner} 0 ${large} 0 ${point(from, inner)}Z`
      : `L${center} ${center}Z`;
  return `M${point(from, outer)}A${outer} ${outer} 0 ${large} 1 ${point(to, outer)}${back}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
