/** The grid of 24 columns; on narrow screens panels stand in two columns or below each other. */
import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { layOutNarrow, type Placed } from "../../dashboard/layout";
import classes from "./DashboardGrid.module.css";
import { PanelFrame } from "./PanelFrame";
import { RowHeader } from "./RowHeader";

const NARROW_PX = 680;

interface Props {
  placed: readonly Placed[];
  onToggleRow: (key: string, isOpen: boolean) => void;
}

export function DashboardGrid({ placed, onToggleRow }: Props) {
  const { ref, width } = useElementSize();
  const isNarrow = width > 0 && width < NARROW_PX;
  const shown = useMemo(() => (isNarrow ? layOutNarrow(placed) : placed), [isNarrow, placed]);
  return (
    <div
      ref={ref}
      className={classes.grid}
      style={{ gridTemplateColumns: `repeat(${isNarrow ? 2 : 24}, minmax(0, 1fr))` }}
    >
      {shown.map((one) => {
        const { x, y, w, h } = one.grid;
        return (
          <div
            key={one.key}
            className={classes.cell}
            style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` }}
          >
            {one.panel.type === "row" ? (
              <RowHeader placed={one} onToggle={() => onToggleRow(one.key, !one.isOpen)} />
            ) : (
              <PanelFrame placed={one} />
            )}
          </div>
        );
      })}
    </div>
  );
}
