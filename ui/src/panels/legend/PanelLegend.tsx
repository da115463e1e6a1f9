/** A panel's legend: names in a list, or a table of calculations, below or to the right. */
import { type MouseEvent, useMemo, useState } from "react";
import { reduceField, reducerKeepsUnit, reducerName } from "../../data/reduce";
import { toNumber } from "../../data/display";
import type { ShownField } from "../../data/shown";
import { joined, unitFormatter } from "../../data/units";
import { type JsonObject, num, obj, str, strs, word } from "../../lib/json";
import classes from "./PanelLegend.module.css";

export interface LegendItem {
  key: string;
  name: string;
  color: string;
  field: ShownField;
  /** Shown instead of calculations: the value and share of a slice. */
  values?: string[];
}

export interface LegendOptions {
  shown: boolean;
  table: boolean;
  right: boolean;
  calcs: string[];
  sortBy: string | undefined;
  sortDesc: boolean;
  widthPx: number | undefined;
}

export function legendOptions(value: unknown): LegendOptions {
  const json: JsonObject = obj(value);
  return {
    shown: json.showLegend !== false && json.displayMode !== "hidden",
    table: json.displayMode === "table",
    right: word(json.placement, ["bottom", "right"], "bottom") === "right",
    calcs: strs(json.calcs),
    sortBy: str(json.sortBy),
    sortDesc: json.sortDesc === true,
    widthPx: num(json.width),
  };
}

const ROW_PX = 22;
const HEAD_PX = 24;
/** A phone is too narrow for a legend beside the chart. */
const SIDE_WIDTH_MIN_PX = 420;
const ROWS_MAX = 500;

export interface LegendSize {
  direction: "row" | "column";
  chartWidth: number;
  chartHeight: number;
  legendWidth: number;
  legendHeight: number;
}

/** Divides a panel between chart and legend; the chart keeps the better part. */
export function legendSize(
  legend: LegendOptions,
  items: readonly LegendItem[],
  { width, height }: { width: number; height: number },
): LegendSize {
  const none = { chartWidth: width, chartHeight: height, legendWidth: 0, legendHeight: 0 };
  if (!legend.shown || items.length === 0) return { direction: "column", ...none };
  if (legend.right && width >= SIDE_WIDTH_MIN_PX) {
    const columns = 110 + 62 * legend.calcs.length;
    const wanted = legend.widthPx ?? (legend.table ? Math.max(150, columns) : 160);
    const legendWidth = Math.min(wanted, width * (legend.table ? 0.5 : 0.35));
    return {
      direction: "row",
      chartWidth: width - legendWidth,
      chartHeight: height,
      legendWidth,
      legendHeight: height,
    };
  }
  const rows = legend.table
    ? items.length
    : Math.ceil(listLength(items, legend) / Math.max(width, 1));
  const wanted = legend.table ? HEAD_PX + rows * ROW_PX : rows * ROW_PX + 2;
  const legendHeight = Math.min(wanted, Math.max(ROW_PX + 2, height * (legend.table ? 0.4 : 0.3)));
  return {
    direction: "column",
    chartWidth: width,
    chartHeight: height - legendHeight,
    legendWidth: width,
    legendHeight,
  };
}

/** About how wide the names are in a line. */
function listLength(items: readonly LegendItem[], { calcs }: LegendOptions): number {
  return items.reduce((sum, { name }) => sum + 36 + name.length * 6.4 + calcs.length * 90, 0);
}

interface Props {
  items: readonly LegendItem[];
  options: LegendOptions;
  hidden: ReadonlySet<string>;
  width: number;
  height: number;
  /** Names above the columns of `values`. */
  valueNames?: readonly string[];
  onPick: (key: string, add: boolean) => void;
}

export function PanelLegend({ items, options, hidden, width, height, valueNames, onPick }: Props) {
  const columns = valueNames ?? options.calcs.map(reducerName);
  const initial = columns.indexOf(options.sortBy ?? "");
  const [sort, setSort] = useState<{ column: number; desc: boolean } | undefined>(
    initial < 0 ? undefined : { column: initial, desc: options.sortDesc },
  );
  const rows = useMemo(() => {
    const calculated = items.map((item) => ({ item, cells: cellsOf(item, options.calcs) }));
    if (!sort) return calculated;
    const sign = sort.desc ? -1 : 1;
    const by = ({ item, cells }: (typeof calculated)[number]) =>
      sort.column < 0 ? item.name : (cells[sort.column]?.number ?? NaN);
    return calculated.toSorted((a, b) => sign * compare(by(a), by(b)));
  }, [items, options.calcs, sort]);

  const pick = (event: MouseEvent, key: string) =>
    onPick(key, event.ctrlKey || event.metaKey || event.shiftKey);
  const name = ({ key, name, color }: LegendItem) => (
    <button
      type="button"
      className={classes.name}
      title={name}
      aria-pressed={!hidden.has(key)}
      onClick={(event) => pick(event, key)}
    >
      <span className={classes.swatch} style={{ background: color }} />
      <span className={classes.text}>{name}</span>
    </button>
  );
  const head = (title: string, column: number) => (
    <th
      key={column}
      scope="col"
      aria-sort={sort?.column === column ? (sort.desc ? "descending" : "ascending") : "none"}
    >
      <button
        type="button"
        onClick={() =>
          setSort(
            sort?.column === column && !sort.desc
              ? undefined
              : { column, desc: sort?.column !== column },
          )
        }
      >
        {title}
        {sort?.column === column && (sort.desc ? " ↓" : " ↑")}
      </button>
    </th>
  );

  if (!options.table) {
    return (
      <ul className={classes.list} data-side={options.right || undefined} style={{ width, height }}>
        {rows.slice(0, ROWS_MAX).map(({ item, cells }) => (
          <li key={item.key} data-hidden={hidden.has(item.key) || undefined}>
            {name(item)}
            {cells.map(({ text }, index) => (
              <span key={index} className={classes.calc}>
                {columns.length > 1 && valueNames === undefined && <em>{columns[index]}: </em>}
                {text}
              </span>
            ))}
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div className={classes.scroller} style={{ width, height }}>
      <table className={classes.table}>
        <thead>
          <tr>
            {head("Name", -1)}
            {columns.map(head)}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, ROWS_MAX).map(({ item, cells }) => (
            <tr key={item.key} data-hidden={hidden.has(item.key) || undefined}>
              <td>{name(item)}</td>
              {cells.map(({ text }, index) => (
                <td key={index} className={classes.value}>
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellsOf(item: LegendItem, calcs: readonly string[]): { text: string; number: number }[] {
  if (item.values) return item.values.map((text) => ({ text, number: Number.parseFloat(text) }));
  return calcs.map((calc) => {
    const value = reduceField(item.field, calc);
    const number = toNumber(value);
    const text = reducerKeepsUnit(calc)
      ? item.field.display(value).full
      : joined(unitFormatter(calc === "diffperc" ? "percentunit" : undefined)(number));
    return { text, number };
  });
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "string" || typeof b === "string") {
    return String(a).localeCompare(String(b), "en", { numeric: true });
  }
  // What has no value stays at the end.
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a - b;
}
