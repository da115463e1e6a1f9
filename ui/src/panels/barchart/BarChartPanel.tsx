/** Bars by category: rows of a table, or one bar for each series. */
import { useMemo, useState } from "react";
import { toNumber } from "../../data/display";
import type { ShownField, ShownFrame } from "../../data/shown";
import { reduceField } from "../../data/reduce";
import { hiddenFrom } from "../../data/field-options";
import { num, str, word } from "../../lib/json";
import { formatTime } from "../../lib/timerange";
import { Bars, type BarSeries } from "../bars/Bars";
import { legendOptions, legendSize, type LegendItem, PanelLegend } from "../legend/PanelLegend";
import { nextHidden } from "../legend/selection";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";

const CATEGORIES_MAX = 300;

export default function BarChartPanel(props: PanelProps) {
  const { options, width, height, show } = props;
  const shown = useShown(props, "palette-classic");
  const wanted = str(options.xField);
  const { categories, series } = useMemo(
    () => barData(shown, wanted, (ms) => formatTime(ms, show.zone)),
    [shown, wanted, show.zone],
  );
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const items: LegendItem[] = series.flatMap(({ key, name, field }) =>
    field ? [{ key, name, color: field.color, field }] : [],
  );
  const legend = legendOptions(options.legend);
  const size = legendSize({ ...legend, shown: legend.shown && items.length > 1 }, items, {
    width,
    height,
  });
  if (categories.length === 0 || series.length === 0) return <NoData panel={props} />;
  const orientation = str(options.orientation, "auto");
  const custom = series[0]?.field?.options.custom ?? {};
  return (
    <div style={{ display: "flex", flexDirection: size.direction, width, height }}>
      <Bars
        label={props.title}
        categories={categories}
        series={series.filter(({ key }) => !hidden.has(key))}
        width={size.chartWidth}
        height={size.chartHeight}
        isHorizontal={
          orientation === "horizontal" || (orientation === "auto" && height > width * 1.2)
        }
        stacking={word(options.stacking, ["none", "normal", "percent"], "none")}
        showValue={word(options.showValue, ["auto", "always", "never"], "auto")}
        fill={num(options.groupWidth, 0.7)}
        opacity={num(custom.fillOpacity, 80) / 100}
        max={series[0]?.field?.options.max}
      />
      {legend.shown && items.length > 1 && (
        <PanelLegend
          items={items}
          options={legend}
          hidden={hidden}
          width={size.legendWidth}
          height={size.legendHeight}
          onPick={(key, add) =>
            setHidden(
              nextHidden(
                hidden,
                key,
                items.map((i) => i.key),
                add,
              ),
            )
          }
        />
      )}
    </div>
  );
}

interface FieldBars extends BarSeries {
  field: ShownField | undefined;
}

function barData(
  frames: readonly ShownFrame[],
  wanted: string | undefined,
  writeTime: (ms: number) => string,
): { categories: string[]; series: FieldBars[] } {
  const [frame] = frames;
  if (!frame) return { categories: [], series: [] };
  const x =
    frame.fields.find(({ title }) => title === wanted) ??
    frame.fields.find(({ type }) => type === "string") ??
    (frames.length === 1 ? frame.fields.find(({ type }) => type === "time") : undefined);
  if (!x) return seriesAsBars(frames);
  const rows = Math.min(frame.length, CATEGORIES_MAX);
  const categories = Array.from({ length: rows }, (_, row) =>
    x.type === "time" ? writeTime(Number(x.values[row])) : x.display(x.values[row]).full,
  );
  const series = frame.fields
    .filter((field) => field !== x && field.type === "number" && !hiddenFrom(field.options, "viz"))
    .map((field, index): FieldBars => ({
      key: `${index} ${field.title}`,
      name: field.title,
      field,
      values: Array.from({ length: rows }, (_, row) => toNumber(field.values[row])),
      color: (value) =>
        field.options.color.mode.startsWith("palette") ? field.color : field.display(value).color,
      format: (value) => field.display(value).full,
    }));
  return { categories, series };
}

/** Without a column of categories each series is one, by its last value. */
function seriesAsBars(frames: readonly ShownFrame[]): {
  categories: string[];
  series: FieldBars[];
} {
  const fields = frames
    .flatMap((frame) => frame.fields.filter(({ type }) => type === "number"))
    .slice(0, CATEGORIES_MAX);
  const [first] = fields;
  if (!first) return { categories: [], series: [] };
  const bars: FieldBars = {
    key: "last",
    name: "Last",
    field: undefined,
    values: fields.map((field) => toNumber(reduceField(field, "lastNotNull"))),
    color: (value, index) => {
      const field = fields[index] ?? first;
      return field.options.color.mode.startsWith("palette")
        ? field.color
        : field.display(value).color;
    },
    format: (value) => first.display(value).full,
  };
  return { categories: fields.map(({ title }) => title), series: [bars] };
}
