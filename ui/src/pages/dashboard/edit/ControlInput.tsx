/** One control of the panel editor. */
import {
  Autocomplete,
  MultiSelect,
  NumberInput,
  Select,
  Switch,
  Textarea,
  TextInput,
} from "@mantine/core";
import { unitTable } from "../../../data/unit-table";
import { type Json, num, str, strs } from "../../../lib/json";
import type { Control } from "./controls";

interface Props {
  control: Control;
  value: Json | undefined;
  /** Undefined takes the setting back. */
  onChange: (value: Json | undefined) => void;
}

const UNITS = [...unitTable.keys()];
const UNITS_SHOWN = 30;

export function ControlInput({ control, value, onChange }: Props) {
  const { label, kind, choices = [], fallback } = control;
  const data = choices.map((one) =>
    typeof one === "string" ? { value: one, label: one } : { value: one[0], label: one[1] },
  );
  const text = str(value, "");
  const setText = (next: string) => onChange(next === "" ? undefined : next);
  switch (kind) {
    case "text":
      return (
        <TextInput
          size="xs"
          label={label}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      );
    case "longText":
      return (
        <Textarea
          size="xs"
          autosize
          minRows={6}
          label={label}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "unit":
      return (
        <Autocomplete
          size="xs"
          label={label}
          data={UNITS}
          limit={UNITS_SHOWN}
          value={text}
          onChange={setText}
        />
      );
    case "number":
      return (
        <NumberInput
          size="xs"
          label={label}
          value={num(value) ?? ""}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    case "switch":
      return (
        <Switch
          size="xs"
          label={label}
          checked={typeof value === "boolean" ? value : fallback === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "select":
      return (
        <Select
          size="xs"
          label={label}
          data={data}
          value={str(value) ?? (typeof fallback === "string" ? fallback : null)}
          allowDeselect={fallback === undefined}
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case "many":
      return (
        <MultiSelect
          size="xs"
          label={label}
          data={data}
          value={strs(value)}
          onChange={(next) => onChange(next)}
        />
      );
  }
}
