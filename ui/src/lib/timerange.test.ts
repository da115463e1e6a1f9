/** Time ranges: what people type, and what a link carries. */
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration";
import { timeLabel } from "../panels/timeseries/axes";
import {
  absoluteRange,
  describeRange,
  formatTime,
  parseTime,
  resolveRange,
  shifted,
  zoomedOut,
} from "./timerange";

const NOW = Date.UTC(2026, 4, 13, 10, 30, 15, 250);

describe("parseTime", () => {
  it.each([
    ["now", NOW],
    ["now-1h", NOW - 3_600_000],
    ["now - 1h30m", NOW - 5_400_000],
    ["now+5m", NOW + 300_000],
    ["now-1d-1h", NOW - 90_000_000],
    ["now/h", Date.UTC(2026, 4, 13, 10)],
    ["now/d", Date.UTC(2026, 4, 13)],
    ["now-1d/d", Date.UTC(2026, 4, 12)],
    ["now/w", Date.UTC(2026, 4, 11)],
    ["now/M", Date.UTC(2026, 4, 1)],
    ["now/y", Date.UTC(2026, 0, 1)],
    ["2026-05-01", Date.UTC(2026, 4, 1)],
    ["2026-05-01 12:00", Date.UTC(2026, 4, 1, 12)],
    ["2026-05-01T12:00:30Z", Date.UTC(2026, 4, 1, 12, 0, 30)],
    ["2026-05-01 12:00:30.5", Date.UTC(2026, 4, 1, 12, 0, 30, 500)],
    ["1778668215250", 1_778_668_215_250],
  ])("reads %s", (text, ms) => {
    expect(parseTime(text, NOW, "utc")).toBe(ms);
  });

  it.each([
    "",
    "yesterday",
    "now-",
    "now-1",
    "now-1h/q",
    "2026-02-31",
    "2026-05-01 25:00",
    "12:00",
  ])("refuses %j", (text) => {
    expect(parseTime(text, NOW, "utc")).toBeUndefined();
  });

  it("reads in local time what it wrote in local time", () => {
    const text = formatTime(NOW, "local", true);
    expect(parseTime(text, NOW, "local")).toBe(NOW);
  });
});

describe("ranges", () => {
  it("resolve to seconds", () => {
    expect(resolveRange({ from: "now-1h", to: "now" }, NOW, "utc")).toEqual({
      start: NOW / 1000 - 3600,
      end: NOW / 1000,
    });
  });

  it.each([
    ["now", "now-1h"],
    ["now", "now"],
    ["never", "now"],
  ])("from %s to %s is none", (from, to) => {
    expect(resolveRange({ from, to }, NOW, "utc")).toBeUndefined();
  });

  it("survive the URL", () => {
    const span = { start: NOW / 1000 - 60, end: NOW / 1000 };
    expect(resolveRange(absoluteRange(span), NOW, "utc")).toEqual(span);
  });

  it("zoom out around their middle, but not beyond now", () => {
    expect(zoomedOut({ start: 100, end: 200 }, 10_000_000)).toEqual({ start: 50, end: 250 });
    expect(zoomedOut({ start: 100, end: 200 }, 200_000)).toEqual({ start: 0, end: 200 });
  });

  it("shift by half", () => {
    expect(shifted({ start: 100, end: 200 }, -1)).toEqual({ start: 50, end: 150 });
  });

  it.each([
    [{ from: "now-1h", to: "now" }, "Last 1 hour"],
    [{ from: "now-45m", to: "now" }, "Last 45m"],
    [{ from: "now/d", to: "now" }, "Today"],
    [{ from: String(NOW), to: "now" }, "2026-05-13 10:30:15 – now"],
  ])("are described", (range, text) => {
    expect(describeRange(range, NOW, "utc")).toBe(text);
  });
});

it.each([
  ["1h30m", 5400],
  ["100ms", 0.1],
  ["1d", 86_400],
  ["2w", 1_209_600],
  ["5", undefined],
  ["h", undefined],
  ["-5m", undefined],
])("the duration %s lasts %s seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

it.each([
  [20, "20s"],
  [90, "1m30s"],
  [0.25, "250ms"],
  [90_000, "1d1h"],
  [0, "0s"],
])("%d seconds are written %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it.each([
  [1, "10:30:15"],
  [60, "10:30"],
  [0.5, "30:15.250"],
])("the time axis with a line every %d s says %s", (increment, text) => {
  expect(timeLabel(NOW, increment, "utc")).toBe(text);
});

it("the time axis says the day at midnight", () => {
  expect(timeLabel(Date.UTC(2026, 4, 3), 3600, "utc")).toBe("3 May");
  expect(timeLabel(Date.UTC(2026, 0, 1), 31 * 86_400, "utc")).toBe("2026");
});
