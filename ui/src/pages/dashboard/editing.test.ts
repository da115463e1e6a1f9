/** Steps back and forth while editing, and where a drag puts a panel. */
import { describe, expect, it } from "vitest";
import { commonInterval } from "./use-scrape-interval";
import { reduceHistory } from "./use-draft";
import { targetOf } from "./use-grid-drag";
import { nextChoice } from "./VariablesBar";

type History = Parameters<typeof reduceHistory>[0];
const untouched: History = { past: [], present: undefined, future: [], lastKey: undefined };
const loaded = { title: "0" };
const edit = (history: History, title: string, key?: string) =>
  reduceHistory(history, { type: "edit", from: loaded, to: { title }, key });

describe("history", () => {
  it("goes back to what was loaded, and forth again", () => {
    const two = edit(edit(untouched, "1"), "2");
    const one = reduceHistory(two, { type: "undo" });
    const none = reduceHistory(one, { type: "undo" });
    expect([two, one, none].map(({ present }) => present?.title)).toEqual(["2", "1", "0"]);
    expect(reduceHistory(none, { type: "undo" })).toBe(none);
    expect(reduceHistory(none, { type: "redo" }).present).toEqual({ title: "1" });
    expect(edit(one, "other").future).toEqual([]);
    expect(reduceHistory(two, { type: "discard" })).toEqual(untouched);
  });

  it("takes the letters of one field as one step", () => {
    const typed = ["a", "ab", "abc"].reduce((h, text) => edit(h, text, "title"), untouched);
    expect(typed.past).toEqual([loaded]);
    expect(edit(typed, "x", "description").past).toHaveLength(2);
  });

  it("remembers a hundred steps", () => {
    const many = Array.from({ length: 150 }).reduce<History>(
      (h, _, i) => edit(h, String(i)),
      untouched,
    );
    expect(many.past).toHaveLength(100);
  });
});

describe("dragging", () => {
  const grid = { x: 4, y: 2, w: 8, h: 6 };

  it.each([
    [false, 3, 1, { x: 7, y: 3, w: 8, h: 6 }],
    [false, -50, -50, { x: 0, y: 0, w: 8, h: 6 }],
    [false, 50, 0, { x: 16, y: 2, w: 8, h: 6 }],
    [true, 2, 3, { x: 4, y: 2, w: 10, h: 9 }],
    [true, 50, 0, { x: 4, y: 2, w: 20, h: 6 }],
    [true, -50, -50, { x: 4, y: 2, w: 2, h: 2 }],
  ])("resize %s by %d, %d", (isResize, columns, rows, expected) => {
    expect(targetOf({ grid, isResize }, columns, rows)).toEqual(expected);
  });
});

it("All and single values exclude each other", () => {
  expect(nextChoice(["a"], ["a", "$__all"])).toEqual(["$__all"]);
  expect(nextChoice(["$__all"], ["$__all", "b"])).toEqual(["b"]);
  expect(nextChoice(["a"], ["a", "b"])).toEqual(["a", "b"]);
});

it("the common scrape interval is that of most targets, of two the longer", () => {
  expect(commonInterval(["5s", "15s", "15s"])).toBe(15);
  expect(commonInterval(["5s", "1m"])).toBe(60);
  expect(commonInterval(["", "?"])).toBe(15);
});
