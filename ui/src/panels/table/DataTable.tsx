/** Frames as a table: sorted by a click, filtered by column, only the rows in view are made. */
import { NativeSelect, Popover, TextInput, UnstyledButton } from "@mantine/core";
import { IconFilter, IconFilterFilled } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { reduceField, reducerName } from "../../data/reduce";
import type { ShownField, ShownFrame } from "../../data/shown";
import { NoData } from "../NoData";
import { alignOf, Cell, cellBackground, cellOptions, widthOf } from "./Cell";
import classes from "./DataTable.module.css";
import { type Filters, orderedRows, type Sort } from "./rows";

interface Props {
  frames: readonly ShownFrame[];
  height: number;
  /** Of the panel: words that are too long for their share of it are cut. */
  width?: number;
  initialSort?: Sort | undefined;
  showHeader?: boolean;
  /** What the last row says of the columns. */
  footer?: { reducer: string; fields: readonly string[] } | undefined;
  rowHeightPx?: number;
  interpolate?: (text: string, scoped: Record<string, string>) => string;
}

const FRAME_PICKER_PX = 36;
const CELL_MIN_PX = 130;
const NO_FILTERS: Filters = new Map();

export function DataTable(props: Props) {
  const { frames, height } = props;
  const [picked, setPicked] = useState(0);
  const frame = frames[picked] ?? frames[0];
  if (!frame || frames.every(({ length }) => length === 0)) return <NoData />;
  const isOneOfMany = frames.length > 1;
  return (
    <div style={{ height }}>
      <FrameTable
        key={picked}
        {...props}
        frame={frame}
        height={height - (isOneOfMany ? FRAME_PICKER_PX : 0)}
      />
      {isOneOfMany && (
        <NativeSelect
          size="xs"
          mt={6}
          aria-label="Series"
          value={picked}
          onChange={(event) => setPicked(Number(event.currentTarget.value))}
          data={frames.map((one, index) => ({ value: String(index), label: frameName(one) }))}
        />
      )}
    </div>
  );
}

function frameName({ name, refId, fields }: ShownFrame): string {
  const value = fields.find(({ type }) => type === "number");
  return name ?? value?.title ?? refId;
}

function FrameTable(props: Props & { frame: ShownFrame }) {
  const { frame, height, showHeader = true, footer, rowHeightPx = 30, interpolate } = props;
  const [sort, setSort] = useState(props.initialSort);
  const [filters, setFilters] = useState(NO_FILTERS);
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useMemo(
    () =>
      frame.fields.filter(
        (field) => field.options.custom.hidden !== true && field.histograms === undefined,
      ),
    [frame.fields],
  );
  const rows = useMemo(
    () => orderedRows(frame.fields, frame.length, sort, filters),
    [frame, sort, filters],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: 10,
  });
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  const share = (props.width ?? 900) / Math.max(1, columns.length);
  const cellMax = Math.max(CELL_MIN_PX, share * 1.4);
  const painter = columns.find((field) => cellOptions(field).applyToRow === true);
  const rowVariables = (row: number) => () =>
    Object.fromEntries(
      columns.flatMap((field) => {
        const text = field.display(field.values[row]).full;
        return [
          [`__data.fields.${field.title}`, text],
          [`__data.fields["${field.title}"]`, text],
        ];
      }),
    );

  return (
    <div ref={scroller} className={classes.scroller} style={{ height }}>
      <table className={classes.table} aria-rowcount={rows.length}>
        <colgroup>
          {columns.map((field, index) => (
            <col key={index} style={{ width: widthOf(field) }} />
          ))}
        </colgroup>
        {showHeader && (
          <thead>
            <tr>
              {columns.map((field, index) => (
                <Head
                  key={index}
                  field={field}
                  sort={sort?.title === field.title ? sort : undefined}
                  filter={filters.get(field.title) ?? ""}
                  onSort={() => setSort(nextSort(sort, field))}
                  onFilter={(text) => setFilters(new Map(filters).set(field.title, text))}
                />
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {before > 0 && <tr style={{ height: before }} aria-hidden="true" />}
          {items.map(({ index }) => {
            const row = rows[index] ?? 0;
            const rowStyle = painter && cellBackground(painter, row);
            return (
              <tr key={row} style={{ height: rowHeightPx, ...rowStyle }}>
                {columns.map((field, column) => (
                  <td
                    key={column}
                    title={title(field, row)}
                    style={{
                      maxWidth: widthOf(field) ?? cellMax,
                      textAlign: alignOf(field),
                      ...cellBackground(field, row),
                    }}
                  >
                    <Cell
                      field={field}
                      row={row}
                      interpolate={interpolate}
                      rowVariables={rowVariables(row)}
                    />
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <tr style={{ height: after }} aria-hidden="true" />}
        </tbody>
        {footer && (
          <tfoot>
            <tr>
              {columns.map((field, index) => (
                <td key={index} style={{ textAlign: alignOf(field) }}>
                  {footerText(field, index, footer, rows)}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

interface HeadProps {
  field: ShownField;
  sort: Sort | undefined;
  filter: string;
  onSort: () => void;
  onFilter: (text: string) => void;
}

function Head({ field, sort, filter, onSort, onFilter }: HeadProps) {
  const { title } = field;
  const isFilterable = field.options.custom.filterable === true || filter !== "";
  return (
    <th
      scope="col"
      style={{ textAlign: alignOf(field) }}
      aria-sort={sort ? (sort.desc ? "descending" : "ascending") : "none"}
    >
      <UnstyledButton className={classes.sort} onClick={onSort}>
        {title}
        {sort && (sort.desc ? " ↓" : " ↑")}
      </UnstyledButton>
      {isFilterable && (
        <Popover shadow="md">
          <Popover.Target>
            <UnstyledButton className={classes.filter} aria-label={`Filter ${title}`}>
              {filter === "" ? <IconFilter size={13} /> : <IconFilterFilled size={13} />}
            </UnstyledButton>
          </Popover.Target>
          <Popover.Dropdown>
            <TextInput
              size="xs"
              autoFocus
              aria-label={`Filter ${title}`}
              placeholder={field.type === "number" ? "Text, or > 5" : "Text"}
              value={filter}
              onChange={(event) => onFilter(event.currentTarget.value)}
            />
          </Popover.Dropdown>
        </Popover>
      )}
    </th>
  );
}

/** Words may be cut; the whole of them is a hover away. */
function title(field: ShownField, row: number): string | undefined {
  const value = field.values[row];
  return typeof value === "string" ? value : undefined;
}

/** Numbers largest first, words by the alphabet; a third click restores the order. */
function nextSort(sort: Sort | undefined, { title, type }: ShownField): Sort | undefined {
  const first = type === "number";
  if (sort?.title !== title) return { title, desc: first };
  return sort.desc === first ? { title, desc: !first } : undefined;
}

function footerText(
  field: ShownField,
  index: number,
  { reducer, fields }: NonNullable<Props["footer"]>,
  rows: readonly number[],
): string {
  if (field.type !== "number") return index === 0 ? reducerName(reducer) : "";
  if (fields.length > 0 && !fields.includes(field.title)) return "";
  const value = reduceField({ values: rows.map((row) => field.values[row]) }, reducer);
  return field.display(value).full;
}
