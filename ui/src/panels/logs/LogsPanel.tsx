/** Lines of logs, newest first, with their level as a colour and their labels on demand. */
import { useMemo } from "react";
import { bool, str } from "../../lib/json";
import { formatTime } from "../../lib/timerange";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel-props";
import { logLines } from "./log-lines";
import classes from "./LogsPanel.module.css";

/** What is drawn at once; more is for a search. */
const SHOWN_MAX = 500;

export default function LogsPanel(props: PanelProps) {
  const { frames, options, height, show } = props;
  const newestFirst = str(options.sortOrder, "Descending") !== "Ascending";
  const lines = useMemo(() => logLines(frames, newestFirst), [frames, newestFirst]);
  if (lines.length === 0) return <NoData panel={props} />;
  const withTime = bool(options.showTime, true);
  const withLabels = bool(options.showLabels);
  return (
    <div
      className={classes.logs}
      data-wrap={bool(options.wrapLogMessage) || undefined}
      style={{ height }}
      tabIndex={0}
      role="log"
      aria-label={`${props.title}: ${lines.length} lines`}
    >
      {lines.slice(0, SHOWN_MAX).map((line, index) => (
        <details key={index} data-level={line.level}>
          <summary>
            {withTime && line.time !== undefined && (
              <time>{formatTime(line.time, show.zone, true)}</time>
            )}
            {withLabels && <em>{Object.values(line.labels).join(" ")}</em>}
            <span>{line.text}</span>
          </summary>
          <dl>
            {Object.entries(line.labels).map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
    </div>
  );
}
