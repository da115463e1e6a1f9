/** The dashboard's variables, each with the control that suits it. */
import { MultiSelect, Select, TextInput, Tooltip } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Dashboard } from "../../dashboard/model/types";
import { ALL } from "../../dashboard/variables/options";
import type { Resolved } from "../../dashboard/variables/resolve";
import { AdhocFilters } from "./AdhocFilters";
import type { Variables } from "./use-variables";
import classes from "./VariablesBar.module.css";

interface Props {
  variables: Variables;
  dashboard: Dashboard;
}

/** A list is drawn up to here; typing finds the rest. */
const SHOWN_MAX = 200;

export function VariablesBar({ variables, dashboard }: Props) {
  const { resolved, choose, filters } = variables;
  if (!variables.ready) {
    const waiting = dashboard.variables.filter(({ hide }) => hide !== "all");
    return waiting.map(({ name }) => <div key={name} className={classes.waiting} />);
  }
  return resolved
    .filter(({ variable }) => variable.hide !== "all")
    .map((one) => {
      const { variable } = one;
      if (variable.type === "adhoc") {
        return (
          <Labelled key={variable.name} one={one}>
            <AdhocFilters filters={filters} onChange={(values) => choose(variable.name, values)} />
          </Labelled>
        );
      }
      return (
        <Labelled key={variable.name} one={one}>
          <Control one={one} onChoose={(values) => choose(variable.name, values)} />
        </Labelled>
      );
    });
}

function Labelled({ one, children }: { one: Resolved; children: ReactNode }) {
  const { variable, error } = one;
  return (
    <div className={classes.variable} data-unlabelled={variable.hide === "label" || undefined}>
      {variable.hide !== "label" && (
        <Tooltip
          label={variable.description}
          disabled={variable.description === ""}
          multiline
          maw={320}
        >
          <span className={classes.label}>{variable.label}</span>
        </Tooltip>
      )}
      {children}
      {error && (
        <Tooltip label={error.message} multiline maw={380}>
          <span className={classes.error} tabIndex={0}>
            <IconAlertTriangle size={15} aria-label={`${variable.label} failed`} />
          </span>
        </Tooltip>
      )}
    </div>
  );
}

interface ControlProps {
  one: Resolved;
  onChoose: (values: readonly string[]) => void;
}

function Control({ one, onChoose }: ControlProps) {
  const { variable, options, chosen } = one;
  if (variable.type === "textbox") {
    return (
      <TextBox key={chosen[0]} label={variable.label} value={chosen[0] ?? ""} onChoose={onChoose} />
    );
  }
  const data = [
    ...(variable.includeAll ? [{ value: ALL, label: "All" }] : []),
    ...options.map(({ text, value }) => ({ value, label: text })),
    // What the URL says may not be among them.
    ...chosen
      .filter((value) => value !== ALL && !options.some((option) => option.value === value))
      .map((value) => ({ value, label: value })),
  ];
  const common = {
    "aria-label": variable.label,
    data,
    limit: SHOWN_MAX,
    searchable: data.length > 8,
    size: "xs" as const,
    nothingFoundMessage: "Nothing is called that",
    comboboxProps: { width: "max-content", position: "bottom-start" as const, shadow: "md" },
    classNames: { input: classes.input ?? "" },
  };
  if (!variable.multi) {
    return (
      <Select
        {...common}
        value={chosen[0] ?? null}
        allowDeselect={false}
        placeholder="None"
        style={{ width: widthFor(data, chosen) }}
        onChange={(value) => value !== null && onChoose([value])}
      />
    );
  }
  return (
    <MultiSelect
      {...common}
      value={[...chosen]}
      placeholder={chosen.length === 0 ? "None" : ""}
      hidePickedOptions={false}
      onChange={(values) => onChoose(nextChoice(chosen, values))}
    />
  );
}

/** "All" and single values exclude each other. */
export function nextChoice(before: readonly string[], after: readonly string[]): string[] {
  const added = after.filter((value) => !before.includes(value));
  if (added.includes(ALL)) return [ALL];
  return after.filter((value) => value !== ALL);
}

function widthFor(data: readonly { value: string; label: string }[], chosen: readonly string[]) {
  const label = data.find(({ value }) => value === chosen[0])?.label ?? "None";
  return `${Math.min(Math.max(label.length, 6), 38) + 6}ch`;
}

interface TextBoxProps {
  label: string;
  value: string;
  onChoose: (values: readonly string[]) => void;
}

/** Takes effect on Enter or when left, not at every key. */
function TextBox({ label, value, onChoose }: TextBoxProps) {
  const [text, setText] = useState(value);
  const commit = () => {
    if (text !== value) onChoose([text]);
  };
  return (
    <TextInput
      size="xs"
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
    />
  );
}
