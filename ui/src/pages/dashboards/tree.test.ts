/** Folders as a tree, however odd the server's list of them is. */
import { expect, it } from "vitest";
import type { DashboardHit } from "../../api/dashboards";
import { allWithin, contentsOf, folderPath, folderTitle, possibleParents } from "./tree";

const folder = (uid: string, parentUid?: string) => ({
  uid,
  title: uid.toUpperCase(),
  parentUid,
});
const hit = (uid: string, folderUid?: string): DashboardHit => ({
  uid,
  title: uid,
  tags: [],
  isStarred: false,
  folder: undefined,
  folderUid,
});
const folders = [folder("a"), folder("b", "a"), folder("c", "b"), folder("lost", "gone")];
const found = { folders, dashboards: [hit("top"), hit("in-c", "c"), hit("hidden", "secret")] };

it("the way to a folder begins at the top", () => {
  expect(folderTitle(folders, "c")).toBe("A / B / C");
  expect(folderTitle(folders, undefined)).toBe("");
});

it("a circle of folders has an end", () => {
  const circle = [folder("x", "y"), folder("y", "x")];
  expect(folderPath(circle, "x")).toHaveLength(2);
});

it("what is in a folder that cannot be seen stands at the top", () => {
  const top = contentsOf(found, undefined);
  expect(top.folders.map(({ uid }) => uid)).toEqual(["a", "lost"]);
  expect(top.dashboards.map(({ uid }) => uid)).toEqual(["top", "hidden"]);
  expect(contentsOf(found, "b").folders.map(({ uid }) => uid)).toEqual(["c"]);
});

it("a folder counts what is below it", () => {
  expect(allWithin(found, "a").map(({ uid }) => uid)).toEqual(["in-c"]);
});

it("a folder does not go into itself", () => {
  expect(possibleParents(folders, "b").map(({ uid }) => uid)).toEqual(["a", "lost"]);
});
