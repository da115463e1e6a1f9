/** Dragging and resizing on the grid: from pointer moves to places in columns and rows. */
import { type PointerEvent, useState } from "react";
import type { Placed } from "../../dashboard/layout";
import type { GridPos } from "../../dashboard/model/types";

export interface Drag {
  key: string;
  target: GridPos;
}

interface Begun {
  key: string;
  grid: GridPos;
  isResize: boolean;
  x: number;
  y: number;
}

const COLUMNS = 24;
export const GAP_PX = 8;
export const ROW_PX = 30;
const HEIGHT_MIN = 2;
const WIDTH_MIN = 2;

export function useGridDrag(widthPx: number, onDrop: (drag: Drag) => void) {
  const [begun, setBegun] = useState<Begun>();
  const [drag, setDrag] = useState<Drag>();

  const begin = (event: PointerEvent, { key, grid }: Placed, isResize: boolean) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    setBegun({ key, grid, isResize, x: event.clientX, y: event.clientY });
  };
  const move = (event: PointerEvent) => {
    if (!begun) return;
    const columns = Math.round((event.clientX - begun.x) / ((widthPx + GAP_PX) / COLUMNS));
    const rows = Math.round((event.clientY - begun.y) / (ROW_PX + GAP_PX));
    setDrag({ key: begun.key, target: targetOf(begun, columns, rows) });
  };
  const end = () => {
    setBegun(undefined);
    setDrag(undefined);
    if (drag && begun && !samePlace(drag.target, begun.grid)) onDrop(drag);
  };
  return { drag, begin, move, end };
}

export function targetOf(
  { grid, isResize }: Pick<Begun, "grid" | "isResize">,
  columns: number,
  rows: number,
): GridPos {
  const { x, y, w, h } = grid;
  if (isResize) {
    return {
      x,
      y,
      w: Math.min(COLUMNS - x, Math.max(WIDTH_MIN, w + columns)),
      h: Math.max(HEIGHT_MIN, h + rows),
    };
  }
  return {
    x: Math.min(COLUMNS - w, Math.max(0, x + columns)),
    y: Math.max(0, y + rows),
    w,
    h,
  };
}

function samePlace(a: GridPos, b: GridPos): boolean {
  return a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h;
}
