/**
 * Annotations: made of PromQL, where each stretch in which a series has a value is one event, and
 * notes that people left.
 */
import { own } from "../../lib/own";
import { fetchNotes, type Note } from "../../api/notes";
import { queryRange, type RangeSeries } from "../../api/query";
import { namedColor } from "../../data/colors";
import { renderLegend } from "../../data/frames";
import { alignedGrid, type Grid, niceStep } from "../../lib/grid";
import { parseDuration } from "../../lib/duration";
import type { Span } from "../../lib/timerange";
import type { Annotation } from "../../panels/timeseries/marks";
import type { ColorScheme } from "../../theme/series-colors";
import type { NoteAnnotations, PromqlAnnotations } from "../model/types";
import { rangeVariables, stepVariables } from "../variables/builtin";
import { interpolate, type Scope } from "../variables/interpolate";

/** More would hide the graph that they annotate. */
export const EVENTS_MAX = 200;
const STEP_SECONDS = 60;
const POINTS = 500;

export async function askAnnotations(
  query: PromqlAnnotations,
  span: Span,
  scope: Scope,
  scheme: ColorScheme,
  signal: AbortSignal,
): Promise<Annotation[]> {
  const wanted = parseDuration(interpolate(query.step, scope, "plain")) ?? STEP_SECONDS;
  const step = niceStep(span.end - span.start, wanted, POINTS);
  const all = { ...scope, ...rangeVariables(span), ...stepVariables({ step, scrape: wanted }) };
  const grid = alignedGrid(span.start, span.end, step);
  const { data } = await queryRange(interpolate(query.expr, all, "promql"), grid, {}, signal);
  return data.series
    .flatMap((series) => eventsOf(series, grid, query, scheme))
    .slice(0, EVENTS_MAX);
}

export function eventsOf(
  { labels, values }: RangeSeries,
  grid: Grid,
  query: PromqlAnnotations,
  scheme: ColorScheme,
): Annotation[] {
  const describe = (start: number, end: number): Annotation => ({
    start,
    end,
    color: namedColor(query.color, scheme),
    title: renderLegend(query.titleFormat, labels) || query.name,
    text: renderLegend(query.textFormat, labels),
    tags: query.tagKeys.flatMap((key) => own(labels, key) ?? []),
  });
  if (query.valueForTime) {
    const moments = new Set([...values].filter((value) => value > 0));
    return [...moments].map((ms) => describe(ms / 1000, ms / 1000));
  }
  const events: Annotation[] = [];
  let since: number | undefined;
  for (let i = 0; i <= values.length; i++) {
    const value = values[i] ?? NaN;
    const happens = !Number.isNaN(value) && value !== 0;
    const time = grid.start + i * grid.step;
    if (happens) since ??= time;
    else if (since !== undefined) {
      events.push(describe(since, time - grid.step));
      since = undefined;
    }
  }
  return events;
}

export async function askNotes(
  query: NoteAnnotations,
  dashboardUid: string | undefined,
  span: Span,
  scheme: ColorScheme,
  signal: AbortSignal,
): Promise<Annotation[]> {
  const isOwn = query.tags.length === 0;
  if (isOwn && dashboardUid === undefined) return [];
  const scope = {
    ...(isOwn ? { dashboardUid } : { tags: query.tags, matchAny: query.matchAny }),
    from: span.start * 1000,
    to: span.end * 1000,
    limit: EVENTS_MAX,
  };
  const notes = await fetchNotes(scope, signal);
  return notes.map((note) => noteAnnotation(note, query.color, scheme, dashboardUid));
}

/** Notes of other dashboards are shown, but changed where they belong. */
function noteAnnotation(
  note: Note,
  color: string,
  scheme: ColorScheme,
  dashboardUid: string | undefined,
): Annotation {
  const isOwn = note.dashboardUid === dashboardUid;
  return {
    start: note.time / 1000,
    end: note.timeEnd / 1000,
    color: namedColor(color, scheme),
    title: note.text,
    text: "",
    tags: note.tags,
    panelId: isOwn && note.panelId !== 0 ? note.panelId : undefined,
    note: isOwn ? note : undefined,
  };
}
