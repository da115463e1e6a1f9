/** Large numbers: one for each series, with its colour, its name and its recent shape. */
import { textOn, translucent } from "../../data/colors";
import { num, obj, str, word } from "../../lib/json";
import { NoData } from "../NoData";
import { type PanelProps, useShown } from "../panel-props";
import { fontToFit, type SingleValue, singleValues, tileColumns } from "../values";
import { Sparkline } from "./Sparkline";
import classes from "./StatPanel.module.css";

const GAP_PX = 6;
/** Below this a sparkline would only crowd the number. */
const SPARK_HEIGHT_MIN_PX = 70;

export default function StatPanel(props: PanelProps) {
  const { options, width, height } = props;
  const values = singleValues(useShown(props, "thresholds"), options);
  if (values.length === 0) return <NoData panel={props} />;
  const columns = columnsFor(values.length, str(options.orientation, "auto"), { width, height });
  const rows = Math.ceil(values.length / columns);
  const tile = {
    width: Math.max(40, (width - GAP_PX * (columns - 1)) / columns),
    // A few large tiles fill the panel; many scroll.
    height: Math.max(Math.min(44, height), (height - GAP_PX * (rows - 1)) / rows),
  };
  return (
    <div
      className={classes.grid}
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        gridAutoRows: tile.height,
        gap: GAP_PX,
        height,
      }}
    >
      {values.map((one) => (
        <Tile key={one.key} one={one} count={values.length} tile={tile} options={options} />
      ))}
    </div>
  );
}

function columnsFor(
  count: number,
  orientation: string,
  size: { width: number; height: number },
): number {
  if (orientation === "horizontal")
    return size.height / count >= 40 ? 1 : tileColumns(count, size, 3);
  if (orientation === "vertical")
    return size.width / count >= 70 ? count : tileColumns(count, size, 2);
  return tileColumns(count, size, 2.2);
}

interface TileProps {
  one: SingleValue;
  count: number;
  tile: { width: number; height: number };
  options: PanelProps["options"];
}

function Tile({ one, count, tile, options }: TileProps) {
  const colorMode = word(
    options.colorMode,
    ["none", "value", "background", "background_solid"],
    "value",
  );
  const textMode = str(options.textMode, "auto");
  const { display, title } = one;
  const withName =
    textMode === "value_and_name" || textMode === "name" || (textMode === "auto" && count > 1);
  const withValue = textMode !== "name" && textMode !== "none";
  const withSpark =
    options.graphMode === "area" && one.history !== undefined && tile.height >= SPARK_HEIGHT_MIN_PX;
  const isFilled = colorMode === "background" || colorMode === "background_solid";
  const isCentered = str(options.justifyMode, "auto") === "center" || count === 1;

  const paddingPx = tile.width < 130 ? 2 : 12;
  const shown = withValue ? display.full : title;
  const room = tile.height * (withName && withValue ? 0.44 : withSpark ? 0.46 : 0.68);
  const wished = num(obj(options.text).valueSize);
  const fontPx =
    wished ?? fontToFit(shown, tile.width - 2 * paddingPx, room, { least: 12, most: 64 });
  const textColor = isFilled
    ? textOn(display.color)
    : colorMode === "value" && display.color !== "transparent"
      ? display.color
      : undefined;
  const background = isFilled
    ? colorMode === "background"
      ? `linear-gradient(120deg, ${display.color}, color-mix(in srgb, ${display.color} 82%, black))`
      : display.color
    : undefined;
  return (
    <div
      className={classes.tile}
      data-filled={isFilled || undefined}
      data-center={isCentered || undefined}
      style={{
        background,
        color: textColor,
        paddingInline: paddingPx,
        paddingBottom: withSpark ? tile.height * 0.26 : undefined,
      }}
    >
      {withSpark && one.history && (
        <div className={classes.spark}>
          <Sparkline
            values={one.history}
            color={isFilled ? translucent(textOn(display.color), 0.55) : display.color}
            fitted
          />
        </div>
      )}
      {withName && (
        <div className={classes.name} data-alone={!withValue || undefined} title={title}>
          {title}
        </div>
      )}
      {withValue && (
        <div className={classes.value} style={{ fontSize: fontPx }} title={display.full}>
          {display.prefix && <small>{display.prefix}</small>}
          {display.text}
          {display.suffix && <small>{display.suffix}</small>}
        </div>
      )}
    </div>
  );
}
