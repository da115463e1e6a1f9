/** Colours for series: distinct in hue and lightness, for either background. */

const DARK = [
  "#62b6cb",
  "#e3b04b",
  "#8fbf6b",
  "#e07a5f",
  "#a78bda",
  "#4fc3a1",
  "#e58fb1",
  "#7d9be8",
  "#c8b88a",
  "#d98f3e",
  "#9fd3c7",
  "#c77dcb",
];

const LIGHT = [
  "#1f7a94",
  "#b57d1c",
  "#4c8430",
  "#c2512f",
  "#6f4fb3",
  "#17806a",
  "#b8477a",
  "#3d5fc0",
  "#7d6c34",
  "#9a5410",
  "#3f8f88",
  "#94449b",
];

/** From this many on, colours come again. */
export const PALETTE_SIZE = DARK.length;

export type ColorScheme = "light" | "dark";

export function seriesColor(index: number, scheme: ColorScheme): string {
  const palette = scheme === "dark" ? DARK : LIGHT;
  return palette[index % palette.length] ?? "currentColor";
}

/** Colours that carry a meaning keep it on every page. */
export const meaningColors = {
  used: { dark: "#e3b04b", light: "#b57d1c" },
  cached: { dark: "#4d8396", light: "#7fb3c4" },
  free: { dark: "#2a3b36", light: "#d5ddd6" },
  read: { dark: "#62b6cb", light: "#1f7a94" },
  write: { dark: "#e07a5f", light: "#c2512f" },
  user: { dark: "#e3b04b", light: "#b57d1c" },
  system: { dark: "#62b6cb", light: "#1f7a94" },
  iowait: { dark: "#e07a5f", light: "#c2512f" },
  softirq: { dark: "#a78bda", light: "#6f4fb3" },
  irq: { dark: "#7d9be8", light: "#3d5fc0" },
  steal: { dark: "#e58fb1", light: "#b8477a" },
  firing: { dark: "#ff8a7d", light: "#b42a24" },
  pending: { dark: "#e3b04b", light: "#b57d1c" },
  nice: { dark: "#8fbf6b", light: "#4c8430" },
} as const satisfies Record<string, Record<ColorScheme, string>>;
