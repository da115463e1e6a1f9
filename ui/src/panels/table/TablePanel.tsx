/** The table panel of dashboards. */
import { bool, obj, objs, str, strs } from "../../lib/json";
import { type PanelProps, useShown } from "../panel-props";
import { DataTable } from "./DataTable";

const ROW_HEIGHTS: Record<string, number> = { sm: 30, md: 38, lg: 48 };

export default function TablePanel(props: PanelProps) {
  const { options, width, height, show } = props;
  const shown = useShown(props, "thresholds");
  const [sort] = objs(options.sortBy);
  const title = str(sort?.displayName);
  const footer = obj(options.footer);
  return (
    <DataTable
      frames={shown}
      height={height}
      width={width}
      showHeader={bool(options.showHeader, true)}
      initialSort={title === undefined ? undefined : { title, desc: bool(sort?.desc) }}
      footer={
        footer.show === true
          ? { reducer: strs(footer.reducer)[0] ?? "sum", fields: strs(footer.fields) }
          : undefined
      }
      rowHeightPx={ROW_HEIGHTS[str(options.cellHeight, "sm")] ?? 30}
      interpolate={show.interpolate}
    />
  );
}
