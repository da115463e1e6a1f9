/** A chart's canvas as a picture with a title and a legend, downloaded. */
import { downloadBlob } from "./download";

export interface LegendEntry {
  name: string;
  color: string;
}

interface Picture {
  title: string;
  legend: readonly LegendEntry[];
  background: string;
  text: string;
}

const FONT_PX = 12;
const LINE_PX = 18;
const PADDING_PX = 12;
/** A longer legend would be taller than its chart. */
const LEGEND_MAX = 30;

/** False when there is nothing drawn to take a picture of. */
export function downloadPng(name: string, chart: HTMLElement, picture: Picture): boolean {
  const source = chart.querySelector("canvas");
  if (!source || source.width === 0) return false;
  const scale = window.devicePixelRatio || 1;
  const shown = picture.legend.slice(0, LEGEND_MAX);
  const lines = 1 + shown.length;
  const canvas = document.createElement("canvas");
  canvas.width = source.width + 2 * PADDING_PX * scale;
  canvas.height = source.height + (lines * LINE_PX + 3 * PADDING_PX) * scale;
  const context = canvas.getContext("2d");
  if (!context) return false;
  context.fillStyle = picture.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, PADDING_PX * scale, (LINE_PX + PADDING_PX) * scale);
  context.scale(scale, scale);
  context.font = `${FONT_PX}px ui-sans-serif, system-ui, sans-serif`;
  context.fillStyle = picture.text;
  context.fillText(picture.title, PADDING_PX, PADDING_PX + FONT_PX);
  const top = source.height / scale + LINE_PX + 2 * PADDING_PX;
  shown.forEach((entry, index) => {
    const y = top + index * LINE_PX;
    context.fillStyle = entry.color;
    context.fillRect(PADDING_PX, y, 12, 4);
    context.fillStyle = picture.text;
    context.fillText(entry.name, PADDING_PX + 20, y + 6);
  });
  canvas.toBlob((blob) => {
    if (blob) downloadBlob(name, blob);
  }, "image/png");
  return true;
}
