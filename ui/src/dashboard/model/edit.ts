/**
 * Changes to a dashboard's document. Each returns a new document in which everything that it does
 * not touch, known or not, stays as it was.
 */
import { isObject, type Json, type JsonObject, num, obj, objs, str, without } from "../../lib/json";
import type { GridPos } from "./types";

/** Changes the panel with this id, wherever it is. */
export function updatePanel(
  document: JsonObject,
  id: number,
  change: (panel: JsonObject) => JsonObject,
): JsonObject {
  const visit = (panels: unknown): JsonObject[] =>
    objs(panels).map((panel) => {
      if (panel.id === id) return change(panel);
      return Array.isArray(panel.panels) ? { ...panel, panels: visit(panel.panels) } : panel;
    });
  return { ...document, panels: visit(document.panels) };
}

export function removePanel(document: JsonObject, id: number): JsonObject {
  const visit = (panels: unknown): JsonObject[] =>
    objs(panels)
      .filter((panel) => panel.id !== id)
      .map((panel) =>
        Array.isArray(panel.panels) ? { ...panel, panels: visit(panel.panels) } : panel,
      );
  return { ...document, panels: visit(document.panels) };
}

export function findPanel(document: JsonObject, id: number): JsonObject | undefined {
  const visit = (panels: unknown): JsonObject | undefined => {
    for (const panel of objs(panels)) {
      const found = panel.id === id ? panel : visit(panel.panels);
      if (found) return found;
    }
    return undefined;
  };
  return visit(document.panels);
}

/** A new panel above all others; its id comes along. */
export function addPanel(
  document: JsonObject,
  panel: JsonObject,
): { document: JsonObject; id: number } {
  const id = nextId(document);
  const grid = { w: 12, h: 8, ...obj(panel.gridPos), x: 0, y: 0 };
  const below = objs(document.panels).map((one) => moved(one, 0, grid.h));
  return { document: { ...document, panels: [{ ...panel, id, gridPos: grid }, ...below] }, id };
}

/** A new row above all others, which owns the panels that stood above the first row. */
export function addRow(document: JsonObject): JsonObject {
  const row = {
    type: "row",
    title: "New row",
    collapsed: false,
    panels: [],
    gridPos: { x: 0, y: 0, w: 24, h: 1 },
  };
  return addPanel(document, row).document;
}

/** Takes a row away; its panels stay where they were, or go with it. */
export function removeRow(document: JsonObject, id: number, withPanels: boolean): JsonObject {
  const panels = objs(document.panels);
  const row = panels.find((panel) => panel.id === id);
  if (!row) return document;
  const top = yOf(row);
  const nextRow = panels
    .filter((panel) => panel.type === "row" && yOf(panel) > top)
    .reduce((least, panel) => Math.min(least, yOf(panel)), Infinity);
  const rest = panels.filter((panel) => panel !== row);
  if (withPanels) {
    const isInside = (panel: JsonObject) => yOf(panel) > top && yOf(panel) < nextRow;
    // What follows a collapsed row is not in it.
    const isOpen = objs(row.panels).length === 0 && row.collapsed !== true;
    return { ...document, panels: isOpen ? rest.filter((panel) => !isInside(panel)) : rest };
  }
  const inside = objs(row.panels);
  const highest = Math.min(...inside.map(yOf));
  const height = Math.max(
    0,
    ...inside.map((one) => yOf(one) + num(obj(one.gridPos).h, 8) - highest),
  );
  const freed = inside.map((panel) => moved(panel, 0, top - highest));
  const below = rest.map((panel) => (yOf(panel) > top ? moved(panel, 0, height) : panel));
  return { ...document, panels: [...below, ...freed] };
}

/** A copy right below the original. */
export function duplicatePanel(document: JsonObject, id: number): JsonObject {
  const original = findPanel(document, id);
  if (!original) return document;
  const grid = obj(original.gridPos);
  const copy = {
    ...moved(original, 0, num(grid.h, 8)),
    id: nextId(document),
    title: `${str(original.title, "")} (copy)`,
  };
  const visit = (panels: unknown): JsonObject[] =>
    objs(panels).flatMap((panel) => {
      if (panel.id === id) return [panel, copy];
      return [Array.isArray(panel.panels) ? { ...panel, panels: visit(panel.panels) } : panel];
    });
  return { ...document, panels: visit(document.panels) };
}

/** Puts panels at their places, by id; others stay where they are. */
export function placePanels(
  document: JsonObject,
  places: ReadonlyMap<number, GridPos>,
): JsonObject {
  const visit = (panels: unknown): JsonObject[] =>
    objs(panels).map((panel) => {
      const inner = Array.isArray(panel.panels) ? { ...panel, panels: visit(panel.panels) } : panel;
      const place = places.get(num(panel.id, -1));
      return place ? { ...inner, gridPos: { ...obj(panel.gridPos), ...place } } : inner;
    });
  return { ...document, panels: visit(document.panels) };
}

/** Sets a value at a path such as `fieldConfig.defaults.custom.lineWidth`; undefined removes it. */
export function setAt(json: JsonObject, path: string, value: Json | undefined): JsonObject {
  const [head = "", ...rest] = path.split(".");
  const changed = rest.length === 0 ? value : setAt(obj(json[head]), rest.join("."), value);
  if (changed !== undefined) return { ...json, [head]: changed };
  return without(json, head);
}

export function valueAt(json: JsonObject, path: string): Json | undefined {
  return path
    .split(".")
    .reduce<Json | undefined>((value, key) => (isObject(value) ? value[key] : undefined), json);
}

function yOf(panel: JsonObject): number {
  return num(obj(panel.gridPos).y, 0);
}

function moved(panel: JsonObject, dx: number, dy: number): JsonObject {
  const grid = obj(panel.gridPos);
  return {
    ...panel,
    gridPos: { ...grid, x: num(grid.x, 0) + dx, y: num(grid.y, 0) + dy },
  };
}

function nextId(document: JsonObject): number {
  const ids = objs(document.panels).flatMap((panel) => [
    num(panel.id, 0),
    ...objs(panel.panels).map((inner) => num(inner.id, 0)),
  ]);
  return Math.max(0, ...ids) + 1;
}
