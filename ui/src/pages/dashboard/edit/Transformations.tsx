/** The transformations of a panel in their order, each with what it can be told. */
import { ActionIcon, Checkbox, MultiSelect, Select, Switch, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { nameOf } from "../../../data/transform/names";
import { transformFrames } from "../../../data/transform/apply";
import type { Frame } from "../../../data/types";
import { setAt, valueAt } from "../../../dashboard/model/edit";
import { bool, type JsonObject, num, obj, objs, str, strs, without } from "../../../lib/json";
import { ControlInput } from "./ControlInput";
import { JsonEditor } from "./JsonEditor";
import classes from "./PanelEditor.module.css";
import { AS_JSON, formOf, offeredTransformations } from "./transformation-forms";

interface Props {
  list: readonly JsonObject[];
  /** What the queries answered, before any transformation. */
  frames: readonly Frame[];
  onChange: (list: JsonObject[], key?: string) => void;
}

export function Transformations({ list, frames, onChange }: Props) {
  const change = (index: number, next: JsonObject, key?: string) =>
    onChange(
      list.map((one, i) => (i === index ? next : one)),
      key === undefined ? undefined : `transformation ${index} ${key}`,
    );
  const move = (index: number, by: -1 | 1) => {
    const next = [...list];
    const [moved] = next.splice(index, 1);
    if (moved) next.splice(index + by, 0, moved);
    onChange(next);
  };
  return (
    <div className={classes.transformations}>
      {list.map((one, index) => (
        <Transformation
          key={index}
          json={one}
          names={namesBefore(frames, list.slice(0, index))}
          isFirst={index === 0}
          isLast={index === list.length - 1}
          onChange={(next, key) => change(index, next, key)}
          onMove={(by) => move(index, by)}
          onRemove={() => onChange(list.filter((_, i) => i !== index))}
        />
      ))}
      <Select
        size="xs"
        w={260}
        aria-label="Add a transformation"
        placeholder="Add a transformation"
        searchable
        value={null}
        data={offeredTransformations()}
        onChange={(id) => id !== null && onChange([...list, { id, options: {} }])}
      />
    </div>
  );
}

/** What fields are called where a transformation finds them. */
function namesBefore(frames: readonly Frame[], before: readonly JsonObject[]): string[] {
  const read = before
    .filter((one) => one.disabled !== true)
    .map((one) => ({ id: str(one.id, ""), options: obj(one.options), refId: undefined }));
  try {
    const reached = transformFrames([...frames], read, (text) => text);
    return [...new Set(reached.flatMap(({ fields }) => fields.map(nameOf)))];
  } catch {
    return [];
  }
}

interface OneProps {
  json: JsonObject;
  names: readonly string[];
  isFirst: boolean;
  isLast: boolean;
  onChange: (json: JsonObject, key?: string) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function Transformation(props: OneProps) {
  const { json, names, isFirst, isLast, onChange, onMove, onRemove } = props;
  const id = str(json.id, "");
  const { label, controls } = formOf(id);
  const options = obj(json.options);
  const isOff = json.disabled === true;
  const write = (next: JsonObject, key?: string) => onChange({ ...json, options: next }, key);
  return (
    <section className={classes.query} aria-label={label} data-off={isOff || undefined}>
      <header>
        <strong>{label}</strong>
        <span />
        <ActionIcon
          aria-label={`${label} is ${isOff ? "off" : "on"}`}
          onClick={() => onChange(isOff ? without(json, "disabled") : { ...json, disabled: true })}
        >
          {isOff ? <IconEyeOff size={16} /> : <IconEye size={16} />}
        </ActionIcon>
        <ActionIcon aria-label={`${label}: earlier`} disabled={isFirst} onClick={() => onMove(-1)}>
          <IconArrowUp size={16} />
        </ActionIcon>
        <ActionIcon aria-label={`${label}: later`} disabled={isLast} onClick={() => onMove(1)}>
          <IconArrowDown size={16} />
        </ActionIcon>
        <ActionIcon aria-label={`Remove: ${label}`} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      </header>
      {id === "organize" && <Organize options={options} names={names} onChange={write} />}
      {id === "sortBy" && <SortBy options={options} names={names} onChange={write} />}
      {id === "groupBy" && <GroupBy options={options} names={names} onChange={write} />}
      {AS_JSON.has(id) && (
        <JsonEditor key={JSON.stringify(options)} json={options} onApply={write} />
      )}
      {controls.length > 0 && (
        <div className={classes.inline}>
          {controls.map((control) => (
            <ControlInput
              key={control.path}
              control={control}
              value={valueAt(options, control.path)}
              onChange={(value) => write(setAt(options, control.path, value), control.path)}
            />
          ))}
        </div>
      )}
    </section>
  );
}

interface FormProps {
  options: JsonObject;
  names: readonly string[];
  onChange: (options: JsonObject, key?: string) => void;
}

function Organize({ options, names, onChange }: FormProps) {
  const excluded = obj(options.excludeByName);
  const renames = obj(options.renameByName);
  const order = obj(options.indexByName);
  const sorted = names
    .map((name, index) => ({ name, place: num(order[name], 1000 + index) }))
    .sort((a, b) => a.place - b.place)
    .map(({ name }) => name);
  const move = (index: number, by: -1 | 1) => {
    const next = [...sorted];
    const [moved] = next.splice(index, 1);
    if (moved !== undefined) next.splice(index + by, 0, moved);
    const indexByName = Object.fromEntries(next.map((name, place) => [name, place]));
    onChange({ ...options, indexByName });
  };
  return (
    <ul className={classes.fields}>
      {sorted.map((name, index) => (
        <li key={name}>
          <Checkbox
            size="xs"
            aria-label={`Show ${name}`}
            checked={excluded[name] !== true}
            onChange={(event) =>
              onChange({
                ...options,
                excludeByName: { ...excluded, [name]: !event.currentTarget.checked },
              })
            }
          />
          <code title={name}>{name}</code>
          <TextInput
            size="xs"
            aria-label={`New name of ${name}`}
            placeholder="New name"
            value={str(renames[name], "")}
            onChange={(event) =>
              onChange(
                { ...options, renameByName: { ...renames, [name]: event.currentTarget.value } },
                `rename ${name}`,
              )
            }
          />
          <ActionIcon
            size="sm"
            aria-label={`${name}: earlier`}
            disabled={index === 0}
            onClick={() => move(index, -1)}
          >
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon
            size="sm"
            aria-label={`${name}: later`}
            disabled={index === sorted.length - 1}
            onClick={() => move(index, 1)}
          >
            <IconArrowDown size={14} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

function SortBy({ options, names, onChange }: FormProps) {
  const [sort = {}] = objs(options.sort);
  const write = (part: JsonObject) => onChange({ ...options, sort: [{ ...sort, ...part }] });
  const field = str(sort.field, "");
  return (
    <div className={classes.inline}>
      <Select
        size="xs"
        label="Field"
        data={withChosen(names, field)}
        value={field}
        onChange={(next) => write({ field: next ?? "" })}
      />
      <Switch
        size="xs"
        label="Largest first"
        checked={bool(sort.desc)}
        onChange={(event) => write({ desc: event.currentTarget.checked })}
      />
    </div>
  );
}

const AGGREGATIONS = ["lastNotNull", "firstNotNull", "min", "max", "mean", "sum", "count"];
const GROUP = "groupby";

function GroupBy({ options, names, onChange }: FormProps) {
  const rules = obj(options.fields);
  const write = (name: string, rule: JsonObject) =>
    onChange({ ...options, fields: { ...rules, [name]: rule } });
  return (
    <ul className={classes.fields}>
      {names.map((name) => {
        const rule = obj(rules[name]);
        const operation = str(rule.operation, "");
        return (
          <li key={name}>
            <code title={name}>{name}</code>
            <Select
              size="xs"
              w={120}
              aria-label={`What becomes of ${name}`}
              data={[
                { value: "", label: "Left out" },
                { value: GROUP, label: "Groups" },
                { value: "aggregate", label: "Calculated" },
              ]}
              value={operation}
              onChange={(next) => write(name, { ...rule, operation: next ?? "" })}
            />
            {operation === "aggregate" && (
              <MultiSelect
                size="xs"
                aria-label={`Calculations of ${name}`}
                data={AGGREGATIONS}
                value={strs(rule.aggregations)}
                onChange={(aggregations) => write(name, { ...rule, aggregations })}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}

function withChosen(names: readonly string[], chosen: string): string[] {
  return chosen === "" || names.includes(chosen) ? [...names] : [...names, chosen];
}
