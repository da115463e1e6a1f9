/** Overrides: other options for the fields that a matcher finds. */
import { ActionIcon, Autocomplete, Button, Select } from "@mantine/core";
import { IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { type Json, type JsonObject, obj, objs, str } from "../../../lib/json";
import { ControlInput } from "./ControlInput";
import { type Control, SECTIONS } from "./controls";
import { Mappings } from "./Mappings";
import classes from "./PanelEditor.module.css";
import { Thresholds } from "./Thresholds";

interface Props {
  value: Json | undefined;
  type: string;
  /** Names of the fields that the panel has now. */
  names: readonly string[];
  onChange: (value: Json, key?: string) => void;
}

const MATCHERS = [
  { value: "byName", label: "With the name" },
  { value: "byRegexp", label: "With names like" },
  { value: "byFrameRefID", label: "Of query" },
  { value: "byType", label: "Of type" },
];
const FIELD_TYPES = ["number", "string", "time", "boolean"];
const DEFAULTS = "fieldConfig.defaults.";

export function Overrides({ value, type, names, onChange }: Props) {
  const overrides = objs(value);
  const change = (index: number, next: JsonObject, key?: string) =>
    onChange(
      overrides.map((one, i) => (i === index ? next : one)),
      key,
    );
  return (
    <div className={classes.overrides}>
      {overrides.map((override, index) => (
        <Override
          key={index}
          number={index + 1}
          override={override}
          type={type}
          names={names}
          onChange={(next, key) => change(index, next, key && `override ${index} ${key}`)}
          onRemove={() => onChange(overrides.filter((_, i) => i !== index))}
        />
      ))}
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={13} />}
        onClick={() =>
          onChange([
            ...overrides,
            { matcher: { id: "byName", options: names[0] ?? "" }, properties: [] },
          ])
        }
      >
        Override
      </Button>
    </div>
  );
}

interface OverrideProps {
  number: number;
  override: JsonObject;
  type: string;
  names: readonly string[];
  onChange: (override: JsonObject, key?: string) => void;
  onRemove: () => void;
}

function Override({ number, override, type, names, onChange, onRemove }: OverrideProps) {
  const matcher = obj(override.matcher);
  const properties = objs(override.properties);
  const id = str(matcher.id, "byName");
  const controls = controlsFor(type);
  const used = new Set(properties.map((property) => property.id));
  const setProperty = (index: number, value: Json | undefined, key: string) =>
    onChange(
      {
        ...override,
        properties: properties.map((one, i) => (i === index ? { ...one, value } : one)),
      },
      key,
    );
  return (
    <section className={classes.override} aria-label={`Override ${number}`}>
      <header>
        <Select
          size="xs"
          aria-label="Fields"
          data={MATCHERS.some(({ value }) => value === id) ? MATCHERS : [...MATCHERS, id]}
          value={id}
          allowDeselect={false}
          onChange={(next) => onChange({ ...override, matcher: { id: next ?? id, options: "" } })}
        />
        <ActionIcon size="sm" aria-label={`Remove override ${number}`} onClick={onRemove}>
          <IconTrash size={14} />
        </ActionIcon>
      </header>
      {typeof (matcher.options ?? "") === "string" && (
        <Autocomplete
          size="xs"
          aria-label="Which"
          data={id === "byType" ? FIELD_TYPES : id === "byName" ? [...names] : []}
          limit={40}
          value={str(matcher.options, "")}
          onChange={(options) =>
            onChange({ ...override, matcher: { ...matcher, options } }, "which")
          }
        />
      )}
      {properties.map((property, index) => (
        <div key={index} className={classes.property}>
          <Property
            id={str(property.id, "")}
            value={property.value}
            control={controls.find((control) => control.path === property.id)}
            onChange={(value) => setProperty(index, value, `property ${index}`)}
          />
          <ActionIcon
            size="sm"
            aria-label={`Take back ${str(property.id, "")}`}
            onClick={() =>
              onChange({ ...override, properties: properties.filter((_, i) => i !== index) })
            }
          >
            <IconX size={14} />
          </ActionIcon>
        </div>
      ))}
      <Select
        size="xs"
        aria-label={`Add a property to override ${number}`}
        placeholder="Add a property"
        searchable
        value={null}
        data={controls
          .filter(({ path }) => !used.has(path))
          .map(({ path, label }) => ({ value: path, label }))}
        onChange={(added) =>
          added !== null &&
          onChange({ ...override, properties: [...properties, { id: added, value: null }] })
        }
      />
    </section>
  );
}

interface PropertyProps {
  id: string;
  value: Json | undefined;
  control: Control | undefined;
  onChange: (value: Json | undefined) => void;
}

function Property({ id, value, control, onChange }: PropertyProps) {
  if (id === "thresholds") return <Thresholds value={value} onChange={onChange} />;
  if (id === "mappings") return <Mappings value={value} onChange={onChange} />;
  if (id === "color") {
    const color = obj(value);
    const fixed = str(color.fixedColor, "");
    return (
      <ControlInput
        control={{ path: id, label: "One colour", kind: "text" }}
        value={fixed}
        onChange={(next) => onChange({ mode: "fixed", fixedColor: str(next, "") })}
      />
    );
  }
  if (control) return <ControlInput control={control} value={value} onChange={onChange} />;
  return (
    <span>
      {id} <code>{JSON.stringify(value)}</code>
    </span>
  );
}

/** The controls of the panel's fields; an override names their place below the defaults. */
function controlsFor(type: string): Control[] {
  const ofFields = SECTIONS.filter(({ types }) => types?.includes(type) ?? true)
    .flatMap(({ controls }) => controls)
    .filter(({ path }) => path.startsWith(DEFAULTS) && !path.startsWith(`${DEFAULTS}color`))
    .map((control) => ({ ...control, path: control.path.slice(DEFAULTS.length) }));
  return [
    ...ofFields,
    { path: "color", label: "Colour", kind: "text" },
    { path: "thresholds", label: "Thresholds", kind: "text" },
    { path: "mappings", label: "Value mappings", kind: "text" },
  ];
}
