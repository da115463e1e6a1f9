/** Rows, repeats and gaps on the grid. */
import { describe, expect, it } from "vitest";
import { layOut, layOutMoved, layOutNarrow, layOutOpen, placesOf } from "./layout";
import { parseDashboard } from "./model/parse";
import type { Scope } from "./variables/interpolate";

const scope: Scope = { host: { values: ["a", "b", "c"], texts: ["A", "B", "C"], multi: true } };

function lay(panels: object[], rows: Record<string, boolean> = {}) {
  return layOut(
    parseDashboard({ title: "t", panels }).panels,
    scope,
    new Map(Object.entries(rows)),
  );
}

function places(panels: object[], rows?: Record<string, boolean>) {
  return lay(panels, rows).map(({ title, grid }) => [title, grid.x, grid.y, grid.w, grid.h]);
}

const panel = (id: number, x: number, y: number, w = 12, h = 8, more = {}) => ({
  id,
  type: "timeseries",
  title: `p${id}`,
  gridPos: { x, y, w, h },
  ...more,
});
const row = (id: number, y: number, more = {}) => ({
  id,
  type: "row",
  title: `row ${id}`,
  gridPos: { x: 0, y, w: 24, h: 1 },
  ...more,
});

describe("layout", () => {
  it("closes gaps, as the author saw it", () => {
    expect(places([panel(1, 0, 0), panel(2, 12, 5), panel(3, 0, 40)])).toEqual([
      ["p1", 0, 0, 12, 8],
      ["p2", 12, 0, 12, 8],
      ["p3", 0, 8, 12, 8],
    ]);
  });

  it("a wide panel stands below the tallest of those above it", () => {
    expect(places([panel(1, 0, 0, 12, 4), panel(2, 12, 0, 12, 9), panel(3, 0, 9, 24)])[2]).toEqual([
      "p3",
      0,
      9,
      24,
      8,
    ]);
  });

  it("a closed row hides its panels, an opened one shows them", () => {
    const panels = [
      row(1, 0, { collapsed: true, panels: [panel(2, 0, 1)] }),
      row(3, 1),
      panel(4, 0, 2),
    ];
    expect(places(panels)).toEqual([
      ["row 1", 0, 0, 24, 1],
      ["row 3", 0, 1, 24, 1],
      ["p4", 0, 2, 12, 8],
    ]);
    expect(places(panels, { "1": true, "3": false })).toEqual([
      ["row 1", 0, 0, 24, 1],
      ["p2", 0, 1, 12, 8],
      ["row 3", 0, 9, 24, 1],
    ]);
  });

  it("finds panels of closed rows when it has to", () => {
    const { panels } = parseDashboard({
      title: "t",
      panels: [row(1, 0, { collapsed: true, panels: [panel(2, 0, 1)] })],
    });
    expect(layOutOpen(panels, scope).map(({ panel: { id } }) => id)).toEqual([1, 2]);
  });

  it("repeats a panel across, wrapping, and pushes down what is below", () => {
    const repeated = panel(1, 0, 0, 24, 4, { title: "on $host", repeat: "host", maxPerRow: 2 });
    expect(places([repeated, panel(2, 0, 4)])).toEqual([
      ["on A", 0, 0, 12, 4],
      ["on B", 12, 0, 12, 4],
      ["on C", 0, 4, 12, 4],
      ["p2", 0, 8, 12, 8],
    ]);
  });

  it("repeats a panel downwards, each with its own value", () => {
    const repeated = panel(1, 0, 0, 6, 4, { repeat: "host", repeatDirection: "v" });
    const placed = lay([repeated]);
    expect(placed.map(({ grid }) => grid.y)).toEqual([0, 4, 8]);
    expect(placed.map((one) => one.scope.host)).toMatchObject([
      { values: ["a"] },
      { values: ["b"] },
      { values: ["c"] },
    ]);
    expect(new Set(placed.map(({ key }) => key)).size).toBe(3);
  });

  it("repeats a row with everything in it", () => {
    const titles = places([row(1, 0, { title: "$host", repeat: "host" }), panel(2, 0, 1)]).map(
      ([title, , y]) => [title, y],
    );
    expect(titles).toEqual([
      ["A", 0],
      ["p2", 1],
      ["B", 9],
      ["p2", 10],
      ["C", 18],
      ["p2", 19],
    ]);
  });

  it("makes room for a panel that is moved or grows", () => {
    const placed = lay([panel(1, 0, 0), panel(2, 12, 0), row(3, 8), panel(4, 0, 9)]);
    const moved = layOutMoved(placed, "/2", { x: 0, y: 0, w: 12, h: 4 });
    expect(Object.fromEntries(placesOf(moved))).toEqual({
      2: { x: 0, y: 0, w: 12, h: 4 },
      1: { x: 0, y: 4, w: 12, h: 8 },
      3: { x: 0, y: 12, w: 24, h: 1 },
      4: { x: 0, y: 13, w: 12, h: 8 },
    });
    const below = layOutMoved(placed, "/2", { x: 12, y: 10, w: 12, h: 8 });
    expect(placesOf(below).get(2)).toEqual({ x: 12, y: 9, w: 12, h: 8 });
  });

  it("stands one below the other on a phone, small ones two abreast", () => {
    const stat = (id: number, x: number) => panel(id, x, 0, 4, 4, { type: "stat" });
    const narrow = layOutNarrow(lay([stat(1, 0), stat(2, 4), stat(3, 8), panel(4, 0, 4)]));
    expect(narrow.map(({ grid }) => [grid.x, grid.y, grid.w])).toEqual([
      [0, 0, 1],
      [1, 0, 1],
      [0, 4, 2],
      [0, 8, 2],
    ]);
  });
});
