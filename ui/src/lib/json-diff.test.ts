/** Differences as a person reads them: panels by title, members by identity, not by place. */
import { expect, it } from "vitest";
import { diffJson } from "./json-diff";

const paths = (before: Parameters<typeof diffJson>[0], after: Parameters<typeof diffJson>[0]) =>
  diffJson(before, after).map(({ kind, path }) => `${kind} ${path}`);

it("names the path of each value that differs", () => {
  const before = { title: "a", tags: ["x"], same: { deep: [1, null] }, gone: 1 };
  const after = { title: "b", tags: ["x", "y"], same: { deep: [1, null] }, "odd key": true };
  expect(paths(before, after)).toEqual([
    "changed title",
    "added tags[1]",
    "removed gone",
    'added ["odd key"]',
  ]);
});

it("knows a panel again where others came before it", () => {
  const cpu = { id: 1, title: "CPU", w: 12 };
  const before = { panels: [cpu, { id: 2, title: "Gone" }] };
  const after = {
    panels: [
      { id: 3, title: "New" },
      { ...cpu, w: 6 },
    ],
  };
  expect(paths(before, after)).toEqual([
    'changed panels["CPU"].w',
    'removed panels["Gone"]',
    'added panels["New"]',
  ]);
});

it("tells when only the order differs", () => {
  const [a, b] = [{ refId: "A" }, { refId: "B" }];
  expect(paths({ targets: [a, b] }, { targets: [b, a] })).toEqual(["moved targets"]);
});

it("goes by place where members share their identity", () => {
  expect(paths([{ id: 1 }, { id: 1 }], [{ id: 1 }, { id: 2 }])).toEqual(["changed [1].id"]);
});

it("finds nothing between equals", () => {
  const json = { a: [{ id: 1, b: { c: [1, "x"] } }] };
  expect(diffJson(json, structuredClone(json))).toEqual([]);
});
