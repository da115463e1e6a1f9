/** Colours that dashboards name, and scales of colours; for either background. */
import { own } from "../lib/own";
import { type ColorScheme, PALETTE_SIZE, seriesColor } from "../theme/series-colors";

/** Hues from darkest to lightest, by Grafana's names for the shades. */
const SHADES = ["dark", "semi-dark", "", "light", "super-light"] as const;
const HUES: Record<string, readonly string[]> = {
  red: ["#c4162a", "#e02f44", "#f2495c", "#ff7383", "#ffa6b0"],
  orange: ["#fa6400", "#ff780a", "#ff9830", "#ffb357", "#ffcb7d"],
  yellow: ["#e0b400", "#f2cc0c", "#fade2a", "#ffee52", "#fff899"],
  green: ["#37872d", "#56a64b", "#73bf69", "#96d98d", "#c8f2c2"],
  blue: ["#1f60c4", "#3274d9", "#5794f2", "#8ab8ff", "#c0d8ff"],
  purple: ["#8f3bb8", "#a352cc", "#b877d9", "#ca95e5", "#deb6f2"],
};
/** Plain hues are too pale on paper. */
const ON_PAPER: Record<string, string> = {
  red: "#cf2c3f",
  orange: "#b85600",
  yellow: "#8f6b00",
  green: "#2f7d28",
  blue: "#2f6fd0",
  purple: "#9246b8",
};
const PLAIN: Record<string, string> = {
  black: "#000000",
  white: "#ffffff",
  gray: "#8e8e8e",
  grey: "#8e8e8e",
  cyan: "#2ab7ca",
  pink: "#e58fb1",
  brown: "#8b5e3c",
  magenta: "#c77dcb",
};

/** A CSS colour for what a dashboard wrote; text that is no colour becomes grey. */
export function namedColor(name: string, scheme: ColorScheme): string {
  if (name === "transparent") return "transparent";
  if (name === "text") return scheme === "dark" ? "#e4ebe6" : "#1b2420";
  if (name === "panel-background" || name === "background") {
    return scheme === "dark" ? "#151d1a" : "#fffefb";
  }
  const onPaper = scheme === "light" ? own(ON_PAPER, name) : undefined;
  if (onPaper !== undefined) return onPaper;
  const [, shade = "", hue = ""] =
    /^(dark|semi-dark|light|super-light)?-?([a-z]+)$/.exec(name) ?? [];
  const shaded = own(HUES, hue)?.[SHADES.indexOf(shade as (typeof SHADES)[number])];
  if (shaded !== undefined) return shaded;
  const plain = own(PLAIN, name);
  if (plain !== undefined) return plain;
  return isCssColor(name) ? name : "#8e8e8e";
}

/** Only plain colours get into styles: nothing that could load or run anything. */
function isCssColor(text: string): boolean {
  return /^#[0-9a-f]{3,8}$|^(?:rgb|hsl)a?\([\d\s.,%/deg]+\)$/i.test(text);
}

const CONTINUOUS: Record<string, readonly string[]> = {
  "continuous-GrYlRd": ["green", "yellow", "red"],
  "continuous-RdYlGr": ["red", "yellow", "green"],
  "continuous-BlYlRd": ["dark-blue", "super-light-yellow", "dark-red"],
  "continuous-YlRd": ["super-light-yellow", "dark-red"],
  "continuous-BlPu": ["blue", "purple"],
  "continuous-YlBl": ["super-light-yellow", "dark-blue"],
  "continuous-blues": ["panel-background", "dark-blue"],
  "continuous-reds": ["panel-background", "dark-red"],
  "continuous-greens": ["panel-background", "dark-green"],
  "continuous-purples": ["panel-background", "dark-purple"],
};

/** A colour between 0 and 1 on a named scale, or undefined when there is no such scale. */
export function continuousColor(mode: string, at: number, scheme: ColorScheme): string | undefined {
  const stops = own(CONTINUOUS, mode);
  return (
    stops &&
    mix(
      stops.map((stop) => namedColor(stop, scheme)),
      at,
    )
  );
}

const SCHEMES: Record<string, readonly string[]> = {
  Oranges: ["#fff5eb", "#fdbe85", "#fd8d3c", "#d94801", "#7f2704"],
  Reds: ["#fff5f0", "#fc9272", "#ef3b2c", "#a50f15", "#67000d"],
  Blues: ["#f7fbff", "#9ecae1", "#4292c6", "#08519c", "#08306b"],
  Greens: ["#f7fcf5", "#a1d99b", "#41ab5d", "#006d2c", "#00441b"],
  Purples: ["#fcfbfd", "#bcbddc", "#807dba", "#54278f", "#3f007d"],
  Greys: ["#ffffff", "#bdbdbd", "#737373", "#252525", "#000000"],
  Turbo: ["#30123b", "#4686fb", "#1be5b5", "#a4fc3c", "#fbb938", "#e3440a", "#7a0403"],
  Spectral: ["#9e0142", "#f46d43", "#fee08b", "#e6f598", "#66c2a5", "#5e4fa2"],
  RdYlGn: ["#a50026", "#f46d43", "#fee08b", "#d9ef8b", "#66bd63", "#006837"],
  Viridis: ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"],
  Magma: ["#000004", "#51127c", "#b73779", "#fc8961", "#fcfdbf"],
  Inferno: ["#000004", "#57106e", "#bc3754", "#f98e09", "#fcffa4"],
  Plasma: ["#0d0887", "#7e03a8", "#cc4778", "#f89540", "#f0f921"],
  Cool: ["#6e40aa", "#417de0", "#1ac7c2", "#40f373", "#aff05b"],
  Warm: ["#6e40aa", "#bf3caf", "#fe4b83", "#ff7847", "#e2b72f"],
  Cividis: ["#00224e", "#434e6c", "#7d7c78", "#bcae6c", "#fee838"],
};

/** Colours for heat, coldest first. Scales that begin pale are turned round on a dark page. */
export function heatColors(name: string, reverse: boolean, scheme: ColorScheme): readonly string[] {
  const stops = own(SCHEMES, name) ?? SCHEMES.Oranges ?? [];
  const beginsPale = luminance(stops[0] ?? "#000") > 0.8;
  const turned = (beginsPale && scheme === "dark") !== reverse;
  return turned ? stops.toReversed() : stops;
}

export function mix(stops: readonly string[], at: number): string {
  const clamped = Math.min(1, Math.max(0, Number.isNaN(at) ? 0 : at));
  const place = clamped * (stops.length - 1);
  const index = Math.min(Math.floor(place), stops.length - 2);
  const [from, to] = [rgb(stops[Math.max(index, 0)] ?? "#888"), rgb(stops[index + 1] ?? "#888")];
  const share = place - index;
  const [r, g, b] = from.map((channel, i) =>
    Math.round(channel + ((to[i] ?? 0) - channel) * share),
  );
  return `#${[r, g, b].map((channel) => (channel ?? 0).toString(16).padStart(2, "0")).join("")}`;
}

/** Black or white, whichever can be read on the colour. */
export function textOn(color: string): string {
  return luminance(color) > 0.36 ? "#14201b" : "#ffffff";
}

/** The colour with an opacity between 0 and 1. */
export function translucent(color: string, opacity: number): string {
  if (color === "transparent") return color;
  const [r = 0, g = 0, b = 0] = rgb(color);
  return `rgba(${r}, ${g}, ${b}, ${opacity})`;
}

/** The palette round and round: lighter the second time, darker the third. */
export function paletteColor(index: number, scheme: ColorScheme): string {
  const color = seriesColor(index, scheme);
  const round = Math.floor(index / PALETTE_SIZE) % 3;
  if (round === 0) return color;
  return mix([color, round === 1 ? "#ffffff" : "#000000"], 0.35);
}

/** A colour that a name always gets. */
export function colorByName(name: string, scheme: ColorScheme): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) | 0;
  return seriesColor(Math.abs(hash), scheme);
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = rgb(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function rgb(color: string): number[] {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  if (short) return short.slice(1, 4).map((digit) => Number.parseInt(digit + digit, 16));
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(color);
  if (long) return long.slice(1, 4).map((pair) => Number.parseInt(pair, 16));
  const listed = /^rgba?\(([^)]*)\)$/i.exec(color)?.[1];
  if (listed !== undefined) {
    return listed
      .split(/[\s,/]+/)
      .slice(0, 3)
      .map(Number);
  }
  return [142, 142, 142];
}
