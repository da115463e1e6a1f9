/** Formatters: every unit at the edges of its scale. */
import { describe, expect, it } from "vitest";
import { format, formatAge, formatExact, type Unit, unitOfMetric } from "./format";

describe("format", () => {
  it.each<[number | null | undefined, Unit, string]>([
    [0, "number", "0"],
    [1, "number", "1"],
    [12.345, "number", "12.3"],
    [999.4, "number", "999"],
    [999.9, "number", "1 k"],
    [1234, "number", "1.23 k"],
    [1_500_000, "number", "1.5 M"],
    [-42, "number", "−42"],
    [0.00001234, "number", "1.23e−5"],
    [0, "bytes", "0 B"],
    [1000, "bytes", "1000 B"],
    [1023, "bytes", "1023 B"],
    [1023.9, "bytes", "1 KiB"],
    [1536, "bytes", "1.5 KiB"],
    [8 * 1024 ** 3, "bytes", "8 GiB"],
    [2048, "bytesPerSecond", "2 KiB/s"],
    [0.4567, "ratio", "45.7%"],
    [0.00467, "ratio", "0.47%"],
    [1, "ratio", "100%"],
    [99.5, "percent", "99.5%"],
    [0.0000005, "seconds", "500 ns"],
    [0.00025, "seconds", "250 µs"],
    [0.0131, "seconds", "13.1 ms"],
    [5, "seconds", "5 s"],
    [300, "seconds", "5 min"],
    [86_400, "seconds", "24 h"],
    [864_000, "seconds", "10 d"],
    [188.2, "perSecond", "188/s"],
    [NaN, "bytes", "–"],
    [null, "number", "–"],
    [undefined, "number", "–"],
    [Infinity, "seconds", "+Inf"],
    [-Infinity, "number", "−Inf"],
  ])("%s as %s is %s", (value, unit, text) => {
    expect(format(value, unit)).toBe(text);
  });

  it("shows more digits where neighbours would look alike", () => {
    expect(format(1.23456 * 1024 ** 3, "bytes", 5)).toBe("1.2346 GiB");
  });
});

it.each([
  [59, "59s"],
  [61, "1m 1s"],
  [3600, "1h"],
  [8580, "2h 23m"],
  [273_600, "3d 4h"],
  [-5, "0s"],
  [NaN, "–"],
])("an age of %d seconds is %s", (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

it.each([
  [NaN, "NaN"],
  [Infinity, "+Inf"],
  [-Infinity, "-Inf"],
  [81_132_457_984, "81132457984"],
  [0.1, "0.1"],
])("%d is exactly %s", (value, text) => {
  expect(formatExact(value)).toBe(text);
});

it.each<[string, Unit]>([
  ["node_memory_MemFree_bytes", "bytes"],
  ["http_request_duration_seconds", "seconds"],
  ["cache_hit_ratio", "ratio"],
  ["http_requests_total", "number"],
])("%s is counted in %s", (name, unit) => {
  expect(unitOfMetric(name)).toBe(unit);
});
