/** What a panel asks, and what becomes of the answers. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../lib/json";
import { parseTarget } from "../model/parse-target";
import type { PromqlAnnotations } from "../model/types";
import { eventsOf } from "./annotations";
import { answerable, askPanel, type PanelQuestion } from "./run";

afterEach(() => vi.unstubAllGlobals());

const span = { start: 1_700_000_000, end: 1_700_003_600 };
const signal = new AbortController().signal;

/** A server that answers by expression; unknown ones are invalid. */
function serve(answers: Record<string, object[]>) {
  const asked: URL[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    const url = new URL(path, "http://test");
    asked.push(url);
    const result = answers[url.searchParams.get("query") ?? ""];
    const body = result
      ? {
          status: "success",
          data: { resultType: url.pathname.endsWith("range") ? "matrix" : "vector", result },
        }
      : { status: "error", errorType: "bad_data", error: "no such query" };
    return Promise.resolve(new Response(JSON.stringify(body), { status: result ? 200 : 400 }));
  });
  return asked;
}

function question(targets: JsonObject[], more: Partial<PanelQuestion> = {}): PanelQuestion {
  return {
    targets: targets.map((target, index) => parseTarget(target, index, undefined)),
    span,
    scope: {},
    filters: [],
    interval: undefined,
    pointsMax: 600,
    scrapeSeconds: 15,
    ...more,
  };
}

const line = (labels: object) => ({ metric: labels, values: [[span.start, "1"]] });
const point = (labels: object) => ({ metric: labels, value: [span.end, "1"] });

describe("asking", () => {
  it("replaces variables, steps and windows, and puts filters in", async () => {
    const expr = 'rate(x{env=~"(a|b)",job="j"}[1m])';
    const asked = serve({ [expr]: [line({ a: "1" })] });
    const { frames } = await askPanel(
      question([{ expr: 'rate(x{env=~"$env"}[$__rate_interval])', legendFormat: "$env {{a}}" }], {
        scope: { env: { values: ["a", "b"], texts: ["A", "B"], multi: true } },
        filters: [{ key: "job", operator: "=", value: "j" }],
      }),
      signal,
    );
    expect(asked[0]?.searchParams.get("step")).toBe("15");
    expect(frames[0]?.fields[1]?.legend).toBe("A + B 1");
  });

  it("asks at the end of the range, over it, or both", async () => {
    const asked = serve({ up: [], now: [point({})], both: [] });
    await askPanel(
      question([
        { expr: "up" },
        { expr: "now", instant: true },
        { expr: "both", instant: true, range: true },
      ]),
      signal,
    );
    const paths = asked.map(({ pathname, searchParams }) => [
      searchParams.get("query"),
      pathname.split("/").at(-1),
    ]);
    expect(paths.sort()).toEqual([
      ["both", "query"],
      ["both", "query_range"],
      ["now", "query"],
      ["up", "query_range"],
    ]);
  });

  it("leaves out what is hidden, empty or in another language", () => {
    const { targets } = question([
      { expr: "up" },
      { expr: "down", hide: true },
      { expr: " " },
      { expr: "{}", datasource: { type: "loki" } },
      { type: "math", expression: "$A", datasource: { uid: "__expr__" } },
      { expr: "also", datasource: "-- Mixed --" },
      { expr: "forked", datasource: { type: "victoriametrics-metrics-datasource" } },
    ]);
    expect(answerable(targets).map(({ expr }) => expr)).toEqual(["up", "also", "forked"]);
  });

  it("a failing query does not take the others with it", async () => {
    serve({ up: [line({})] });
    const { frames, asked } = await askPanel(question([{ expr: "up" }, { expr: "bad" }]), signal);
    expect(frames).toHaveLength(1);
    expect(asked.map(({ refId, error }) => [refId, error?.message])).toEqual([
      ["A", undefined],
      ["B", "no such query"],
    ]);
  });

  it("several tables tell their values apart", async () => {
    serve({ a: [point({ x: "1" })], b: [point({ x: "1" })] });
    const table = { format: "table", instant: true };
    const names = async (targets: JsonObject[]) =>
      (await askPanel(question(targets), signal)).frames.map(({ fields }) => fields.at(-1)?.name);
    expect(await names([{ expr: "a", ...table }])).toEqual(["Value"]);
    expect(
      await names([
        { expr: "a", ...table },
        { expr: "b", ...table },
      ]),
    ).toEqual(["Value #A", "Value #B"]);
  });

  it("the step follows the panel, the query and the width", async () => {
    const asked = serve({ up: [] });
    await askPanel(question([{ expr: "up" }], { interval: ">1m" }), signal);
    await askPanel(question([{ expr: "up", interval: "5m" }], { interval: ">1m" }), signal);
    await askPanel(question([{ expr: "up", intervalFactor: 2 }]), signal);
    await askPanel(question([{ expr: "up" }], { pointsMax: 30 }), signal);
    expect(asked.map(({ searchParams }) => searchParams.get("step"))).toEqual([
      "60",
      "300",
      "30",
      "120",
    ]);
  });
});

describe("annotations", () => {
  const query: PromqlAnnotations = {
    source: "promql",
    name: "Deploy",
    enabled: true,
    hidden: false,
    color: "purple",
    expr: "x",
    step: "",
    titleFormat: "{{app}}",
    textFormat: "",
    tagKeys: ["team", "none"],
    valueForTime: false,
  };
  const grid = { start: 100, end: 150, step: 10 };
  const series = (...values: number[]) => ({
    labels: { app: "shop", team: "red" },
    values: Float64Array.from(values),
  });

  it("are the stretches in which there is a value", () => {
    const events = eventsOf(series(NaN, 1, 1, 0, NaN, 1), grid, query, "dark");
    expect(events.map(({ start, end }) => [start, end])).toEqual([
      [110, 120],
      [150, 150],
    ]);
    expect(events[0]).toMatchObject({ title: "shop", tags: ["red"] });
  });

  it("may take their time from the value", () => {
    const byValue = { ...query, titleFormat: "", valueForTime: true };
    const events = eventsOf(series(NaN, 5000, 5000, 7000), grid, byValue, "dark");
    expect(events.map(({ start, title }) => [start, title])).toEqual([
      [5, "Deploy"],
      [7, "Deploy"],
    ]);
  });
});
