/** Where panels go: rows open and closed, panels and rows repeated by a variable, gaps closed. */
import { type Chosen, interpolate, type Scope } from "./variables/interpolate";
import type { GridPos, Panel } from "./model/types";

const COLUMNS = 24;
/** More copies of a panel than this would only stall the page. */
export const REPEATS_MAX = 50;

/** A panel at its place, with the values that its copy stands for. */
export interface Placed {
  key: string;
  panel: Panel;
  scope: Scope;
  grid: GridPos;
  title: string;
  /** Rows only: whether its panels show, and how many there are. */
  isOpen: boolean;
  count: number;
}

/** Which rows have been opened or closed since the dashboard came, by key. */
export type RowStates = ReadonlyMap<string, boolean>;

/** With every row open: where to look for a panel that an address names. */
export function layOutOpen(panels: readonly Panel[], scope: Scope): Placed[] {
  return layOut(
    panels.map((panel) => ({ ...panel, collapsed: false })),
    scope,
    new Map(),
  );
}

interface Section {
  row: Panel | undefined;
  panels: Panel[];
  scope: Scope;
  key: string;
}

export function layOut(panels: readonly Panel[], scope: Scope, rows: RowStates): Placed[] {
  const placed: Placed[] = [];
  let y = 0;
  for (const section of sections(panels).flatMap((one) => repeatRow(one, scope))) {
    const { row, scope: own, key } = section;
    let isOpen = true;
    if (row) {
      isOpen = rows.get(key) ?? !row.collapsed;
      placed.push({
        ...place(row, own, key, { x: 0, y, w: COLUMNS, h: 1 }),
        isOpen,
        count: section.panels.length,
      });
      y += 1;
    }
    if (!isOpen) continue;
    const inside = compact(section.panels.flatMap((panel) => repeatPanel(panel, own, key)));
    for (const one of inside) placed.push({ ...one, grid: { ...one.grid, y: one.grid.y + y } });
    y += bottomOf(inside);
  }
  return placed;
}

/** A row owns what follows it, up to the next row. */
function sections(panels: readonly Panel[]): Section[] {
  const ordered = [...panels].sort((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
  const found: Section[] = [];
  let current: Section = { row: undefined, panels: [], scope: {}, key: "" };
  for (const panel of ordered) {
    if (panel.type === "row") {
      if (current.row || current.panels.length > 0) found.push(current);
      current = { row: panel, panels: [...panel.panels], scope: {}, key: String(panel.id) };
    } else current.panels.push(panel);
  }
  if (current.row || current.panels.length > 0) found.push(current);
  return found;
}

function repeatRow(section: Section, scope: Scope): Section[] {
  const variable = section.row?.repeat?.variable;
  return copies(variable, scope).map(({ scope: own, suffix }) => ({
    ...section,
    scope: own,
    key: section.key + suffix,
  }));
}

function repeatPanel(panel: Panel, scope: Scope, section: string): Placed[] {
  const key = `${section}/${panel.id}`;
  const made = copies(panel.repeat?.variable, scope);
  if (!panel.repeat || made.length === 1) {
    return made.map((copy) => place(panel, copy.scope, key + copy.suffix, panel.grid));
  }
  const { direction, perRowMax } = panel.repeat;
  const { x, y, w, h } = panel.grid;
  const perRow = direction === "h" ? Math.max(1, Math.min(made.length, perRowMax)) : 1;
  const width = direction === "h" ? Math.floor(COLUMNS / perRow) : w;
  return made.map(({ scope: own, suffix }, index) =>
    place(panel, own, key + suffix, {
      x: direction === "h" ? (index % perRow) * width : x,
      // A fraction keeps copies between their panel and whatever came below it.
      y: y + Math.floor(index / perRow) * (h / 1000),
      w: width,
      h,
    }),
  );
}

interface Copy {
  scope: Scope;
  suffix: string;
}

/** One copy for each chosen value, in which the variable has just that one. */
function copies(variable: string | undefined, scope: Scope): Copy[] {
  const chosen = variable === undefined ? undefined : scope[variable];
  if (variable === undefined || typeof chosen !== "object") return [{ scope, suffix: "" }];
  const values = chosen.values.slice(0, REPEATS_MAX);
  if (values.length === 0) return [{ scope, suffix: "" }];
  return values.map((value, index) => {
    const own: Chosen = {
      values: [value],
      texts: [
        chosen.texts?.length === chosen.values.length ? (chosen.texts[index] ?? value) : value,
      ],
      multi: chosen.multi,
    };
    return { scope: { ...scope, [variable]: own }, suffix: `=${value}` };
  });
}

function place(panel: Panel, scope: Scope, key: string, grid: GridPos): Placed {
  const title = interpolate(panel.title, scope, "text");
  return { key, panel, scope, grid, title, isOpen: true, count: 0 };
}

/** Moves panels up as far as those above let them, as the dashboard's author saw them. */
function compact(placed: readonly Placed[]): Placed[] {
  const heights = new Array<number>(COLUMNS).fill(0);
  return [...placed]
    .sort((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x)
    .map((one) => {
      const { x, w, h } = one.grid;
      const y = Math.max(...heights.slice(x, x + w));
      heights.fill(y + h, x, x + w);
      return { ...one, grid: { x, y, w, h } };
    });
}

function bottomOf(placed: readonly Placed[]): number {
  return placed.reduce((bottom, { grid }) => Math.max(bottom, grid.y + grid.h), 0);
}

/** The grid while, or after, one panel is moved or resized: the others make room. */
export function layOutMoved(placed: readonly Placed[], key: string, target: GridPos): Placed[] {
  const moved = placed.map((one) =>
    // Half a row up: it takes the place of what is there, which goes below.
    one.key === key ? { ...one, grid: { ...target, y: target.y - 0.5 } } : one,
  );
  return compact(moved);
}

/** Places by panel id, to be written down. Copies that a repeat made follow their original. */
export function placesOf(placed: readonly Placed[]): Map<number, GridPos> {
  const places = new Map<number, GridPos>();
  for (const { panel, grid } of placed) {
    if (places.has(panel.id)) continue;
    const isRepeated = panel.repeat !== undefined && panel.type !== "row";
    places.set(panel.id, isRepeated ? { ...panel.grid, y: grid.y } : grid);
  }
  return places;
}

/** For narrow screens: two columns, of which small panels take one and others both. */
export function layOutNarrow(placed: readonly Placed[]): Placed[] {
  const heights = [0, 0];
  return placed.map((one, index) => {
    // A small panel without a neighbour has both columns.
    const isAlone = heights[0] === heights[1] && !isSmallPanel(placed[index + 1]);
    const isSmall = isSmallPanel(one) && !isAlone;
    const h = isSmall ? Math.min(Math.max(one.grid.h, 4), 6) : narrowHeight(one);
    const w = isSmall ? 1 : 2;
    const left = isSmall && (heights[0] ?? 0) > (heights[1] ?? 0) ? 1 : 0;
    const y = w === 2 ? Math.max(...heights) : (heights[left] ?? 0);
    heights.fill(y + h, left, left + w);
    return { ...one, grid: { x: left, y, w, h } };
  });
}

const SMALL_TYPES = new Set(["stat", "gauge"]);

function isSmallPanel(one: Placed | undefined): boolean {
  return one !== undefined && one.grid.w <= 6 && SMALL_TYPES.has(one.panel.type);
}

function narrowHeight({ panel, grid }: Placed): number {
  if (panel.type === "row") return 1;
  if (panel.type === "text") return Math.max(2, grid.h);
  return Math.max(panel.type === "stat" ? 3 : panel.type === "gauge" ? 5 : 7, Math.min(grid.h, 14));
}
