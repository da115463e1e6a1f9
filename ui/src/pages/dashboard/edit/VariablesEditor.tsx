/** The variables of a dashboard: added, changed, ordered, with the values that each offers now. */
import {
  Accordion,
  ActionIcon,
  Button,
  Group,
  Select,
  Switch,
  TextInput,
  Textarea,
} from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { ErrorNote } from "../../../components/ErrorNote";
import type { Resolved } from "../../../dashboard/variables/resolve";
import { bool, type Json, type JsonObject, num, str } from "../../../lib/json";
import { useTimeParams } from "../../../lib/use-time-params";
import type { Draft } from "../use-draft";
import { useVariables } from "../use-variables";
import classes from "./PanelEditor.module.css";
import {
  addVariable,
  changeVariable,
  moveVariable,
  nameProblem,
  queryOf,
  removeVariable,
  variableList,
  withQuery,
} from "./variable-list";

const TYPES = [
  { value: "query", label: "Query" },
  { value: "custom", label: "Listed values" },
  { value: "textbox", label: "Text" },
  { value: "constant", label: "Constant" },
  { value: "interval", label: "Interval" },
  { value: "datasource", label: "Data source" },
  { value: "adhoc", label: "Filters for every query" },
];
const QUERY_LABELS: Record<string, string> = {
  query: "Query, such as label_values(up, job)",
  custom: "Values by commas; text : value gives one a name",
  textbox: "Value at first",
  constant: "Value",
  interval: "Intervals by commas",
  datasource: "Type of data source",
};
const HIDES = [
  { value: "0", label: "Name and value" },
  { value: "1", label: "Value only" },
  { value: "2", label: "Nothing" },
];
const SORTS = ["As they come", "A to Z", "Z to A", "1 to 9", "9 to 1", "a to z", "z to a"];
const VALUES_SHOWN = 20;
const FALLBACK_RANGE = { range: { from: "now-6h", to: "now" }, refreshMs: false as const };

export function VariablesEditor({ draft }: { draft: Draft }) {
  const { document: json } = draft.dashboard;
  const [opened, setOpened] = useState<string | null>(null);
  const { range } = useTimeParams(FALLBACK_RANGE);
  const { resolved } = useVariables(draft.dashboard, range);
  const list = variableList(json);
  return (
    <div className={classes.controls}>
      {list.length === 0 && (
        <p className={classes.note}>
          A variable is a list of values to choose from above the dashboard; queries and titles name
          it as $name.
        </p>
      )}
      <Accordion
        keepMounted
        keepMountedMode="display-none"
        value={opened}
        onChange={setOpened}
        variant="separated"
      >
        {list.map((variable, index) => (
          <Accordion.Item key={index} value={String(index)}>
            <Accordion.Control>
              <strong>${str(variable.name, "")}</strong>{" "}
              <small>{TYPES.find(({ value }) => value === variable.type)?.label}</small>
            </Accordion.Control>
            <Accordion.Panel>
              <VariableForm
                variable={variable}
                problem={nameProblem(json, index, str(variable.name, ""))}
                resolved={resolved.find((one) => one.variable.name === variable.name)}
                onChange={(change, key) =>
                  draft.edit(changeVariable(json, index, change), `variable ${index} ${key}`)
                }
              />
              <Group gap={4} mt="sm">
                <ActionIcon
                  aria-label="Earlier"
                  disabled={index === 0}
                  onClick={() => {
                    draft.edit(moveVariable(json, index, -1));
                    setOpened(String(index - 1));
                  }}
                >
                  <IconArrowUp size={16} />
                </ActionIcon>
                <ActionIcon
                  aria-label="Later"
                  disabled={index === list.length - 1}
                  onClick={() => {
                    draft.edit(moveVariable(json, index, 1));
                    setOpened(String(index + 1));
                  }}
                >
                  <IconArrowDown size={16} />
                </ActionIcon>
                <ActionIcon
                  aria-label={`Remove ${str(variable.name, "")}`}
                  onClick={() => draft.edit(removeVariable(json, index))}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <Button
        variant="default"
        leftSection={<IconPlus size={15} />}
        onClick={() => {
          draft.edit(addVariable(json));
          setOpened(String(list.length));
        }}
      >
        Variable
      </Button>
    </div>
  );
}

interface FormProps {
  variable: JsonObject;
  problem: string | undefined;
  resolved: Resolved | undefined;
  onChange: (change: (variable: JsonObject) => JsonObject, key: string) => void;
}

function VariableForm({ variable, problem, resolved, onChange }: FormProps) {
  const type = str(variable.type, "query");
  const set = (key: string, value: Json) => onChange((one) => ({ ...one, [key]: value }), key);
  const isListed = ["query", "custom", "datasource"].includes(type);
  const types = TYPES.some(({ value }) => value === type)
    ? TYPES
    : [...TYPES, { value: type, label: type }];
  return (
    <div className={classes.controls}>
      <Group gap="xs" grow align="start">
        <TextInput
          size="xs"
          label="Name"
          value={str(variable.name, "")}
          error={problem}
          onChange={(event) => set("name", event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          label="Label"
          value={str(variable.label, "")}
          onChange={(event) => set("label", event.currentTarget.value)}
        />
        <Select
          size="xs"
          label="Type"
          data={types}
          value={type}
          allowDeselect={false}
          onChange={(next) => set("type", next ?? type)}
        />
      </Group>
      {QUERY_LABELS[type] !== undefined && (
        <Textarea
          size="xs"
          label={QUERY_LABELS[type]}
          autosize
          value={queryOf(variable)}
          onChange={(event) => {
            const { value } = event.currentTarget;
            onChange((one) => withQuery(one, value), "query");
          }}
        />
      )}
      {type === "query" && (
        <Group gap="xs" grow>
          <TextInput
            size="xs"
            label="Pattern that picks values"
            placeholder="/.*/"
            value={str(variable.regex, "")}
            onChange={(event) => set("regex", event.currentTarget.value)}
          />
          <Select
            size="xs"
            label="Order"
            data={SORTS.map((label, value) => ({ value: String(value), label }))}
            value={String(num(variable.sort, 0))}
            onChange={(sort) => set("sort", Number(sort ?? 0))}
          />
          <Select
            size="xs"
            label="Asked"
            data={[
              { value: "1", label: "When opened" },
              { value: "2", label: "With every time range" },
            ]}
            value={num(variable.refresh, 1) === 2 ? "2" : "1"}
            onChange={(refresh) => set("refresh", Number(refresh ?? 1))}
          />
        </Group>
      )}
      <Group gap="md" align="end">
        <Select
          size="xs"
          label="Shows"
          data={HIDES}
          value={String(num(variable.hide, 0))}
          onChange={(hide) => set("hide", Number(hide ?? 0))}
        />
        {isListed && (
          <>
            <Switch
              size="xs"
              label="Several values"
              checked={bool(variable.multi)}
              onChange={(event) => set("multi", event.currentTarget.checked)}
            />
            <Switch
              size="xs"
              label="With All"
              checked={bool(variable.includeAll)}
              onChange={(event) => set("includeAll", event.currentTarget.checked)}
            />
          </>
        )}
      </Group>
      {isListed && bool(variable.includeAll) && (
        <TextInput
          size="xs"
          label="All stands for (nothing: every value)"
          placeholder=".*"
          value={str(variable.allValue, "")}
          onChange={(event) => set("allValue", event.currentTarget.value)}
        />
      )}
      {resolved?.error && <ErrorNote error={resolved.error} />}
      {resolved && isListed && <Values resolved={resolved} />}
    </div>
  );
}

function Values({ resolved: { options } }: { resolved: Resolved }) {
  const shown = options.slice(0, VALUES_SHOWN).map(({ text }) => text);
  const more = options.length - shown.length;
  return (
    <p className={classes.note} aria-label="Values">
      {options.length === 0 ? "No values." : shown.join(", ")}
      {more > 0 && ` and ${more} more`}
    </p>
  );
}
