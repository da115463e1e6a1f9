/** A line without axes: the shape of the last minutes, as an SVG that scales with its box. */
import { useMemo } from "react";

interface Props {
  values: Float64Array;
  color: string;
  /** The line's box spans from zero to at least this value. */
  atLeast?: number | undefined;
  /** The box spans from the least to the largest value instead: changes show, amounts do not. */
  fitted?: boolean;
}

const WIDTH = 100;
const HEIGHT = 28;

export function Sparkline({ values, color, atLeast, fitted = false }: Props) {
  const line = useMemo(() => sparkPath(values, atLeast, fitted), [values, atLeast, fitted]);
  if (line === undefined) return null;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path
        d={`${line.path}L${line.lastX} ${HEIGHT}L${line.firstX} ${HEIGHT}Z`}
        fill={color}
        opacity={0.13}
      />
      <path
        d={line.path}
        fill="none"
        stroke={color}
        strokeWidth={1.6}
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** An SVG path through the finite values, from the first of them to the right edge. */
export function sparkPath(values: Float64Array, atLeast = 0, fitted = false) {
  const first = values.findIndex(Number.isFinite);
  const last = values.findLastIndex(Number.isFinite);
  if (first < 0 || last === first) return undefined;
  const drawn = values.slice(first, last + 1);
  const finite = drawn.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  // Headroom, so that a steady value is a line and not a block.
  const top = fitted && most > least ? most : Math.max(atLeast, 1.25 * most);
  const bottom = fitted && most > least ? least - (most - least) * 0.15 : Math.min(0, least);
  const height = top - bottom || 1;
  let path = "";
  drawn.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    const x = round((index / (drawn.length - 1)) * WIDTH);
    const y = round(HEIGHT - 1.5 - ((value - bottom) / height) * (HEIGHT - 4));
    path += `${path === "" ? "M" : "L"}${x} ${y}`;
  });
  return { path, firstX: 0, lastX: WIDTH };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
