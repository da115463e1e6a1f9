/** Grids: round steps, aligned ends, a place for every timestamp. */
import { expect, it } from "vitest";
import { alignedGrid, gridIndex, gridLength, gridTimes, niceStep } from "./grid";

it.each([
  [900, 5, 5],
  [900, 1, 5],
  [3600, 1, 15],
  [86_400, 5, 300],
  [30 * 86_400, 5, 10_800],
  [10 * 365 * 86_400, 5, 1_209_600],
])("a span of %d s with data every %d s has a step of %d s", (span, stepMin, step) => {
  expect(niceStep(span, stepMin)).toBe(step);
});

it("aligned grids move by whole steps", () => {
  expect(alignedGrid(103, 198, 10)).toEqual({ start: 100, end: 190, step: 10 });
  expect(alignedGrid(104, 199, 10)).toEqual({ start: 100, end: 190, step: 10 });
  expect(alignedGrid(103, 104, 60)).toEqual({ start: 60, end: 60, step: 60 });
});

it("have a place for every time", () => {
  const grid = alignedGrid(100, 130, 10);
  expect(gridLength(grid)).toBe(4);
  expect([...gridTimes(grid)]).toEqual([100, 110, 120, 130]);
  expect(gridIndex(grid, 120.001)).toBe(2);
});

it("bear steps that binary floats cannot hold", () => {
  const grid = alignedGrid(0, 0.7, 0.1);
  expect(gridLength(grid)).toBe(8);
  expect(gridIndex(grid, 0.7)).toBe(7);
});
