/** What every panel is given to draw, and how it gets its fields ready. */
import { useMemo } from "react";
import type { FieldConfig, Frame } from "../data/types";
import { type ShowContext, type ShownFrame, showFrames } from "../data/shown";
import type { JsonObject } from "../lib/json";
import type { Span } from "../lib/timerange";
import type { Annotation } from "./timeseries/marks";

export interface PanelProps {
  title: string;
  frames: readonly Frame[];
  fieldConfig: FieldConfig;
  options: JsonObject;
  /** Of the place to draw in. */
  width: number;
  height: number;
  span: Span;
  show: Omit<ShowContext, "defaultColorMode">;
  annotations: readonly Annotation[];
  syncKey: string | undefined;
  syncTooltip: boolean;
  onZoom: (span: Span) => void;
  onZoomOut: () => void;
  /** Somebody points at a moment or a stretch, to leave a note there. */
  onMark?: ((span: Span) => void) | undefined;
}

export function useShown(
  { frames, fieldConfig, show }: PanelProps,
  defaultColorMode: ShowContext["defaultColorMode"],
): ShownFrame[] {
  return useMemo(
    () => showFrames(frames, fieldConfig, { ...show, defaultColorMode }),
    [frames, fieldConfig, show, defaultColorMode],
  );
}
