/** Matchers: reading, writing, testing labels. */
import { describe, expect, it } from "vitest";
import {
  formatMatchers,
  type Matcher,
  matchersOf,
  matcherTest,
  matchesEmpty,
  parseMatchers,
} from "./matchers";

describe("parseMatchers", () => {
  it.each<[string, Matcher[]]>([
    ["", []],
    ["{}", []],
    ["a=b", [{ name: "a", op: "=", value: "b" }]],
    ['{a="b"}', [{ name: "a", op: "=", value: "b" }]],
    [
      'severity="critical", team=~"infra|web"',
      [
        { name: "severity", op: "=", value: "critical" },
        { name: "team", op: "=~", value: "infra|web" },
      ],
    ],
    [
      'a!="x,y" ,b!~c.*,',
      [
        { name: "a", op: "!=", value: "x,y" },
        { name: "b", op: "!~", value: "c.*" },
      ],
    ],
    ['a="q\\"u\\\\o\\nte"', [{ name: "a", op: "=", value: 'q"u\\o\nte' }]],
    ['"dotted.name"="x"', [{ name: "dotted.name", op: "=", value: "x" }]],
    ["a=", [{ name: "a", op: "=", value: "" }]],
    ['url="http://x/?a=b"', [{ name: "url", op: "=", value: "http://x/?a=b" }]],
  ])("reads %s", (text, matchers) => {
    expect(parseMatchers(text)).toEqual({ matchers });
  });

  it.each([
    ["a", "Not a matcher: a"],
    ['a="b', 'Not a matcher: a="b'],
    ['a="b" c="d"', 'Not a matcher: a="b" c="d"'],
    ["=x", "Not a matcher: =x"],
    ['a=~"("', "Not a regular expression: ("],
  ])("refuses %s", (text, error) => {
    expect(parseMatchers(text)).toEqual({ error });
  });

  it("reads what it writes", () => {
    const matchers: Matcher[] = [
      { name: "a", op: "=", value: 'x"\\\n,}' },
      { name: "é.b", op: "!~", value: "" },
    ];
    expect(parseMatchers(formatMatchers(matchers))).toEqual({ matchers });
  });
});

describe("matcherTest", () => {
  const labels = { alertname: "Down", instance: "web-1", note: "two\nlines" };
  it.each([
    ["alertname=Down", true],
    ["alertname=Dow", false],
    ["alertname=~Dow", false],
    ["alertname=~Dow.", true],
    ["alertname=~(?i)down", true],
    ["instance!~web-.*", false],
    ["note=~two.lines", true],
    ["missing=", true],
    ["missing!=x", true],
    ["missing=~.+", false],
    ["alertname=Down, instance=web-2", false],
    ["", true],
  ])("%s: %s", (text, fits) => {
    expect(matcherTest(parseMatchers(text).matchers ?? [])(labels)).toBe(fits);
  });
});

it.each([
  ["a=~.*", true],
  ["a!=x", true],
  ["a=x", false],
  ["a=~.*, b=x", false],
])("%s matches what has no labels: %s", (text, empty) => {
  expect(matchesEmpty(parseMatchers(text).matchers ?? [])).toBe(empty);
});

it("labels become matchers, the alert's name first", () => {
  expect(formatMatchers(matchersOf({ b: "1", alertname: "X", a: "2" }))).toBe(
    'alertname="X", a="2", b="1"',
  );
});
