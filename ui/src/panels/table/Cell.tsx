/** A cell in the form that its field asks for: plain, coloured, a bar, a link. */
import { textOn } from "../../data/colors";
import type { Display } from "../../data/display";
import { fieldVariables, type ShownField } from "../../data/shown";
import { type JsonObject, num, obj, str } from "../../lib/json";
import { safeUrl } from "../../lib/safe-url";
import classes from "./DataTable.module.css";

interface Props {
  field: ShownField;
  row: number;
  interpolate?: ((text: string, scoped: Record<string, string>) => string) | undefined;
  /** Other columns, which links may name. */
  rowVariables?: (() => Record<string, string>) | undefined;
}

export function Cell({ field, row, interpolate, rowVariables }: Props) {
  const value = field.values[row];
  const display = field.display(value);
  const options = cellOptions(field);
  const [link] = field.options.links;
  const text = link && interpolate ? linked() : display.full;
  switch (options.type) {
    case "color-text":
      return <span style={{ color: display.color }}>{text}</span>;
    case "gauge":
      return <Bar display={display} mode={str(options.mode, "gradient")} />;
    case "json-view":
      return <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>;
    default:
      return <>{text}</>;
  }

  function linked() {
    if (!link || !interpolate) return display.full;
    const scoped = {
      ...fieldVariables(field, field.title),
      "__value.text": display.full,
      "__value.raw": String(value ?? ""),
      "__value.numeric": String(display.number),
      ...rowVariables?.(),
    };
    const href = safeUrl(interpolate(link.url, scoped));
    if (href === undefined) return display.full;
    return (
      <a
        href={href}
        title={interpolate(link.title, scoped)}
        {...(link.newTab ? { target: "_blank", rel: "noopener noreferrer" } : {})}
      >
        {display.full}
      </a>
    );
  }
}

function Bar({ display, mode }: { display: Display; mode: string }) {
  const fill =
    mode === "basic"
      ? display.color
      : `linear-gradient(90deg, color-mix(in srgb, ${display.color} 35%, transparent), ${display.color})`;
  return (
    <span className={classes.gauge}>
      <span className={classes.track}>
        <span style={{ width: `${display.share * 100}%`, background: fill }} />
      </span>
      <span style={{ color: display.color }}>{display.full}</span>
    </span>
  );
}

export function cellOptions(field: ShownField): JsonObject & { type: string } {
  const options = obj(field.options.custom.cellOptions);
  return { ...options, type: str(options.type, "auto") };
}

/** The background of a coloured cell, and of the rest of its row where it says so. */
export function cellBackground(field: ShownField, row: number) {
  if (cellOptions(field).type !== "color-background") return undefined;
  const { color } = field.display(field.values[row]);
  return color === "transparent" ? undefined : { background: color, color: textOn(color) };
}

export function alignOf(field: ShownField): "start" | "center" | "end" {
  const align = str(field.options.custom.align, "auto");
  if (align === "left") return "start";
  if (align === "center") return "center";
  if (align === "right") return "end";
  return field.type === "number" ? "end" : "start";
}

export function widthOf(field: ShownField): number | undefined {
  return num(field.options.custom.width);
}
