/** A linear scale from data to round numbers, for bars drawn as SVG. */

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
}

export function niceScale(low: number, high: number, wanted: number): Scale {
  const from = Math.min(0, low);
  const to = Math.max(high, from + 1e-12, from === 0 && high === 0 ? 1 : -Infinity);
  const raw = (to - from) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= raw) ?? raw;
  const first = Math.floor(from / step + 1e-9) * step;
  const last = Math.ceil(to / step - 1e-9) * step;
  const count = Math.round((last - first) / step);
  return {
    low: first,
    high: last,
    ticks: Array.from({ length: count + 1 }, (_, index) => first + index * step),
  };
}
