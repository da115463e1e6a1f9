/** Changes to a dashboard's list of variables, as functions from document to document. */
import { setAt } from "../../../dashboard/model/edit";
import { type JsonObject, obj, objs, str } from "../../../lib/json";

const LIST = "templating.list";

export function variableList(document: JsonObject): JsonObject[] {
  return objs(obj(document.templating).list);
}

export function addVariable(document: JsonObject): JsonObject {
  const list = variableList(document);
  const names = new Set(list.map(({ name }) => name));
  let number = list.length + 1;
  while (names.has(`variable${number}`)) number += 1;
  const added = { name: `variable${number}`, type: "query", query: "", refresh: 1, current: {} };
  return setAt(document, LIST, [...list, added]);
}

export function changeVariable(
  document: JsonObject,
  index: number,
  change: (variable: JsonObject) => JsonObject,
): JsonObject {
  const list = variableList(document);
  return setAt(
    document,
    LIST,
    list.map((one, i) => (i === index ? change(one) : one)),
  );
}

export function removeVariable(document: JsonObject, index: number): JsonObject {
  return setAt(
    document,
    LIST,
    variableList(document).filter((_, i) => i !== index),
  );
}

export function moveVariable(document: JsonObject, index: number, by: -1 | 1): JsonObject {
  const list = variableList(document);
  const [moved] = list.splice(index, 1);
  if (moved) list.splice(index + by, 0, moved);
  return setAt(document, LIST, list);
}

/** The query is a text, or in an object beside its kind; both forms are kept. */
export function withQuery(variable: JsonObject, query: string): JsonObject {
  const { query: old } = variable;
  const isObject = typeof old === "object" && old !== null && !Array.isArray(old);
  return {
    ...variable,
    query: isObject ? { ...old, query } : query,
    ...(variable.definition !== undefined && { definition: query }),
  };
}

export function queryOf(variable: JsonObject): string {
  return str(variable.query) ?? str(obj(variable.query).query) ?? str(variable.definition, "");
}

/** Why a name will not do; undefined when it will. */
export function nameProblem(document: JsonObject, index: number, name: string): string | undefined {
  if (!/^\w+$/.test(name)) return "A name is of letters, digits and underscores.";
  const isTaken = variableList(document).some((one, i) => i !== index && one.name === name);
  return isTaken ? "Another variable is called that." : undefined;
}
