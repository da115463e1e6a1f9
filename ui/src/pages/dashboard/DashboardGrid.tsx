/** The grid of 24 columns; on narrow screens panels stand in two columns or below each other. */
import { useElementSize } from "@mantine/hooks";
import { IconGripVertical } from "@tabler/icons-react";
import { useMemo } from "react";
import { layOutMoved, layOutNarrow, type Placed, placesOf } from "../../dashboard/layout";
import type { GridPos } from "../../dashboard/model/types";
import type { JsonObject } from "../../lib/json";
import classes from "./DashboardGrid.module.css";
import { PanelFrame } from "./PanelFrame";
import { RowHeader } from "./RowHeader";
import { GAP_PX, ROW_PX, useGridDrag } from "./use-grid-drag";

const NARROW_PX = 680;

interface Props {
  placed: readonly Placed[];
  onToggleRow: (key: string, isOpen: boolean) => void;
  /** Set while editing: changes the document for what was done to a row. */
  onEditRow?: ((change: (document: JsonObject) => JsonObject) => void) | undefined;
  /** Set while editing: takes the places of all panels after one was moved. */
  onPlace?: ((places: Map<number, GridPos>) => void) | undefined;
}

export function DashboardGrid({ placed, onToggleRow, onEditRow, onPlace }: Props) {
  const { ref, width } = useElementSize();
  const isNarrow = width > 0 && width < NARROW_PX;
  const { drag, begin, move, end } = useGridDrag(width, ({ key, target }) =>
    onPlace?.(placesOf(layOutMoved(placed, key, target))),
  );
  const shown = useMemo(() => {
    if (isNarrow) return layOutNarrow(placed);
    return drag ? layOutMoved(placed, drag.key, drag.target) : placed;
  }, [isNarrow, placed, drag]);
  const isMovable = onPlace !== undefined && !isNarrow;
  return (
    <div
      ref={ref}
      className={classes.grid}
      style={{
        gridTemplateColumns: `repeat(${isNarrow ? 2 : 24}, minmax(0, 1fr))`,
        gridAutoRows: ROW_PX,
        gap: GAP_PX,
      }}
    >
      {shown
        // The order in the document must not change under a drag, or the element loses the pointer.
        .toSorted((a, b) => (drag ? a.key.localeCompare(b.key) : 0))
        .map((one) => {
          const { x, y, w, h } = one.grid;
          const isRow = one.panel.type === "row";
          return (
            <div
              key={one.key}
              className={classes.cell}
              data-dragged={drag?.key === one.key || undefined}
              style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` }}
            >
              {isRow ? (
                <RowHeader
                  placed={one}
                  onToggle={() => onToggleRow(one.key, !one.isOpen)}
                  onEdit={onEditRow}
                />
              ) : (
                <PanelFrame placed={one} />
              )}
              {isMovable && !isRow && (
                <>
                  <span
                    className={classes.grip}
                    title="Drag to move"
                    onPointerDown={(event) => begin(event, one, false)}
                    onPointerMove={move}
                    onPointerUp={end}
                    onPointerCancel={end}
                  >
                    <IconGripVertical size={15} aria-hidden="true" />
                  </span>
                  <span
                    className={classes.corner}
                    title="Drag to resize"
                    onPointerDown={(event) => begin(event, one, true)}
                    onPointerMove={move}
                    onPointerUp={end}
                    onPointerCancel={end}
                  />
                </>
              )}
            </div>
          );
        })}
    </div>
  );
}
