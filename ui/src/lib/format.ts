/** Numbers for people: each unit has its own scale, and a column of them lines up. */

export type Unit =
  "number" | "percent" | "ratio" | "bytes" | "bytesPerSecond" | "seconds" | "perSecond";

/** Formats a value; `digits` are significant ones. */
export function format(
  value: number | null | undefined,
  unit: Unit = "number",
  digits = 3,
): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "−Inf";
  switch (unit) {
    case "number":
      return scaled(value, 1000, ["", " k", " M", " G", " T", " P"], digits);
    case "percent":
      return percent(value, digits);
    case "ratio":
      return percent(value * 100, digits);
    case "bytes":
      return scaled(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB", " PiB"], digits);
    case "bytesPerSecond":
      return scaled(value, 1024, [" B/s", " KiB/s", " MiB/s", " GiB/s", " TiB/s"], digits);
    case "seconds":
      return formatSeconds(value, digits);
    case "perSecond":
      return scaled(value, 1000, ["/s", " k/s", " M/s", " G/s"], digits);
  }
}

/** The unit that a metric's name promises, by the naming conventions; "number" when none. */
export function unitOfMetric(name: string): Unit {
  if (/_(?:bytes|bytes_total)$/.test(name)) return "bytes";
  if (/_(?:seconds|seconds_total|seconds_sum)$/.test(name)) return "seconds";
  if (name.endsWith("_ratio")) return "ratio";
  if (name.endsWith("_percent")) return "percent";
  return "number";
}

/** All digits that matter, for tables and exports. */
export function formatExact(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

/** An age or uptime in its two largest units: `3d 4h`. */
export function formatAge(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const total = Math.max(0, Math.floor(seconds));
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  if (days > 0) return hours > 0 ? `${days}d ${hours}h` : `${days}d`;
  if (hours > 0) return minutes > 0 ? `${hours}h ${minutes}m` : `${hours}h`;
  if (minutes > 0) return `${minutes}m ${total % 60}s`;
  return `${total}s`;
}

/** Thousands in groups, no fraction: for counts. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function formatSeconds(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0 s";
  if (size < 1e-6) return `${significant(value * 1e9, digits)} ns`;
  if (size < 1e-3) return `${significant(value * 1e6, digits)} µs`;
  if (size < 1) return `${significant(value * 1e3, digits)} ms`;
  if (size < 120) return `${significant(value, digits)} s`;
  if (size < 7200) return `${significant(value / 60, digits)} min`;
  if (size < 172_800) return `${significant(value / 3600, digits)} h`;
  return `${significant(value / 86_400, digits)} d`;
}

/** Hundredths of a percent are noise, unless there is nothing larger. */
function percent(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size >= 1 || size < 0.005) return `${significant(value, digits)}%`;
  return `${significant(value, Math.min(digits, size < 0.1 ? 1 : 2))}%`;
}

function scaled(value: number, base: number, suffixes: readonly string[], digits: number): string {
  let scaledValue = value;
  let index = 0;
  // The factor keeps 999.9996 from being printed as "1000" of the smaller unit.
  while (Math.abs(scaledValue) >= base * 0.9995 && index < suffixes.length - 1) {
    scaledValue /= base;
    index += 1;
  }
  return `${significant(scaledValue, digits)}${suffixes[index] ?? ""}`;
}

function significant(value: number, digits: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-4 || size >= 1e15) return withMinus(value.toExponential(Math.max(0, digits - 1)));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const text = value.toFixed(Math.min(decimals, 10));
  return withMinus(text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

/** A true minus sign is as wide as a digit. */
function withMinus(text: string): string {
  return text.replace("-", "−");
}
