/** Edits of a dashboard's document leave alone what they are not about. */
import { describe, expect, it } from "vitest";
import { type JsonObject, num, obj, objs } from "../../lib/json";
import {
  addPanel,
  addRow,
  duplicatePanel,
  findPanel,
  placePanels,
  removePanel,
  removeRow,
  setAt,
  updatePanel,
  valueAt,
} from "./edit";
import modern from "./fixtures/modern.json";
import { exportDashboard, parseDashboard } from "./parse";

const { document } = parseDashboard(modern);
const plain = (json: unknown) => JSON.parse(JSON.stringify(json)) as unknown;

describe("edits", () => {
  it("keep fields that nobody here knows, all the way to the export", () => {
    const edited = updatePanel(document, 1, (panel) => setAt(panel, "title", "New"));
    const exported = exportDashboard(parseDashboard(edited));
    expect(exported).toMatchObject({ futureField: true, __elements: { "lib-1": { kind: 1 } } });
    expect(findPanel(exported, 1)).toMatchObject({
      title: "New",
      fieldConfig: { defaults: { custom: { fromTheFuture: 1 } } },
    });
    expect(plain(removePanel(edited, 1))).toEqual(plain(removePanel(document, 1)));
  });

  it("reach panels in closed rows", () => {
    const edited = updatePanel(document, 11, (panel) => setAt(panel, "title", "Inner"));
    expect(findPanel(edited, 11)?.title).toBe("Inner");
    expect(findPanel(removePanel(edited, 11), 11)).toBeUndefined();
  });

  it("add above everything, with an id of its own", () => {
    const added = addPanel(document, { type: "stat", gridPos: { w: 6, h: 4 } });
    expect(findPanel(document, added.id)).toBeUndefined();
    expect(findPanel(added.document, added.id)?.gridPos).toEqual({ x: 0, y: 0, w: 6, h: 4 });
    expect(obj(findPanel(added.document, 1)?.gridPos).y).toBe(4);
  });

  it("duplicate below the original", () => {
    const copies = objs(duplicatePanel(document, 1).panels).filter(
      ({ type }) => type === "timeseries",
    );
    expect(copies.map(({ title }) => title)).toEqual(["Rate", "Rate (copy)"]);
    expect(new Set(copies.map(({ id }) => id)).size).toBe(2);
    expect(copies.map(({ gridPos }) => obj(gridPos).y)).toEqual([0, 8]);
  });

  it("place panels by id", () => {
    const placed = placePanels(document, new Map([[12, { x: 0, y: 3, w: 8, h: 2 }]]));
    expect(findPanel(placed, 12)?.gridPos).toEqual({ x: 0, y: 3, w: 8, h: 2 });
    expect(findPanel(placed, 1)).toBe(findPanel(document, 1));
  });

  it("set, read and remove at a path", () => {
    const json = setAt({ a: { b: 1, keep: 2 } }, "a.c.d", 5);
    expect(json).toEqual({ a: { b: 1, keep: 2, c: { d: 5 } } });
    expect(valueAt(json, "a.c.d")).toBe(5);
    expect(valueAt(json, "a.x.y")).toBeUndefined();
    expect(setAt(json, "a.c", undefined)).toEqual({ a: { b: 1, keep: 2 } });
  });
});

describe("rows", () => {
  const at = (id: number, y: number, rest = {}) => ({
    id,
    gridPos: { x: 0, y, w: 24, h: 4 },
    ...rest,
  });
  const row = (id: number, y: number, panels: JsonObject[] = [], collapsed = false) => ({
    ...at(id, y, { type: "row", collapsed, panels }),
    gridPos: { x: 0, y, w: 24, h: 1 },
  });
  const ids = (document: JsonObject) =>
    objs(document.panels)
      .toSorted((a, b) => num(obj(a.gridPos).y, 0) - num(obj(b.gridPos).y, 0))
      .map(({ id }) => id);

  it("a new one stands above all", () => {
    const added = addRow({ keep: 1, panels: [at(1, 0)] });
    expect(ids(added)).toEqual([2, 1]);
    expect(added.keep).toBe(1);
  });

  it("goes alone, or with what is below it up to the next", () => {
    const document = { panels: [row(1, 0), at(2, 1), row(3, 5), at(4, 6)] };
    expect(ids(removeRow(document, 1, false))).toEqual([2, 3, 4]);
    expect(ids(removeRow(document, 1, true))).toEqual([3, 4]);
    expect(ids(removeRow(document, 3, true))).toEqual([1, 2]);
    expect(removeRow(document, 99, true)).toBe(document);
  });

  it("that is closed leaves its panels in its place, before those that followed", () => {
    const inside = [at(2, 1), at(3, 5)];
    const document = { panels: [row(1, 0, inside, true), row(4, 1), at(5, 2)] };
    expect(ids(removeRow(document, 1, false))).toEqual([2, 3, 4, 5]);
    expect(ids(removeRow(document, 1, true))).toEqual([4, 5]);
  });
});
