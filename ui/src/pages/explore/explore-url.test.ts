/** Explore's URL: what is written is read again, and what is mangled does no harm. */
import { describe, expect, it } from "vitest";
import {
  exploreLink,
  type ExploreState,
  isSplit,
  QUERIES_MAX,
  readExplore,
  splitExplore,
  unsplitExplore,
  writeExplore,
} from "./explore-url";
import { mergeDrafts } from "./use-explore";

const states: ExploreState[] = [
  { queries: [{ expr: "", enabled: true }], view: "graph", draw: "lines", step: undefined },
  {
    queries: [
      { expr: 'rate(a{b=~"c&d=e#f+g"}[5m])', enabled: true },
      { expr: "", enabled: true },
      { expr: "ünïcode\n# comment", enabled: false },
    ],
    view: "table",
    draw: "stacked",
    step: 90,
  },
];

describe("the URL", () => {
  it.each(states)("round trip %#", (state) => {
    const text = writeExplore(new URLSearchParams(), state).toString();
    expect(readExplore(new URLSearchParams(text))).toEqual(state);
  });

  it("keeps parameters of others", () => {
    const [state] = states;
    if (!state) throw new Error("no state");
    const written = writeExplore(new URLSearchParams("from=now-6h&to=now&refresh=5s"), state);
    expect(written.toString()).toBe("from=now-6h&to=now&refresh=5s");
  });

  it("keeps two sides apart, and forgets the right one when it is closed", () => {
    const left = new URLSearchParams("q=up&view=table&from=now-6h");
    const both = splitExplore(left);
    expect(isSplit(both)).toBe(true);
    expect(readExplore(both, "right")).toEqual(readExplore(both));
    const [, other] = states;
    if (!other) throw new Error("no state");
    const changed = writeExplore(both, other, "right");
    expect(readExplore(changed, "right")).toEqual(other);
    expect(readExplore(changed)).toEqual(readExplore(left));
    expect(unsplitExplore(changed).toString()).toBe("q=up&view=table&from=now-6h");
  });

  it("falls back where it is mangled", () => {
    const state = readExplore(new URLSearchParams("view=x&draw=y&step=-5&off=%F0"));
    expect(state).toEqual(states[0]);
  });

  it("has a limit to its queries", () => {
    const params = new URLSearchParams(Array.from({ length: 50 }, () => ["q", "up"]));
    expect(readExplore(params).queries).toHaveLength(QUERIES_MAX);
  });

  it("makes links to a query", () => {
    expect(exploreLink("up == 0")).toBe("/explore?q=up+%3D%3D+0");
  });
});

describe("drafts", () => {
  const on = (expr: string) => ({ expr, enabled: true });

  it("keep what is being typed where the URL did not change", () => {
    const drafts = [
      { id: 1, ...on("typing…") },
      { id: 2, ...on("b") },
    ];
    const merged = mergeDrafts([on("a"), on("c")], [on("a"), on("b")], drafts);
    expect(merged).toEqual([
      { id: 1, ...on("typing…") },
      { id: 2, ...on("c") },
    ]);
  });
});
