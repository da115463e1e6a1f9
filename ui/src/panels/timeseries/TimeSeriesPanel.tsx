/** The time series panel of dashboards: a chart by field options, and a legend. */
import { useMemo, useState } from "react";
import { obj, str, word } from "../../lib/json";
import { type LegendItem, legendOptions, PanelLegend, legendSize } from "../legend/PanelLegend";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import type { TooltipRules } from "./ChartTooltip";
import { chartData, thresholdMarks } from "./series-of";
import { TimeSeriesChart } from "./TimeSeriesChart";
import { nextHidden } from "../legend/selection";

export default function TimeSeriesPanel(props: PanelProps) {
  const { title, options, width, height, span, show } = props;
  const shown = useShown(props, "palette-classic");
  const data = useMemo(() => chartData(shown), [shown]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const visible = useMemo(
    () => data.series.filter(({ key }) => !hidden.has(key)),
    [data.series, hidden],
  );
  const legend = legendOptions(options.legend);
  const items: LegendItem[] = useMemo(
    () =>
      data.series
        .filter(({ inLegend }) => inLegend)
        .map(({ key, name, color, field }) => ({ key, name, color, field })),
    [data.series],
  );
  const tooltip: TooltipRules = useMemo(() => {
    const wanted = obj(options.tooltip);
    return {
      mode: word(wanted.mode, ["multi", "single", "none"], "multi"),
      sort: word(wanted.sort, ["asc", "desc", "none"], "none"),
      hidden: new Set(data.series.filter((one) => !one.inTooltip).map(({ key }) => key)),
    };
  }, [options.tooltip, data.series]);
  const size = legendSize(legend, items, { width, height });

  if (data.series.length === 0) return <NoData panel={props} />;
  return (
    <div style={{ display: "flex", flexDirection: size.direction, width, height }}>
      <div style={{ width: size.chartWidth, height: size.chartHeight, flex: "none" }}>
        <TimeSeriesChart
          label={title || str(options.title, "Chart")}
          times={data.times}
          series={visible}
          span={span}
          axes={data.axes}
          height={size.chartHeight}
          thresholds={thresholdMarks(visible, show.scheme)}
          annotations={props.annotations}
          tooltip={tooltip}
          syncKey={props.syncKey}
          syncTooltip={props.syncTooltip}
          onZoom={props.onZoom}
          onZoomOut={props.onZoomOut}
          onMark={props.onMark}
        />
      </div>
      {legend.shown && (
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
