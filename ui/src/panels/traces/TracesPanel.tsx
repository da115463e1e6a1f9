/** A trace: its spans as bars along the time that it took, children below their parents. */
import { useMemo } from "react";
import { paletteColor } from "../../data/colors";
import { joined, unitFormatter } from "../../data/units";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel-props";
import { traceSpans } from "./trace-spans";
import classes from "./TracesPanel.module.css";

const milliseconds = unitFormatter("ms");
const INDENT_PX = 12;

export default function TracesPanel(props: PanelProps) {
  const { frames, height, show } = props;
  const spans = useMemo(() => traceSpans(frames), [frames]);
  if (spans.length === 0) return <NoData panel={props} />;
  const start = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.start + span.duration));
  const length = Math.max(end - start, 1e-6);
  const services = [...new Set(spans.map(({ service }) => service))];
  return (
    <div
      className={classes.trace}
      style={{ height }}
      tabIndex={0}
      role="region"
      aria-label={`${props.title}: ${spans.length} spans`}
    >
      {spans.map((span) => (
        <div key={span.id} className={classes.span}>
          <span style={{ paddingInlineStart: span.depth * INDENT_PX }} data-error={span.isError}>
            <strong>{span.service}</strong> {span.operation}
          </span>
          <span className={classes.track}>
            <i
              style={{
                left: `${((span.start - start) / length) * 100}%`,
                width: `${Math.max(0.3, (span.duration / length) * 100)}%`,
                background: paletteColor(services.indexOf(span.service), show.scheme),
              }}
            />
          </span>
          <small>{joined(milliseconds(span.duration))}</small>
        </div>
      ))}
    </div>
  );
}
