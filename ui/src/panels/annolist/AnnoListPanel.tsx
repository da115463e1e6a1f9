/** The notes that people left on the dashboard within its time range. */
import { formatTime } from "../../lib/timerange";
import { num, strs } from "../../lib/json";
import classes from "../ListPanel.module.css";
import { Unsupported } from "../NoData";
import type { PanelProps } from "../panel-props";

const MAX = 10;

export default function AnnoListPanel({ annotations, options, height, show }: PanelProps) {
  const tags = strs(options.tags);
  const shown = annotations
    .filter((one) => tags.every((tag) => one.tags.includes(tag)))
    .toSorted((a, b) => b.start - a.start)
    .slice(0, num(options.limit, MAX));
  if (shown.length === 0) return <Unsupported what="Nothing happened in this time range." />;
  return (
    <ul className={classes.list} style={{ height }} tabIndex={0} aria-label="Annotations">
      {shown.map(({ start, title, text, tags: own }, index) => (
        <li key={index}>
          <span className={classes.main}>
            <span>{[title, text].filter(Boolean).join(" – ")}</span>
            {own.length > 0 && <small>{own.join(", ")}</small>}
          </span>
          <span className={classes.aside}>{formatTime(start * 1000, show.zone)}</span>
        </li>
      ))}
    </ul>
  );
}
