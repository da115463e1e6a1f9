/** How chosen values appear in queries, titles and links. */
import { describe, expect, it } from "vitest";
import { rateInterval, rangeVariables, stepFor, stepVariables } from "./builtin";
import { type Chosen, interpolate, variablesIn } from "./interpolate";

const one: Chosen = { values: ["a.b"], multi: false };
const oneOfMany: Chosen = { values: ["a.b"], multi: true };
const many: Chosen = { values: ["a.b", "c|d"], texts: ["A", "C"], multi: true };
const everything: Chosen = { values: ["x", "y"], texts: ["All"], multi: true, allValue: ".+" };
const scope = { one, oneOfMany, many, everything, __interval: "15s", __interval_ms: 15000 };

describe("in PromQL", () => {
  it.each([
    ['up{i="$one"}', 'up{i="a.b"}'],
    ['up{i=~"$oneOfMany"}', 'up{i=~"a\\\\.b"}'],
    ['up{i=~"${many}"}', 'up{i=~"(a\\\\.b|c\\\\|d)"}'],
    ['up{i=~"[[many]]"}', 'up{i=~"(a\\\\.b|c\\\\|d)"}'],
    ['up{i=~"$everything"}', 'up{i=~".+"}'],
    ["rate(x[$__interval])", "rate(x[15s])"],
    ["x / ${__interval_ms}", "x / 15000"],
    ['label_replace(up, "a", "$1", "b", "(.*)")', 'label_replace(up, "a", "$1", "b", "(.*)")'],
    ['up{i=~"x$"}', 'up{i=~"x$"}'],
    ["$onestop", "$onestop"],
    ["$constructor ${__proto__} [[toString]]", "$constructor ${__proto__} [[toString]]"],
  ])("%s is %s", (text, expected) => {
    expect(interpolate(text, scope, "promql")).toBe(expected);
  });

  it("keeps quotes of a value from ending the string", () => {
    const evil: Chosen = { values: ['"} or up{a="'], multi: false };
    expect(interpolate('up{i="$evil"}', { evil }, "promql")).toBe('up{i="\\"} or up{a=\\""}');
    const several = { evil: { ...evil, multi: true } };
    expect(interpolate('up{i=~"$evil"}', several, "promql")).not.toMatch(/[^\\]"\} or/);
  });
});

describe("formats", () => {
  it.each([
    ["regex", "(a\\.b|c\\|d)"],
    ["pipe", "a.b|c|d"],
    ["csv", "a.b,c|d"],
    ["raw", "a.b,c|d"],
    ["glob", "{a.b,c|d}"],
    ["json", '["a.b","c|d"]'],
    ["distributed", "a.b,many=c|d"],
    ["percentencode", "%7Ba.b%2Cc%7Cd%7D"],
    ["queryparam", "var-many=a.b&var-many=c%7Cd"],
    ["singlequote", "'a.b','c|d'"],
    ["doublequote", '"a.b","c|d"'],
    ["sqlstring", "'a.b','c|d'"],
    ["text", "A + C"],
    ["join: / ", "a.b / c|d"],
    ["lucene", '("a.b" OR "c\\|d")'],
  ])("%s", (format, expected) => {
    expect(interpolate(`\${many:${format}}`, scope, "plain")).toBe(expected);
  });

  it("one value needs no brackets", () => {
    expect(interpolate("${one:glob} ${one:regex} ${one:json}", scope, "plain")).toBe(
      'a.b a\\.b "a.b"',
    );
  });

  it("titles take names, not values", () => {
    expect(interpolate("For $many and $everything", scope, "text")).toBe("For A + C and All");
  });

  it("dates", () => {
    const times = rangeVariables({ start: 1_700_000_000, end: 1_700_003_600 });
    expect(interpolate("$__from ${__from:date} ${__to:date:seconds}", times, "plain")).toBe(
      "1700000000000 2023-11-14T22:13:20.000Z 1700003600",
    );
    expect(interpolate("${__from:date:YYYY-MM}", times, "plain")).toBe("2023-11");
    expect(interpolate("[$__range] $__range_s", times, "promql")).toBe("[3600s] 3600");
  });
});

it("names the variables of a text", () => {
  expect([...variablesIn("$a ${b:csv} [[c]] ${__field.labels.d} $ $$")]).toEqual([
    "a",
    "b",
    "c",
    "__field",
  ]);
});

describe("steps", () => {
  const hour = { start: 0, end: 3600 };

  it("are no finer than data come, unless a query says so", () => {
    expect(stepFor(hour, { least: undefined, factor: 1, pointsMax: 1000 }, 15).step).toBe(15);
    expect(stepFor(hour, { least: "1m", factor: 1, pointsMax: 1000 }, 15).step).toBe(60);
    expect(stepFor(hour, { least: ">2m", factor: 1, pointsMax: 1000 }, 15).step).toBe(120);
    expect(stepFor(hour, { least: undefined, factor: 2, pointsMax: 1000 }, 15).step).toBe(30);
    expect(stepFor(hour, { least: undefined, factor: 1, pointsMax: 60 }, 15).step).toBe(60);
  });

  it("a rate sees at least four scrapes", () => {
    expect(rateInterval({ step: 15, scrape: 15 })).toBe(60);
    expect(rateInterval({ step: 300, scrape: 15 })).toBe(315);
    expect(stepVariables({ step: 15, scrape: 15 })).toMatchObject({
      __interval: "15s",
      __rate_interval: "1m",
    });
  });
});
