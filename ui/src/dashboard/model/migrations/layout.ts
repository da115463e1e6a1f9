/** Layout: rows of spans become a grid of 24 columns, and every panel gets a place and an id. */
import { bool, type JsonObject, num, obj, objs, str, without } from "../../../lib/json";

const COLUMNS = 24;
/** A grid row and the gap below it. */
const GRID_ROW_PX = 38;
const ROW_HEIGHT_PX = 250;
const PANEL_HEIGHT_MIN = 3;

/** `rows[].panels[].span` (12 across, heights in px) were the layout up to 2017. */
export function rowsToGrid(dashboard: JsonObject): JsonObject {
  const rows = objs(dashboard.rows);
  if (rows.length === 0) return without(dashboard, "rows");
  const titled = rows.some((row) => bool(row.showTitle) || bool(row.collapse) || row.repeat);
  const panels: JsonObject[] = objs(dashboard.panels);
  let y = panels.reduce((bottom, panel) => Math.max(bottom, bottomOf(panel)), 0);
  for (const row of rows) {
    const header = titled ? 1 : 0;
    const { placed, height } = placeRow(row, y + header);
    const collapsed = bool(row.collapse);
    if (titled) {
      panels.push({
        type: "row",
        title: bool(row.showTitle) || collapsed ? str(row.title, "") : "",
        collapsed,
        gridPos: { x: 0, y, w: COLUMNS, h: 1 },
        panels: collapsed ? placed : [],
        ...(str(row.repeat) ? { repeat: row.repeat } : {}),
      });
    }
    if (!collapsed || !titled) panels.push(...placed);
    y += header + (collapsed && titled ? 0 : height);
  }
  return { ...without(dashboard, "rows"), panels };
}

/** Left to right by span, wrapping where twelve are full. */
function placeRow(row: JsonObject, top: number): { placed: JsonObject[]; height: number } {
  const rowHeight = gridHeight(row.height);
  let x = 0;
  let y = top;
  let lineHeight = 0;
  const placed = objs(row.panels).map((panel) => {
    const w = Math.min(COLUMNS, Math.max(1, Math.floor(num(panel.span, 4) * 2)));
    const h = panel.height === undefined ? rowHeight : gridHeight(panel.height);
    if (x + w > COLUMNS) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    const gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return { ...without(panel, "span", "height"), gridPos };
  });
  return { placed, height: y - top + lineHeight };
}

function gridHeight(height: unknown): number {
  const px = typeof height === "string" ? Number.parseInt(height, 10) : height;
  const known = typeof px === "number" && px > 0 ? px : ROW_HEIGHT_PX;
  return Math.max(PANEL_HEIGHT_MIN, Math.ceil(known / GRID_ROW_PX));
}

/** Dashboards written by hand may leave places out; such panels follow below the others. */
export function placeStrays(dashboard: JsonObject): JsonObject {
  const panels = objs(dashboard.panels);
  let y = panels.reduce((bottom, panel) => Math.max(bottom, bottomOf(panel)), 0);
  let x = 0;
  return {
    ...dashboard,
    panels: panels.map((panel) => {
      if (num(obj(panel.gridPos).w) !== undefined) return panel;
      const isRow = panel.type === "row";
      const [w, h] = isRow ? [COLUMNS, 1] : [12, 8];
      if (x + w > COLUMNS) {
        x = 0;
        y += 8;
      }
      const gridPos = { x, y, w, h };
      x += w;
      if (isRow) {
        x = 0;
        y += 1;
      }
      return { ...panel, gridPos };
    }),
  };
}

/** Every panel is known by a number of its own; missing and doubled ones are replaced. */
export function numberPanels(dashboard: JsonObject): JsonObject {
  const used = new Set<number>();
  const all = objs(dashboard.panels).flatMap((panel) => [panel, ...objs(panel.panels)]);
  let next = all.reduce((top, panel) => Math.max(top, num(panel.id, 0)), 0) + 1;
  const number = (panel: JsonObject): JsonObject => {
    const id = num(panel.id);
    const kept = id !== undefined && !used.has(id) ? id : next++;
    used.add(kept);
    const numbered = kept === panel.id ? panel : { ...panel, id: kept };
    return Array.isArray(panel.panels)
      ? { ...numbered, panels: objs(panel.panels).map(number) }
      : numbered;
  };
  return { ...dashboard, panels: objs(dashboard.panels).map(number) };
}

/** Copies that a repeat made are saved by old versions; they are made anew from the original. */
export function dropRepeatCopies(dashboard: JsonObject): JsonObject {
  const isCopy = (panel: JsonObject) =>
    (num(panel.repeatPanelId) !== undefined || str(panel.repeatIteration) !== undefined) &&
    !str(panel.repeat);
  const keep = (panels: unknown): JsonObject[] =>
    objs(panels)
      .filter((panel) => !isCopy(panel))
      .map((panel) =>
        Array.isArray(panel.panels) ? { ...panel, panels: keep(panel.panels) } : panel,
      );
  return { ...dashboard, panels: keep(dashboard.panels) };
}

function bottomOf(panel: JsonObject): number {
  const grid = obj(panel.gridPos);
  return num(grid.y, 0) + num(grid.h, 0);
}
