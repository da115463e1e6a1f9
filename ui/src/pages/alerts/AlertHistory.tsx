/** When an alert was pending and when it fired, on a line of time. */
import { useElementSize } from "@mantine/hooks";
import type { Alert } from "../../alerting/alerts";
import { describePast, historyQuery, type Stretch, stretchesOf } from "../../alerting/history";
import { useRange } from "../../api/use-range";
import { ErrorNote } from "../../components/ErrorNote";
import { formatDuration } from "../../lib/duration";
import { formatAge } from "../../lib/format";
import { niceStep } from "../../lib/grid";
import { usePreferences } from "../../lib/preferences";
import { formatTime, resolveRange, type Span } from "../../lib/timerange";
import type { TimeParams } from "../../lib/use-time-params";
import { TimeAxis } from "../../panels/time-axis/TimeAxis";
import drawer from "./AlertDrawer.module.css";
import classes from "./AlertHistory.module.css";

const STEP_MIN_SECONDS = 15;
const POINTS_WANTED = 400;

export function AlertHistory({ alert, time }: { alert: Alert; time: TimeParams }) {
  const { zone } = usePreferences();
  const span = resolveRange(time.range, Date.now(), zone);
  const step = niceStep(span ? span.end - span.start : 0, STEP_MIN_SECONDS, POINTS_WANTED);
  const { data, error } = useRange([historyQuery(alert.seriesLabels, formatDuration(step))], {
    range: time.range,
    stepMin: step,
    pointsWanted: POINTS_WANTED,
    refreshMs: time.refreshMs,
  });
  const stretches = data ? stretchesOf(data.answers[0] ?? [], data.grid) : [];
  const { timesFired, firingSeconds } = describePast(stretches);
  const said =
    timesFired === 0
      ? "did not fire in this time"
      : `fired ${timesFired === 1 ? "once" : `${timesFired} times`}, ${formatAge(firingSeconds)} in all`;
  return (
    <section className={drawer.part} aria-label="History">
      <h3>
        History
        {data && <small>{said}</small>}
      </h3>
      {error && !data && <ErrorNote error={error} />}
      {data && !error && (
        <Timeline
          stretches={stretches}
          span={{ start: data.grid.start, end: data.grid.end }}
          label={said}
        />
      )}
    </section>
  );
}

interface TimelineProps {
  stretches: readonly Stretch[];
  span: Span;
  label: string;
}

function Timeline({ stretches, span, label }: TimelineProps) {
  const { zone } = usePreferences();
  const { ref, width } = useElementSize();
  const seconds = Math.max(1, span.end - span.start);
  const percent = (time: number) =>
    ((Math.min(Math.max(time, span.start), span.end) - span.start) / seconds) * 100;
  return (
    <div ref={ref}>
      <div className={classes.track} role="img" aria-label={`History: ${label}`}>
        {stretches.map(({ state, start, end }) => (
          <span
            key={`${state} ${start}`}
            data-state={state}
            title={`${state}, ${formatTime(start * 1000, zone)} – ${formatTime(end * 1000, zone)}`}
            style={{
              insetInlineStart: `${percent(start)}%`,
              width: `${percent(end) - percent(start)}%`,
            }}
          />
        ))}
      </div>
      <TimeAxis span={span} widthPx={width} zone={zone} />
    </div>
  );
}
