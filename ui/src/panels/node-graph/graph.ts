/** Nodes and edges out of frames, and a layered layout: each node right of those that call it. */
import type { ShownField, ShownFrame } from "../../data/shown";
import type { Display } from "../../data/display";

export interface GraphNode {
  id: string;
  title: string;
  stat: string;
  color: string | undefined;
  /** From 0 to 1, across and down. */
  x: number;
  y: number;
}

export interface GraphEdge {
  source: string;
  target: string;
  stat: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const NODES_MAX = 150;
const EDGES_MAX = 500;

export function graphOf(frames: readonly ShownFrame[]): Graph {
  const edges = frames.flatMap(edgesOf).slice(0, EDGES_MAX);
  const described = new Map(frames.flatMap(nodesOf).map((node) => [node.id, node]));
  const ids = new Set([...described.keys(), ...edges.flatMap((e) => [e.source, e.target])]);
  const shown = [...ids].slice(0, NODES_MAX);
  const known = new Set(shown);
  const places = layOut(shown, edges);
  return {
    nodes: shown.map((id) => ({
      id,
      title: described.get(id)?.title ?? id,
      stat: described.get(id)?.stat ?? "",
      color: described.get(id)?.color,
      ...(places.get(id) ?? { x: 0.5, y: 0.5 }),
    })),
    edges: edges.filter(({ source, target }) => known.has(source) && known.has(target)),
  };
}

/** Edges are rows with a source and a target, or series that have them as labels. */
function edgesOf(frame: ShownFrame): GraphEdge[] {
  if (frame.kind !== "table") {
    return frame.fields.flatMap((field) => {
      const { source, target } = field.labels ?? {};
      if (source === undefined || target === undefined) return [];
      return [{ source, target, stat: field.display(field.values.at(-1)).full }];
    });
  }
  const [source, target] = [named(frame, "source"), named(frame, "target")];
  if (!source || !target) return [];
  const stat = named(frame, "mainstat") ?? frame.fields.find(({ type }) => type === "number");
  return Array.from({ length: frame.length }, (_, row) => ({
    source: textAt(source, row),
    target: textAt(target, row),
    stat: stat ? shownAt(stat, row).full : "",
  }));
}

function nodesOf(frame: ShownFrame): Omit<GraphNode, "x" | "y">[] {
  const id = named(frame, "id");
  if (!id || named(frame, "source")) return [];
  const [title, stat, color] = [
    named(frame, "title"),
    named(frame, "mainstat"),
    named(frame, "color"),
  ];
  return Array.from({ length: frame.length }, (_, row) => ({
    id: textAt(id, row),
    title: title ? textAt(title, row) : textAt(id, row),
    stat: stat ? shownAt(stat, row).full : "",
    color: color && shownAt(color, row).color,
  }));
}

function named(frame: ShownFrame, name: string): ShownField | undefined {
  return frame.fields.find((field) => field.name.toLowerCase() === name);
}

function textAt({ values }: ShownField, row: number): string {
  return String(values[row] ?? "");
}

function shownAt(field: ShownField, row: number): Display {
  return field.display(field.values[row]);
}

/** Columns by the longest way from a root; a circle is cut where it closes. */
function layOut(ids: readonly string[], edges: readonly GraphEdge[]) {
  const outgoing = new Map<string, string[]>();
  for (const { source, target } of edges) {
    outgoing.set(source, [...(outgoing.get(source) ?? []), target]);
  }
  const columns = new Map<string, number>();
  const targets = new Set(edges.filter((e) => e.source !== e.target).map(({ target }) => target));
  const visit = (id: string, column: number, path: ReadonlySet<string>) => {
    if (path.has(id) || (columns.get(id) ?? -1) >= column) return;
    columns.set(id, column);
    for (const next of outgoing.get(id) ?? []) visit(next, column + 1, new Set([...path, id]));
  };
  for (const id of ids) if (!targets.has(id)) visit(id, 0, new Set());
  for (const id of ids) if (!columns.has(id)) visit(id, 0, new Set());
  const last = Math.max(0, ...columns.values());
  const byColumn = new Map<number, string[]>();
  for (const id of ids) {
    const column = columns.get(id) ?? 0;
    byColumn.set(column, [...(byColumn.get(column) ?? []), id]);
  }
  return new Map(
    [...byColumn].flatMap(([column, members]) =>
      members.map((id, index) => {
        const place = {
          x: last === 0 ? 0.5 : column / last,
          y: (index + 0.5) / members.length,
        };
        return [id, place] as const;
      }),
    ),
  );
}
