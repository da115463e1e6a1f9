/**
 * Dashboards as resources (`apiVersion: dashboard.grafana.app/…`): the first version wraps the
 * classic JSON in `spec`; the second keeps panels as named elements and their places in a layout.
 */
import { bool, isObject, type JsonObject, num, obj, objs, str } from "../../lib/json";

export function fromResource(json: JsonObject): JsonObject {
  const spec = isObject(json.spec) ? json.spec : json;
  const uid = str(obj(json.metadata).name);
  if (!isObject(spec.elements)) return uid === undefined ? spec : { uid, ...spec };
  const time = obj(spec.timeSettings);
  return {
    ...(uid === undefined ? {} : { uid }),
    title: spec.title,
    description: spec.description,
    tags: spec.tags ?? [],
    editable: spec.editable,
    graphTooltip: { Off: 0, Crosshair: 1, Tooltip: 2 }[str(spec.cursorSync, "Off")] ?? 0,
    time: { from: str(time.from, "now-6h"), to: str(time.to, "now") },
    timezone: time.timezone,
    refresh: str(time.autoRefresh, ""),
    links: spec.links ?? [],
    templating: { list: objs(spec.variables).map(variable) },
    annotations: { list: objs(spec.annotations).map(annotation) },
    panels: layout(obj(spec.layout), obj(spec.elements), 0).panels,
    schemaVersion: 42,
  };
}

interface Placed {
  panels: JsonObject[];
  bottom: number;
}

function layout(node: JsonObject, elements: JsonObject, top: number): Placed {
  const spec = obj(node.spec);
  switch (node.kind) {
    case "GridLayout":
      return grid(objs(spec.items), elements, top);
    case "AutoGridLayout":
      return autoGrid(objs(spec.items), num(spec.maxColumnCount, 3), elements, top);
    case "RowsLayout":
      return sections(objs(spec.rows), elements, top);
    case "TabsLayout":
      return sections(objs(spec.tabs), elements, top);
    default:
      return { panels: [], bottom: top };
  }
}

function grid(items: JsonObject[], elements: JsonObject, top: number): Placed {
  let bottom = top;
  const panels = items.map((item) => {
    const spec = obj(item.spec);
    const y = top + num(spec.y, 0);
    const h = num(spec.height, 8);
    bottom = Math.max(bottom, y + h);
    const repeat = obj(spec.repeat);
    return {
      ...element(spec, elements),
      gridPos: { x: num(spec.x, 0), y, w: num(spec.width, 12), h },
      ...(str(repeat.value)
        ? { repeat: repeat.value, repeatDirection: repeat.direction, maxPerRow: repeat.maxPerRow }
        : {}),
    };
  });
  return { panels, bottom };
}

function autoGrid(items: JsonObject[], columns: number, elements: JsonObject, top: number): Placed {
  const w = Math.max(1, Math.floor(24 / Math.max(1, columns)));
  const perRow = Math.max(1, Math.floor(24 / w));
  const panels = items.map((item, index) => ({
    ...element(obj(item.spec), elements),
    gridPos: { x: (index % perRow) * w, y: top + Math.floor(index / perRow) * 9, w, h: 9 },
  }));
  return { panels, bottom: top + Math.ceil(items.length / perRow) * 9 };
}

/** Rows and tabs alike become rows; panels of collapsed ones go inside. */
function sections(list: JsonObject[], elements: JsonObject, top: number): Placed {
  const panels: JsonObject[] = [];
  let y = top;
  for (const section of list) {
    const spec = obj(section.spec);
    const collapsed = bool(spec.collapse);
    const inside = layout(obj(spec.layout), elements, y + 1);
    panels.push({
      type: "row",
      title: str(spec.title, ""),
      collapsed,
      gridPos: { x: 0, y, w: 24, h: 1 },
      panels: collapsed ? inside.panels : [],
      ...(str(obj(spec.repeat).value) ? { repeat: obj(spec.repeat).value } : {}),
    });
    if (!collapsed) panels.push(...inside.panels);
    y = collapsed ? y + 1 : inside.bottom;
  }
  return { panels, bottom: y };
}

function element(item: JsonObject, elements: JsonObject): JsonObject {
  const { kind, spec: inner } = obj(elements[str(obj(item.element).name, "")]);
  const spec = obj(inner);
  if (kind === "LibraryPanel") {
    return {
      id: spec.id,
      title: spec.title,
      libraryPanel: spec.libraryPanel,
      type: "library-panel",
    };
  }
  const viz = obj(spec.vizConfig);
  const data = obj(obj(spec.data).spec);
  return {
    id: spec.id,
    title: spec.title,
    description: spec.description,
    links: spec.links,
    transparent: spec.transparent,
    // Later drafts of the schema name the plugin in `group`.
    type: str(viz.group) ?? str(viz.kind),
    options: obj(viz.spec).options,
    fieldConfig: obj(viz.spec).fieldConfig,
    targets: objs(data.queries).map(query),
    transformations: objs(data.transformations).map(
      ({ kind: id, group, spec: transformation }) => ({
        ...obj(transformation),
        id: str(group) ?? str(id),
      }),
    ),
    ...obj(data.queryOptions),
  };
}

function query(node: JsonObject): JsonObject {
  const spec = obj(node.spec);
  const inner = obj(spec.query);
  return {
    ...obj(inner.spec),
    refId: spec.refId,
    hide: spec.hidden,
    datasource: spec.datasource ?? {
      type: str(inner.group) ?? inner.kind,
      uid: obj(inner.datasource).name,
    },
  };
}

function variable(node: JsonObject): JsonObject {
  const spec = obj(node.spec);
  const type = str(node.kind, "").replace("Variable", "").toLowerCase();
  const hide = { hideVariable: 2, hideLabel: 1 }[str(spec.hide, "")] ?? 0;
  const inner = obj(obj(spec.query).spec);
  const text = str(spec.query) ?? str(spec.definition) ?? str(inner.query) ?? str(inner.expr);
  const refresh = spec.refresh === "onTimeRangeChanged" ? 2 : 1;
  const sort = SORTS.indexOf(str(spec.sort, ""));
  return {
    ...spec,
    type: { text: "textbox", datasource: "datasource" }[type] ?? type,
    query: str(spec.pluginId) ?? text ?? "",
    hide,
    refresh,
    sort: Math.max(0, sort),
  };
}

/** In the order of the numbers that stood for them. */
const SORTS = [
  "disabled",
  "alphabeticalAsc",
  "alphabeticalDesc",
  "numericalAsc",
  "numericalDesc",
  "alphabeticalCaseInsensitiveAsc",
  "alphabeticalCaseInsensitiveDesc",
  "naturalAsc",
  "naturalDesc",
];

function annotation(node: JsonObject): JsonObject {
  const spec = obj(node.spec);
  const inner = obj(obj(spec.query).spec);
  return { ...inner, ...spec, builtIn: spec.builtIn === true ? 1 : 0 };
}
