/** Components that show what strangers wrote: errors, legends, tables. Nothing of it may run. */
import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/http";
import type { InstantResult } from "../api/query";
import { bucketRange } from "../pages/explore/HistogramCell";
import { TableView } from "../pages/explore/TableView";
import { Sparkline, sparkPath } from "../panels/stat/Sparkline";
import { LegendTable } from "../panels/timeseries/LegendTable";
import type { PlotSeries } from "../panels/timeseries/plot-data";
import { ErrorBoundary } from "./ErrorBoundary";
import { ErrorNote } from "./ErrorNote";

const EVIL = '<img src=x onerror="alert(1)"><script>alert(1)</script>';

function show(node: ReactNode) {
  return render(<MantineProvider>{node}</MantineProvider>);
}

describe("ErrorNote", () => {
  it("says what failed, in the server's words, with the query", () => {
    const error = new ApiError("rejected", "1:2: parse error: x", 400, "bad_data");
    show(<ErrorNote error={error} query="u p" />);
    expect(screen.getByRole("alert").textContent).toContain("This query is not valid");
    expect(screen.getByText("1:2: parse error: x")).toBeTruthy();
    expect(screen.getByText("u p")).toBeTruthy();
  });

  it("shows markup as text", () => {
    const { container } = show(<ErrorNote error={new Error(EVIL)} query={EVIL} />);
    expect(container.querySelector("script, img")).toBeNull();
    expect(screen.getAllByText(EVIL)).toHaveLength(2);
  });
});

describe("ErrorBoundary", () => {
  it("keeps a fault to itself", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const Broken = () => {
      throw new Error("broken part");
    };
    show(
      <>
        <ErrorBoundary>
          <Broken />
        </ErrorBoundary>
        <p>the rest</p>
      </>,
    );
    expect(screen.getByText("broken part")).toBeTruthy();
    expect(screen.getByText("the rest")).toBeTruthy();
  });
});

describe("LegendTable", () => {
  const line = (name: string, ...values: number[]): PlotSeries => ({
    key: name,
    name,
    color: "#000",
    values: Float64Array.from(values),
  });
  const rows = [line(EVIL, 1, 3), line("b", 10, NaN)].map((series) => ({ series, hidden: false }));

  it("shows names as text, and min, avg, max, last", () => {
    const { container } = show(
      <LegendTable rows={rows} unit="number" onIsolate={vi.fn()} onToggle={vi.fn()} />,
    );
    expect(container.querySelector("script, img")).toBeNull();
    const cells = screen.getAllByRole("row")[1]?.querySelectorAll('[role="cell"]') ?? [];
    expect(Array.from(cells, (cell) => cell.textContent)).toEqual([EVIL, "1", "2", "3", "3"]);
  });

  it("isolates on click, toggles on Ctrl-click, sorts by a column", async () => {
    const onIsolate = vi.fn();
    const onToggle = vi.fn();
    const user = userEvent.setup();
    show(<LegendTable rows={rows} unit="number" onIsolate={onIsolate} onToggle={onToggle} />);
    await user.click(screen.getByText("b"));
    expect(onIsolate).toHaveBeenCalledWith("b");
    await user.keyboard("{Control>}");
    await user.click(screen.getByText("b"));
    expect(onToggle).toHaveBeenCalledWith("b");
    await user.keyboard("{/Control}");
    await user.click(screen.getByRole("button", { name: "Max" }));
    expect(screen.getAllByRole("row")[1]?.textContent).toContain("b");
  });
});

describe("TableView", () => {
  const data: InstantResult = {
    kind: "vector",
    text: undefined,
    stats: undefined,
    samples: [
      { labels: { __name__: "m", path: EVIL }, timeSeconds: 1, value: NaN },
      { labels: { __name__: "m", path: "/b" }, timeSeconds: 1, value: 7 },
      {
        labels: { __name__: "m", path: "/h" },
        timeSeconds: 1,
        histogram: { count: 3, sum: 6, buckets: [{ boundaries: 0, lower: 1, upper: 2, count: 3 }] },
      },
    ],
  };
  const answer = {
    letter: "A",
    expr: "m",
    answer: { data, warnings: [], infos: [], elapsedMs: 1 },
    error: null,
    fetching: false,
    stale: false,
  };

  it("shows labels as text, and a histogram's buckets when opened", async () => {
    const { container } = show(<TableView answers={[answer]} />);
    expect(container.querySelector("td script, td img")).toBeNull();
    expect(screen.getByText(EVIL)).toBeTruthy();
    expect(screen.getByText("NaN")).toBeTruthy();
    await userEvent.setup().click(screen.getByText("count 3"));
    expect(screen.getByText("(1, 2]")).toBeTruthy();
  });

  it("sorts by value, NaN last", async () => {
    show(<TableView answers={[answer]} />);
    await userEvent.setup().click(screen.getByRole("button", { name: "Value" }));
    const paths = screen
      .getAllByRole("row")
      .slice(1)
      .map((row) => row.children[1]?.textContent);
    expect(paths).toEqual(["/b", "/h", EVIL]);
  });
});

it.each([
  [0, "(1, 2]"],
  [1, "[1, 2)"],
  [2, "(1, 2)"],
  [3, "[1, 2]"],
])("buckets of boundary rule %d are written %s", (boundaries, text) => {
  expect(bucketRange({ boundaries, lower: 1, upper: 2, count: 0 })).toBe(text);
});

it("sparklines need two points", () => {
  expect(sparkPath(Float64Array.of(NaN, 5, NaN))).toBeUndefined();
  expect(sparkPath(Float64Array.of(0, 1))?.path).toMatch(/^M0 26.5L100 /);
  const { container } = show(<Sparkline values={new Float64Array()} color="red" />);
  expect(container.querySelector("svg")).toBeNull();
});
