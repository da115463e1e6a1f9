/** Filtering and ordering targets. */
import { expect, it } from "vitest";
import type { Target } from "../../api/targets";
import { dataStart } from "../home/use-home";
import { byPool } from "../home/TargetsPanel";
import { filterTargets, groupByPool, readHealth } from "./filter";

function target(
  scrapePool: string,
  port: number,
  health: Target["health"],
  lastError = "",
): Target {
  return {
    scrapePool,
    scrapeUrl: `http://host:${port}/metrics`,
    labels: { instance: `host:${port}`, job: scrapePool },
    discoveredLabels: {},
    lastError,
    lastScrape: "",
    lastScrapeDuration: 0,
    health,
    scrapeInterval: "5s",
    scrapeTimeout: "5s",
  };
}

const targets = [
  target("node", 9100, "up"),
  target("node", 10000, "down", "connection refused"),
  target("app", 80, "unknown"),
];

it.each([
  [{ health: "all", search: "", pool: null }, 3],
  [{ health: "down", search: "", pool: null }, 1],
  [{ health: "all", search: "REFUSED node", pool: null }, 1],
  [{ health: "all", search: "job=app", pool: null }, 1],
  [{ health: "all", search: "", pool: "node" }, 2],
  [{ health: "up", search: "refused", pool: null }, 0],
] as const)("%j leaves %d", (filter, count) => {
  expect(filterTargets(targets, filter)).toHaveLength(count);
});

it("pools are in order, and trouble comes first within", () => {
  const pools = groupByPool(targets);
  expect(pools.map(([name]) => name)).toEqual(["app", "node"]);
  expect(pools[1]?.[1].map(({ health }) => health)).toEqual(["down", "up"]);
});

it("an unknown state in the URL means all", () => {
  expect(readHealth("broken")).toBe("all");
  expect(readHealth("down")).toBe("down");
});

it("home counts by pool, those in trouble first", () => {
  expect(byPool(targets).map(({ name, up, down }) => [name, up, down.length])).toEqual([
    ["node", 1, 1],
    ["app", 0, 0],
  ]);
});

it("home begins where data begins", () => {
  const grid = { start: 0, end: 40, step: 10 };
  const answer = (values: number[]) => ({
    grid,
    answers: [[{ labels: {}, values: Float64Array.from(values) }]],
  });
  expect(dataStart(answer([NaN, NaN, NaN, 1, 1]))).toBe(20);
  expect(dataStart(answer([1, 1, 1, 1, 1]))).toBeUndefined();
  expect(dataStart(answer([NaN, 1, 1, 1, 1]))).toBeUndefined();
  expect(dataStart({ grid, answers: [[]] })).toBeUndefined();
});
