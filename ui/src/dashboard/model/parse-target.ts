/** One query of a panel, in whatever form its plugin keeps it. */
import { bool, isObject, type JsonObject, num, obj, str, filled } from "../../lib/json";
import supported from "../supported.json";
import type { DatasourceRef, Target } from "./types";

const EXPRESSIONS = "__expr__";
/** Languages that this page asks in; names differ between forks that speak PromQL. */
const PROMQL_SOURCES = anyOf(supported.promqlSources);
const OTHER_SOURCES = anyOf(supported.otherSources);

export function parseTarget(
  json: JsonObject,
  index: number,
  panelSource: DatasourceRef | undefined,
): Target {
  const datasource = readDatasource(json.datasource) ?? panelSource;
  const expr = str(json.expr) ?? str(json.query) ?? "";
  const instant = bool(json.instant);
  return {
    refId: filled(json.refId) ?? String.fromCharCode("A".charCodeAt(0) + (index % 26)),
    expr,
    legend: str(json.legendFormat, ""),
    format: json.format === "table" || json.format === "heatmap" ? json.format : "time_series",
    kind: instant ? (json.range === true ? "both" : "instant") : "range",
    interval: filled(json.interval),
    intervalFactor: Math.max(1, num(json.intervalFactor, 1)),
    hidden: bool(json.hide),
    datasource,
    unsupported: whyUnsupported(json, datasource, expr),
  };
}

export function readDatasource(value: unknown): DatasourceRef | undefined {
  if (typeof value === "string") return { type: guessType(value), uid: value };
  if (!isObject(value)) return undefined;
  const { type, uid } = obj(value);
  return { type: filled(type) ?? guessType(str(uid, "")), uid: str(uid) };
}

function guessType(name: string): string {
  if (name === EXPRESSIONS || /^-- .* --$/.test(name)) return name;
  if (PROMQL_SOURCES.test(name)) return "prometheus";
  const other = OTHER_SOURCES.exec(name);
  return other ? other[0].toLowerCase() : "prometheus";
}

function whyUnsupported(
  json: JsonObject,
  datasource: DatasourceRef | undefined,
  expr: string,
): string | undefined {
  const type = datasource?.type ?? "prometheus";
  if (type === EXPRESSIONS || datasource?.uid === EXPRESSIONS) {
    return `expression ${str(json.type, "")}`.trim();
  }
  if (type === "-- Dashboard --" || datasource?.uid === "-- Dashboard --") {
    return "the results of another panel";
  }
  if (type === "-- Grafana --" || type === "grafana" || datasource?.uid === "-- Grafana --") {
    return "Grafana's built-in data";
  }
  if (type === "-- Mixed --" || type === "datasource") return undefined;
  if (PROMQL_SOURCES.test(type)) return undefined;
  if (OTHER_SOURCES.test(type)) return `queries in ${type}`;
  return expr === "" ? `queries in ${type}` : undefined;
}

/** The parts are plain words. */
function anyOf(parts: readonly string[]): RegExp {
  return new RegExp(parts.join("|"), "i");
}
