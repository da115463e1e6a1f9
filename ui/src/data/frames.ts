/** Answers of PromQL queries as frames. Times are in milliseconds. */
import { own } from "../lib/own";
import type { InstantResult, InstantSample, LabelSet, RangeResult } from "../api/query";
import { gridTimes } from "../lib/grid";
import type { Field, Frame, Value, Values } from "./types";
import { VALUE } from "./shown";

/** What of a query shapes its frames. */
export interface Asked {
  refId: string;
  legend: string;
  format: "time_series" | "table" | "heatmap";
  /** Stands in for a name where a result has no labels. */
  expr: string;
  /** Several tables in a panel call their values `Value #A`. */
  valueName: string;
}

export function rangeFrames(result: RangeResult, asked: Asked): Frame[] {
  const times = gridTimes(result.grid).map((seconds) => Math.round(seconds * 1000));
  const time: Field = { name: "Time", type: "time", values: times };
  const series: Frame[] = result.series.map(({ labels, values }) => ({
    refId: asked.refId,
    kind: "series",
    length: times.length,
    fields: [time, valueField(labels, values, asked)],
  }));
  const native: Frame[] = result.histograms.map(({ labels, values }) => ({
    refId: asked.refId,
    kind: "series",
    length: times.length,
    fields: [
      time,
      {
        ...valueField(labels, new Float64Array(times.length).fill(NaN), asked),
        histograms: values,
      },
    ],
  }));
  const frames = [...series, ...native];
  if (asked.format === "table")
    return [rangeTable(frames, asked)].filter(({ length }) => length > 0);
  if (asked.format === "heatmap" && series.length > 0) return [bucketFrame(series, asked)];
  return frames;
}

export function instantFrames(result: InstantResult, asked: Asked): Frame[] {
  if (result.text !== undefined) {
    const text: Field = { name: asked.valueName, type: "string", values: [result.text] };
    return [{ refId: asked.refId, kind: "table", length: 1, fields: [text] }];
  }
  if (asked.format === "table") {
    return result.samples.length === 0 ? [] : [instantTable(result.samples, asked)];
  }
  return result.samples.map(({ labels, timeSeconds, value, histogram }) => ({
    refId: asked.refId,
    kind: "series",
    length: 1,
    fields: [
      { name: "Time", type: "time", values: [Math.round(timeSeconds * 1000)] },
      {
        ...valueField(labels, [value ?? NaN], asked),
        ...(histogram ? { histograms: [histogram] } : {}),
      },
    ],
  }));
}

function valueField(labels: LabelSet, values: Values, asked: Asked): Field {
  return { name: VALUE, type: "number", values, labels, legend: legendOf(asked, labels) };
}

/** What the query says of the name; undefined leaves it to the labels. */
function legendOf({ legend, expr }: Asked, labels: LabelSet): string | undefined {
  if (legend === "" || legend === "__auto") {
    return Object.keys(labels).length === 0 ? expr : undefined;
  }
  return renderLegend(legend, labels);
}

/** `{{label}}` becomes the label's value; a label that is not there leaves nothing. */
export function renderLegend(legend: string, labels: LabelSet): string {
  return legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label: string) => own(labels, label) ?? "");
}

function instantTable(samples: readonly InstantSample[], asked: Asked): Frame {
  const time = samples.map(({ timeSeconds }) => Math.round(timeSeconds * 1000));
  const fields: Field[] = [
    { name: "Time", type: "time", values: time },
    ...labelFields(samples.map(({ labels }) => labels)),
    {
      name: asked.valueName,
      type: "number",
      values: samples.map(({ value, histogram }) => value ?? histogram.sum),
    },
  ];
  return { refId: asked.refId, kind: "table", length: samples.length, fields };
}

/** Every sample of every series is a row. */
function rangeTable(frames: readonly Frame[], asked: Asked): Frame {
  const rows = frames.flatMap(({ fields: [time, value] }) =>
    Array.from(value?.values ?? [], (sample, i) => ({
      time: time?.values[i] ?? null,
      labels: value?.labels ?? {},
      sample,
    })).filter(({ sample }) => typeof sample === "number" && !Number.isNaN(sample)),
  );
  const fields: Field[] = [
    { name: "Time", type: "time", values: rows.map(({ time }) => time) },
    ...labelFields(rows.map(({ labels }) => labels)),
    { name: asked.valueName, type: "number", values: rows.map(({ sample }) => sample) },
  ];
  return { refId: asked.refId, kind: "table", length: rows.length, fields };
}

function labelFields(all: readonly LabelSet[]): Field[] {
  const names = [...new Set(all.flatMap((labels) => Object.keys(labels)))].sort();
  return names.map((name) => ({
    name,
    type: "string",
    values: all.map((labels) => own(labels, name) ?? ""),
  }));
}

/** Series by `le` hold running sums; a heatmap shows what each bucket adds. */
export function bucketFrame(series: readonly Frame[], asked: Pick<Asked, "refId">): Frame {
  const bounds = new Map<number, Float64Array>();
  for (const { fields } of series) {
    const value = fields[1];
    const bound = parseBound(value?.labels?.le ?? value?.legend ?? "");
    if (value === undefined || Number.isNaN(bound)) continue;
    const sums = bounds.get(bound) ?? new Float64Array(value.values.length);
    bounds.set(bound, sums);
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + finite(value.values[i]);
  }
  const ascending = [...bounds].sort(([a], [b]) => a - b);
  const fields = ascending.map(([bound, sums], index): Field => {
    const below = ascending[index - 1]?.[1];
    // Counters scraped a moment apart may seem to fall from one bucket to the next.
    const values = sums.map((sum, i) => Math.max(0, sum - (below?.[i] ?? 0)));
    return { name: bound === Infinity ? "+Inf" : String(bound), type: "number", values };
  });
  const [time] = series[0]?.fields ?? [];
  return {
    refId: asked.refId,
    kind: "heatmap",
    length: time?.values.length ?? 0,
    fields: time ? [time, ...fields] : fields,
  };
}

function parseBound(text: string): number {
  if (/^\+?inf$/i.test(text)) return Infinity;
  return text.trim() === "" ? NaN : Number(text);
}

function finite(value: Value): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
