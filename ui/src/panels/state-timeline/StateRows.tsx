/** Rows of coloured segments over a time axis: the drawing of state timeline and status history. */
import { type PointerEvent, useMemo, useState } from "react";
import { textOn } from "../../data/colors";
import { formatDuration } from "../../lib/duration";
import { num, obj, str, word } from "../../lib/json";
import { formatTime } from "../../lib/timerange";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { TIME_AXIS_PX, TimeAxis } from "../time-axis/TimeAxis";
import classes from "./StateRows.module.css";
import { type Segment, stateRows, type StateRow, statesOf } from "./states";

interface Props {
  panel: PanelProps;
  merged: boolean;
}

const LEGEND_PX = 24;
const STATES_MAX = 12;
const ROW_MIN_PX = 16;

export function StateRows({ panel, merged }: Props) {
  const { options, width, height, span, show } = panel;
  const shown = useShown(panel, "thresholds");
  const rows = useMemo(() => stateRows(shown, span, merged), [shown, span, merged]);
  const [hover, setHover] = useState<{ row: StateRow; segment: Segment; x: number; y: number }>();
  const states = useMemo(() => statesOf(rows), [rows]);
  if (rows.length === 0) return <NoData panel={panel} />;

  const withLegend =
    obj(options.legend).showLegend !== false && states.length <= STATES_MAX && height > 120;
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const nameWidth =
    rows.length === 1 && rows[0]?.name === "Value" ? 0 : Math.min(longest * 6.6 + 10, width * 0.3);
  const trackWidth = width - nameWidth;
  const bodyHeight = height - TIME_AXIS_PX - (withLegend ? LEGEND_PX : 0);
  const rowHeight = Math.max(ROW_MIN_PX, bodyHeight / rows.length);
  const share = num(options.rowHeight, 0.9);
  const showValue = word(options.showValue, ["auto", "always", "never"], "auto");
  const seconds = span.end - span.start;
  const left = (time: number) => ((Math.max(time, span.start) - span.start) / seconds) * 100;

  const move = (event: PointerEvent, row: StateRow) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const time = span.start + (x / box.width) * seconds;
    const segment = row.segments.find(({ start, end }) => time >= start && time < end);
    const top =
      box.top - (event.currentTarget.closest("[data-rows]")?.getBoundingClientRect().top ?? 0);
    setHover(segment ? { row, segment, x: x + nameWidth, y: top } : undefined);
  };
  return (
    <div
      className={classes.states}
      style={{ height }}
      onPointerLeave={() => setHover(undefined)}
      data-rows
    >
      <div className={classes.body} style={{ height: bodyHeight }}>
        {rows.map((row) => (
          <div key={row.key} className={classes.row} style={{ height: rowHeight }}>
            {nameWidth > 0 && (
              <span className={classes.name} style={{ width: nameWidth }} title={row.name}>
                {row.name}
              </span>
            )}
            <div
              className={classes.track}
              style={{ height: `${share * 100}%` }}
              role="img"
              aria-label={`${row.name}: ${row.segments.at(-1)?.display.full ?? "no data"}`}
              onPointerMove={(event) => move(event, row)}
            >
              {row.segments.map((segment) => {
                const from = left(segment.start);
                const wide = left(segment.end) - from;
                const { full, color } = segment.display;
                const fits = (wide / 100) * trackWidth > full.length * 7 + 10;
                return (
                  <span
                    key={segment.start}
                    style={{
                      left: `${from}%`,
                      width: merged ? `${wide}%` : `calc(${wide}% - 1.5px)`,
                      background: color,
                      color: textOn(color),
                      justifyContent: str(options.alignValue, "left"),
                    }}
                  >
                    {(showValue === "always" || (showValue === "auto" && fits)) && full}
                  </span>
                );
              })}
            </div>
          </div>
        ))}
      </div>
      <div style={{ marginInlineStart: nameWidth }}>
        <TimeAxis span={span} widthPx={trackWidth} zone={show.zone} />
      </div>
      {withLegend && (
        <ul className={classes.legend} style={{ height: LEGEND_PX }}>
          {states.map(({ full, color }) => (
            <li key={color + full}>
              <i style={{ background: color }} />
              {full}
            </li>
          ))}
        </ul>
      )}
      {hover && (
        <div
          className={classes.tip}
          style={{
            top: hover.y + rowHeight,
            ...(hover.x < width / 2 ? { left: hover.x + 8 } : { right: width - hover.x + 8 }),
          }}
        >
          <strong>{hover.row.name}</strong>
          <span>
            <i style={{ background: hover.segment.display.color }} /> {hover.segment.display.full}
          </span>
          <small>
            {formatTime(hover.segment.start * 1000, show.zone)}
            {merged && `, ${formatDuration(Math.round(hover.segment.end - hover.segment.start))}`}
          </small>
        </div>
      )}
    </div>
  );
}
