/** Value mappings: what stands for a value, a range, a pattern or a special case. */
import { ActionIcon, Button, ColorInput, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { Json } from "../../../lib/json";
import { type MappingRow, readMappings, writeMappings } from "./mapping-rows";
import classes from "./PanelEditor.module.css";

interface Props {
  value: Json | undefined;
  onChange: (value: Json) => void;
}

const KINDS = [
  { value: "value", label: "Value" },
  { value: "range", label: "Range" },
  { value: "regex", label: "Pattern" },
  { value: "special", label: "Special" },
];
const SPECIALS = ["null", "nan", "null+nan", "true", "false", "empty"];

export function Mappings({ value, onChange }: Props) {
  const rows = readMappings(value);
  const write = (next: MappingRow[]) => onChange(writeMappings(next));
  const change = (index: number, part: Partial<MappingRow>) =>
    write(rows.map((row, i) => (i === index ? { ...row, ...part } : row)));
  return (
    <div className={classes.mappings}>
      {rows.map((row, index) => (
        <div key={index} role="group" aria-label={`Mapping ${index + 1}`}>
          <Select
            size="xs"
            aria-label="Kind"
            data={KINDS}
            value={row.kind}
            allowDeselect={false}
            onChange={(kind) => change(index, { kind: (kind ?? "value") as MappingRow["kind"] })}
          />
          <Condition row={row} onChange={(part) => change(index, part)} />
          <TextInput
            size="xs"
            aria-label="Shown as"
            placeholder="Shown as"
            value={row.text}
            onChange={(event) => change(index, { text: event.currentTarget.value })}
          />
          <ColorInput
            withEyeDropper={false}
            size="xs"
            aria-label="Colour"
            placeholder="Colour"
            value={row.color}
            onChange={(color) => change(index, { color })}
          />
          <ActionIcon
            size="sm"
            aria-label={`Remove mapping ${index + 1}`}
            onClick={() => write(rows.filter((_, i) => i !== index))}
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={13} />}
        onClick={() =>
          write([...rows, { kind: "value", match: "", from: "", to: "", text: "", color: "" }])
        }
      >
        Mapping
      </Button>
    </div>
  );
}

function Condition({
  row,
  onChange,
}: {
  row: MappingRow;
  onChange: (p: Partial<MappingRow>) => void;
}) {
  if (row.kind === "special") {
    return (
      <Select
        size="xs"
        aria-label="Case"
        data={SPECIALS}
        value={row.match}
        onChange={(match) => onChange({ match: match ?? "null" })}
      />
    );
  }
  if (row.kind === "range") {
    return (
      <span className={classes.pair}>
        <TextInput
          size="xs"
          aria-label="From"
          placeholder="From"
          value={row.from}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <TextInput
          size="xs"
          aria-label="To"
          placeholder="To"
          value={row.to}
          onChange={(event) => onChange({ to: event.currentTarget.value })}
        />
      </span>
    );
  }
  return (
    <TextInput
      size="xs"
      aria-label={row.kind === "regex" ? "Pattern" : "Value"}
      placeholder={row.kind === "regex" ? "/pattern/" : "Value"}
      value={row.match}
      onChange={(event) => onChange({ match: event.currentTarget.value })}
    />
  );
}
