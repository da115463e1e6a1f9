/** Applying a change to every panel of a dashboard, wherever panels have been kept. */
import { arr, isObject, type JsonObject, objs } from "../../../lib/json";

/**
 * Where a panel was in the JSON that came. A symbol key survives spreading, and no export shows it.
 */
export const PATH = Symbol("path in the source");

export type PanelMigration = (panel: JsonObject) => JsonObject;

export function mapPanels(dashboard: JsonObject, migrate: PanelMigration): JsonObject {
  const deep = (panel: JsonObject): JsonObject => {
    const changed = migrate(panel);
    if (!Array.isArray(changed.panels)) return changed;
    return { ...changed, panels: objs(changed.panels).map(deep) };
  };
  return "panels" in dashboard
    ? { ...dashboard, panels: objs(dashboard.panels).map(deep) }
    : dashboard;
}

export function pathOf(panel: JsonObject): string {
  const marked = (panel as { [PATH]?: string })[PATH];
  return marked ?? "$";
}

/** A copy in which every panel knows where it stood. */
export function markPaths(dashboard: JsonObject): JsonObject {
  const mark = (list: unknown, path: string): JsonObject[] =>
    arr(list).flatMap((panel, index) => {
      if (!isObject(panel)) return [];
      const at = `${path}.panels[${index}]`;
      const marked = { ...panel, [PATH]: at };
      return [Array.isArray(panel.panels) ? { ...marked, panels: mark(panel.panels, at) } : marked];
    });
  const marked = { ...dashboard };
  if (Array.isArray(dashboard.panels)) marked.panels = mark(dashboard.panels, "$");
  if (Array.isArray(dashboard.rows)) {
    marked.rows = arr(dashboard.rows).map((row, index) =>
      isObject(row) ? { ...row, panels: mark(row.panels, `$.rows[${index}]`) } : row,
    );
  }
  return marked;
}
