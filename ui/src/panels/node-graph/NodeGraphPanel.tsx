/** Who talks to whom: nodes in columns, edges with what goes over them. */
import { useId, useMemo, useState } from "react";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { graphOf } from "./graph";
import classes from "./NodeGraphPanel.module.css";

const RADIUS_PX = 20;
const MARGIN_PX = 60;

export default function NodeGraphPanel(props: PanelProps) {
  const { width, height, title } = props;
  const shown = useShown(props, "thresholds");
  const { nodes, edges } = useMemo(() => graphOf(shown), [shown]);
  const [active, setActive] = useState<string>();
  const arrow = useId();
  if (nodes.length === 0) return <NoData panel={props} />;
  const place = new Map(
    nodes.map(({ id, x, y }) => [
      id,
      { x: MARGIN_PX + x * (width - 2 * MARGIN_PX), y: 8 + y * (height - 44) },
    ]),
  );
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={`${title}: ${nodes.length} nodes, ${edges.length} edges`}
    >
      <marker
        id={arrow}
        viewBox="0 0 8 8"
        refX={8}
        refY={4}
        markerWidth={7}
        markerHeight={7}
        orient="auto"
      >
        <path d="M0,0 L8,4 L0,8 z" className={classes.arrow} />
      </marker>
      {edges.map(({ source, target, stat }, index) => {
        const [from, to] = [place.get(source), place.get(target)];
        if (!from || !to) return null;
        const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
        const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
        const isFaded = active !== undefined && active !== source && active !== target;
        return (
          <g key={index} opacity={isFaded ? 0.15 : 1}>
            <line
              className={classes.edge}
              x1={from.x + dx * RADIUS_PX}
              y1={from.y + dy * RADIUS_PX}
              x2={to.x - dx * (RADIUS_PX + 3)}
              y2={to.y - dy * (RADIUS_PX + 3)}
              markerEnd={`url(#${arrow})`}
            />
            <text className={classes.stat} x={(from.x + to.x) / 2} y={(from.y + to.y) / 2 - 4}>
              {stat}
            </text>
          </g>
        );
      })}
      {nodes.map(({ id, title: name, stat, color }) => {
        const at = place.get(id);
        return (
          at && (
            <g
              key={id}
              transform={`translate(${at.x},${at.y})`}
              onPointerEnter={() => setActive(id)}
              onPointerLeave={() => setActive(undefined)}
            >
              <circle className={classes.node} r={RADIUS_PX} {...(color && { stroke: color })} />
              <text className={classes.stat} y={4}>
                {stat}
              </text>
              <text className={classes.name} y={RADIUS_PX + 14}>
                {name}
              </text>
            </g>
          )
        );
      })}
    </svg>
  );
}
