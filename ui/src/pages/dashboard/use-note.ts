/** The note that is being written or changed, begun by pointing at a graph. */
import { useCallback, useState } from "react";
import type { NewNote, Note } from "../../api/notes";
import { resolveRange, type Span, type TimeRange, type TimeZone } from "../../lib/timerange";
import { type Annotation, annotationsAt } from "../../panels/timeseries/marks";

/** A click hits a note that is nearer than this share of the range. */
const REACH = 0.008;

export function useNote(
  dashboardUid: string | undefined,
  annotations: readonly Annotation[],
  range: TimeRange,
  zone: TimeZone,
) {
  const [note, setNote] = useState<NewNote | Note>();
  const mark = useCallback(
    (panelId: number, { start, end }: Span) => {
      if (dashboardUid === undefined) return;
      const shown = resolveRange(range, Date.now(), zone);
      const reach = shown ? (shown.end - shown.start) * REACH : 0;
      const near = start === end ? annotationsAt(annotations, start, reach) : [];
      const hit = near.find((one) => one.note && (one.panelId ?? panelId) === panelId)?.note;
      const [time, timeEnd] = [Math.round(start * 1000), Math.round(end * 1000)];
      setNote(hit ?? { dashboardUid, panelId, time, timeEnd, text: "", tags: [] });
    },
    [dashboardUid, annotations, range, zone],
  );
  return { note, mark, close: useCallback(() => setNote(undefined), []) };
}
