/** Editing variables keeps what the editor does not know. */
import { expect, it } from "vitest";
import {
  addVariable,
  changeVariable,
  moveVariable,
  nameProblem,
  queryOf,
  removeVariable,
  variableList,
  withQuery,
} from "./variable-list";
import { readMappings, writeMappings } from "./mapping-rows";

const document = {
  keep: 1,
  templating: { keep: 2, list: [{ name: "a", future: true }, { name: "variable2" }] },
};

it("variables are added, changed, moved and removed; everything else stays", () => {
  const added = addVariable(document);
  expect(variableList(added).map(({ name }) => name)).toEqual(["a", "variable2", "variable3"]);
  const changed = changeVariable(added, 0, (one) => ({ ...one, multi: true }));
  expect(variableList(changed)[0]).toEqual({ name: "a", future: true, multi: true });
  const moved = moveVariable(changed, 0, 1);
  expect(variableList(moved).map(({ name }) => name)).toEqual(["variable2", "a", "variable3"]);
  expect(removeVariable(moved, 0)).toMatchObject({ keep: 1, templating: { keep: 2 } });
  expect(variableList(document)).toHaveLength(2);
});

it("a query keeps the form in which it was", () => {
  const wrapped = { query: { query: "old", refId: "x" }, definition: "old" };
  expect(withQuery(wrapped, "new")).toEqual({
    query: { query: "new", refId: "x" },
    definition: "new",
  });
  expect(queryOf(withQuery({}, "new"))).toBe("new");
});

it("names are words, and of one variable only", () => {
  expect(nameProblem(document, 0, "a")).toBeUndefined();
  expect(nameProblem(document, 0, "variable2")).toMatch(/Another/);
  expect(nameProblem(document, 0, "a b")).toMatch(/letters/);
});

it("value mappings come back as they went", () => {
  const mappings = [
    { type: "value", options: { 0: { text: "down", color: "red", index: 0 }, 1: { index: 1 } } },
    { type: "range", options: { from: 5, to: null, result: { text: "many", index: 2 } } },
    { type: "regex", options: { pattern: "/x/", result: { color: "blue", index: 3 } } },
    { type: "special", options: { match: "nan", result: { text: "none", index: 4 } } },
  ];
  expect(writeMappings(readMappings(mappings))).toEqual(mappings);
});
