/** How often values occur: all samples of the range, sorted into buckets. */
import { useMemo } from "react";
import { toNumber } from "../../data/display";
import type { ShownField } from "../../data/shown";
import { joined, unitFormatter } from "../../data/units";
import { bool, num } from "../../lib/json";
import { Bars, type BarSeries } from "../bars/Bars";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { bucketsFor, countIn } from "./buckets";

const count = unitFormatter("short");

export default function HistogramPanel(props: PanelProps) {
  const { options, width, height } = props;
  const shown = useShown(props, "palette-classic");
  const { categories, series } = useMemo(() => {
    const fields = shown.flatMap((frame) => frame.fields.filter(({ type }) => type === "number"));
    const all = fields.flatMap(({ values }) => Array.from(values, toNumber));
    const buckets = bucketsFor(
      all,
      num(options.bucketSize),
      num(options.bucketCount),
      num(options.bucketOffset, 0),
    );
    const combined = bool(options.combine) && fields.length > 1;
    const [first] = fields;
    return {
      categories: buckets.bounds.map((bound) => first?.display(bound).full ?? String(bound)),
      series: combined
        ? [countsOf("All", first, countIn(buckets, all))]
        : fields.map((field) =>
            countsOf(field.title, field, countIn(buckets, Array.from(field.values, toNumber))),
          ),
    };
  }, [shown, options]);
  if (categories.length === 0) return <NoData panel={props} />;
  return (
    <Bars
      label={props.title}
      categories={categories}
      series={series}
      width={width}
      height={height}
      isHorizontal={false}
      stacking={series.length > 1 ? "normal" : "none"}
      showValue="never"
      fill={0.96}
      opacity={0.8}
    />
  );
}

function countsOf(name: string, field: ShownField | undefined, values: number[]): BarSeries {
  return {
    key: name,
    name,
    values,
    color: () => field?.color ?? "currentColor",
    format: (value) => joined(count(value)),
  };
}
