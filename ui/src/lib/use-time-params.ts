/** The time range and refresh interval of a page, kept in its URL. */
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { formatDuration, parseDuration } from "./duration";
import { usePreferences } from "./preferences";
import {
  absoluteRange,
  isRelative,
  parseTime,
  resolveRange,
  type Span,
  type TimeRange,
  zoomedOut,
} from "./timerange";

export interface TimeParams {
  range: TimeRange;
  /** False when the range stands still or refreshing is off. */
  refreshMs: number | false;
  setRange: (range: TimeRange) => void;
  setRefresh: (ms: number | false) => void;
  zoomTo: (span: Span) => void;
  zoomOut: () => void;
}

interface Defaults {
  range: TimeRange;
  refreshMs: number | false;
}

export function useTimeParams(defaults: Defaults): TimeParams {
  const [params, setParams] = useSearchParams();
  const { zone } = usePreferences();
  const from = params.get("from") ?? defaults.range.from;
  const to = params.get("to") ?? defaults.range.to;
  const refresh = params.get("refresh");
  const range = useMemo(() => validRange({ from, to }, defaults.range), [from, to, defaults.range]);
  const refreshMs = isRelative(range) ? parseRefresh(refresh, defaults.refreshMs) : false;

  const setRange = useCallback(
    (next: TimeRange) =>
      setParams((old) => {
        old.set("from", next.from);
        old.set("to", next.to);
        return old;
      }),
    [setParams],
  );
  const setRefresh = useCallback(
    (ms: number | false) =>
      setParams(
        (old) => {
          old.set("refresh", ms === false ? "off" : formatDuration(ms / 1000));
          return old;
        },
        { replace: true },
      ),
    [setParams],
  );
  const zoomTo = useCallback((span: Span) => setRange(absoluteRange(span)), [setRange]);
  const zoomOut = useCallback(() => {
    const now = Date.now();
    const span = resolveRange(range, now, zone);
    if (span) zoomTo(zoomedOut(span, now));
  }, [range, zone, zoomTo]);

  return useMemo(
    () => ({ range, refreshMs, setRange, setRefresh, zoomTo, zoomOut }),
    [range, refreshMs, setRange, setRefresh, zoomTo, zoomOut],
  );
}

export function parseRefresh(text: string | null, fallback: number | false): number | false {
  if (text === null) return fallback;
  const seconds = parseDuration(text);
  return seconds === undefined || seconds < 1 ? false : seconds * 1000;
}

/** A link may be mangled on its way; half a range is none. */
function validRange(range: TimeRange, fallback: TimeRange): TimeRange {
  const now = Date.now();
  const readable = [range.from, range.to].every((t) => parseTime(t, now, "utc") !== undefined);
  return readable && resolveRange(range, now, "utc") ? range : fallback;
}
