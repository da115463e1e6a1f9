/** Changes outside of panels: tooltips, refresh, annotations, variables. */
import { arr, bool, isObject, type JsonObject, obj, objs, str, without } from "../../../lib/json";

export function sharedCrosshair(dashboard: JsonObject): JsonObject {
  if (dashboard.sharedCrosshair === undefined) return dashboard;
  const { sharedCrosshair: shared, ...rest } = dashboard;
  return { ...rest, graphTooltip: rest.graphTooltip ?? (shared === true ? 1 : 0) };
}

/** `refresh` was `false` when off. */
export function refreshAsText(dashboard: JsonObject): JsonObject {
  return typeof dashboard.refresh === "boolean" ? { ...dashboard, refresh: "" } : dashboard;
}

/** The time range once lived among "services", annotations and filters among "pulldowns". */
export function servicesAndPulldowns(dashboard: JsonObject): JsonObject {
  if (!isObject(dashboard.services) && !Array.isArray(dashboard.pulldowns)) return dashboard;
  const filter = obj(obj(dashboard.services).filter);
  const annotations = objs(dashboard.pulldowns).find(({ type }) => type === "annotations");
  return {
    ...without(dashboard, "services", "pulldowns"),
    ...(isObject(dashboard.time) || !isObject(filter.time) ? {} : { time: filter.time }),
    ...(isObject(dashboard.templating) || !Array.isArray(filter.list)
      ? {}
      : { templating: { list: filter.list } }),
    ...(isObject(dashboard.annotations) || !annotations
      ? {}
      : { annotations: { list: arr(annotations.annotations) } }),
  };
}

function mapVariables(
  dashboard: JsonObject,
  change: (variable: JsonObject) => JsonObject,
): JsonObject {
  const templating = obj(dashboard.templating);
  if (!Array.isArray(templating.list)) return dashboard;
  return {
    ...dashboard,
    templating: { ...templating, list: objs(templating.list).map(change) },
  };
}

/** `hideVariable` and `hideLabel` became the number `hide`. */
export function hiddenVariables(dashboard: JsonObject): JsonObject {
  return mapVariables(dashboard, (variable) => {
    if (variable.hideVariable === undefined && variable.hideLabel === undefined) return variable;
    const hide = bool(variable.hideVariable) ? 2 : bool(variable.hideLabel) ? 1 : 0;
    return { ...without(variable, "hideVariable", "hideLabel"), hide: variable.hide ?? hide };
  });
}

/** `refresh` was true or false; without it, options were kept in the dashboard. */
export function variableRefresh(dashboard: JsonObject): JsonObject {
  return mapVariables(dashboard, (variable) => {
    if (str(variable.type, "query") !== "query") return variable;
    if (variable.refresh === 1 || variable.refresh === 2) return variable;
    return { ...variable, refresh: 1 };
  });
}

/** A choice of several was once a text joined by `+`. */
export function currentOfMulti(dashboard: JsonObject): JsonObject {
  return mapVariables(dashboard, (variable) => {
    const current = obj(variable.current);
    if (!bool(variable.multi) || Array.isArray(current.value)) return variable;
    const text = str(current.value);
    if (text === undefined) return variable;
    return { ...variable, current: { ...current, value: text === "" ? [] : [text] } };
  });
}

/** Tags that grouped the values of a variable are gone. */
export function variableTags(dashboard: JsonObject): JsonObject {
  return mapVariables(dashboard, (variable) =>
    variable.useTags === undefined
      ? variable
      : without(variable, "tags", "tagsQuery", "tagValuesQuery", "useTags"),
  );
}
