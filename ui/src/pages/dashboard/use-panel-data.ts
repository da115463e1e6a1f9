/** What a panel shows: its queries asked, transformed, and kept while a refresh is under way. */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { answerable, askPanel, type PanelAnswer } from "../../dashboard/queries/run";
import type { Placed } from "../../dashboard/layout";
import { interpolate } from "../../dashboard/variables/interpolate";
import { transformFrames } from "../../data/transform/apply";
import type { Frame } from "../../data/types";
import { parseDuration } from "../../lib/duration";
import { usePreferences } from "../../lib/preferences";
import { resolveRange, type Span, type TimeRange, type TimeZone } from "../../lib/timerange";
import { ApiError } from "../../api/http";
import { needsData } from "../../panels/registry";
import { useDashboard } from "./dashboard-context";

export interface PanelData {
  answer: PanelAnswer | undefined;
  frames: Frame[];
  /** When nothing could be shown; failures of single queries are in `answer`. */
  error: Error | null;
  isPending: boolean;
  isFetching: boolean;
  /** Somebody called the first query off: there is nothing to show, and nothing on its way. */
  isCancelled: boolean;
  cancel: () => void;
}

/** Panels of about the same width ask the same, so that resizing does not ask anew. */
const WIDTH_STEP_PX = 200;
const NO_FRAMES: Frame[] = [];

export function usePanelData(placed: Placed, widthPx: number, visible: boolean): PanelData {
  const { dashboard, filters, time, scrapeSeconds, ready } = useDashboard();
  const { zone } = usePreferences();
  const { panel, scope } = placed;
  const range = panelRange(placed, time.range);
  const pointsMax = panel.maxDataPoints ?? Math.ceil(widthPx / WIDTH_STEP_PX) * WIDTH_STEP_PX;
  const asked = answerable(panel.targets);
  const wanted = asked.map(({ expr, legend, ...rest }) => ({
    ...rest,
    expr: interpolate(expr, scope, "promql"),
    legend: interpolate(legend, scope, "text"),
  }));
  const shift = panel.timeShift && interpolate(panel.timeShift, scope, "plain");
  const queryClient = useQueryClient();
  const queryKey = [
    "dashboard",
    dashboard.uid,
    "panel",
    wanted,
    filters,
    range,
    shift,
    panel.interval,
    pointsMax,
    scrapeSeconds,
    zone,
  ];
  const enabled = ready && visible && widthPx > 0 && asked.length > 0 && needsData(panel.type);
  const query = useQuery<PanelAnswer>({
    queryKey,
    enabled,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const span = shifted(spanOf(range, zone), shift);
      const { targets, interval } = panel;
      return askPanel(
        { targets, span, scope, filters, interval, pointsMax, scrapeSeconds },
        signal,
      );
    },
  });
  const { data: answer } = query;
  const { transformations } = panel;
  const transformed = useMemo((): { frames: Frame[]; error: Error | null } => {
    if (!answer) return { frames: NO_FRAMES, error: null };
    try {
      const read = (text: string) => interpolate(text, scope, "plain");
      return { frames: transformFrames(answer.frames, transformations, read), error: null };
    } catch (error) {
      return {
        frames: NO_FRAMES,
        error: error instanceof Error ? error : new Error(String(error)),
      };
    }
  }, [answer, transformations, scope]);
  const failed = answer?.asked.filter(({ error }) => error) ?? [];
  const allFailed = failed.length === answer?.asked.length;
  return {
    answer,
    frames: transformed.frames,
    error: query.error ?? transformed.error ?? (allFailed ? (failed[0]?.error ?? null) : null),
    isPending: query.isPending,
    isFetching: query.isFetching,
    isCancelled: enabled && query.isPending && query.fetchStatus === "idle",
    cancel: () => void queryClient.cancelQueries({ queryKey }),
  };
}

function panelRange({ panel, scope }: Placed, range: TimeRange): TimeRange {
  const from =
    panel.timeFrom === undefined ? undefined : interpolate(panel.timeFrom, scope, "plain");
  if (from === undefined) return range;
  return from.startsWith("now") ? { from, to: "now" } : { from: `now-${from}`, to: "now" };
}

function spanOf(range: TimeRange, zone: TimeZone): Span {
  const span = resolveRange(range, Date.now(), zone);
  if (!span) throw new ApiError("rejected", `${range.from} to ${range.to} is no time range.`);
  return span;
}

function shifted(span: Span, shift: string | undefined): Span {
  const seconds = parseDuration((shift ?? "").replace(/^[-+]/, ""));
  if (seconds === undefined) return span;
  return { start: span.start - seconds, end: span.end - seconds };
}
