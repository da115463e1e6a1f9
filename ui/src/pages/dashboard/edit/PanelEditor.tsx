/** The editor of a panel: it is drawn from live data as it will be, beside everything that shapes it. */
import { Accordion, Button, Select, Switch, Tabs, Textarea, TextInput } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconArrowLeft, IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { nameOf } from "../../../data/transform/names";
import type { Placed } from "../../../dashboard/layout";
import { findPanel, setAt, updatePanel, valueAt } from "../../../dashboard/model/edit";
import { bool, type Json, type JsonObject, objs, str } from "../../../lib/json";
import { needsData } from "../../../panels/registry";
import { PanelFrame } from "../PanelFrame";
import type { Draft } from "../use-draft";
import { type PanelData, usePanelData } from "../use-panel-data";
import { ControlInput } from "./ControlInput";
import { PANEL_TYPES, SECTIONS } from "./controls";
import classes from "./PanelEditor.module.css";
import { JsonEditor } from "./JsonEditor";
import { Mappings } from "./Mappings";
import { Overrides } from "./Overrides";
import { QueryEditor } from "./QueryEditor";
import { Thresholds } from "./Thresholds";
import { Transformations } from "./Transformations";

interface Props {
  placed: Placed;
  draft: Draft;
  onClose: () => void;
}

const THRESHOLDS = "fieldConfig.defaults.thresholds";
const MAPPINGS = "fieldConfig.defaults.mappings";
const OVERRIDES = "fieldConfig.overrides";

export function PanelEditor({ placed, draft, onClose }: Props) {
  const { id, type } = placed.panel;
  const json = findPanel(draft.dashboard.document, id) ?? {};
  const change = (next: JsonObject, key?: string) =>
    draft.edit(
      updatePanel(draft.dashboard.document, id, () => next),
      key === undefined ? undefined : `${id} ${key}`,
    );
  const set = (path: string, value: Json | undefined) => change(setAt(json, path, value), path);
  const { ref, width } = useElementSize();
  const data = usePanelData(placed, Math.max(width, 1), needsData(type));
  const names = [...new Set(data.frames.flatMap(({ fields }) => fields.map(nameOf)))];
  const transformations = objs(json.transformations);
  const sections = SECTIONS.filter(({ types }) => types?.includes(type) ?? true);
  return (
    <div className={classes.editor}>
      <div className={classes.left} ref={ref}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconArrowLeft size={15} />}
          className={classes.back}
          onClick={onClose}
        >
          Back to the dashboard
        </Button>
        <div className={classes.preview}>
          <PanelFrame placed={placed} isAlone />
        </div>
        {needsData(type) && (
          <Tabs defaultValue="queries" keepMounted={false}>
            <Tabs.List mb="xs">
              <Tabs.Tab value="queries">Queries</Tabs.Tab>
              <Tabs.Tab value="transformations">
                Transformations{transformations.length > 0 && ` (${transformations.length})`}
              </Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="queries">
              <Queries placed={placed} json={json} data={data} onChange={change} />
            </Tabs.Panel>
            <Tabs.Panel value="transformations">
              <Transformations
                list={transformations}
                frames={data.answer?.frames ?? []}
                onChange={(list, key) => change({ ...json, transformations: list }, key)}
              />
            </Tabs.Panel>
          </Tabs>
        )}
      </div>
      <div className={classes.right}>
        <Tabs defaultValue="options">
          <Tabs.List>
            <Tabs.Tab value="options">Options</Tabs.Tab>
            <Tabs.Tab value="json">JSON</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="options">
            <div className={classes.controls}>
              <Select
                size="xs"
                label="Type"
                data={PANEL_TYPES.map(([value, label]) => ({ value, label }))}
                value={type}
                allowDeselect={false}
                onChange={(next) => next !== null && set("type", next)}
              />
              <TextInput
                size="xs"
                label="Title"
                value={str(json.title, "")}
                onChange={(event) => set("title", event.currentTarget.value)}
              />
              <Textarea
                size="xs"
                label="Description"
                autosize
                value={str(json.description, "")}
                onChange={(event) => set("description", event.currentTarget.value)}
              />
              <Switch
                size="xs"
                label="Without a background"
                checked={bool(json.transparent)}
                onChange={(event) => set("transparent", event.currentTarget.checked)}
              />
            </div>
            <Accordion
              multiple
              keepMounted
              keepMountedMode="display-none"
              defaultValue={sections.slice(0, 2).map(({ title }) => sectionId(title))}
            >
              {sections.map(({ title, controls }) => (
                <Accordion.Item key={title} value={sectionId(title)}>
                  <Accordion.Control>{title}</Accordion.Control>
                  <Accordion.Panel>
                    <div className={classes.controls}>
                      {controls.map((control) => (
                        <ControlInput
                          key={control.path}
                          control={control}
                          value={valueAt(json, control.path)}
                          onChange={(value) => set(control.path, value)}
                        />
                      ))}
                    </div>
                  </Accordion.Panel>
                </Accordion.Item>
              ))}
              {needsData(type) && (
                <>
                  <Section title="Thresholds">
                    <Thresholds
                      value={valueAt(json, THRESHOLDS)}
                      onChange={(value) => set(THRESHOLDS, value)}
                    />
                  </Section>
                  <Section title="Value mappings">
                    <Mappings
                      value={valueAt(json, MAPPINGS)}
                      onChange={(value) => set(MAPPINGS, value)}
                    />
                  </Section>
                  <Section title="Overrides">
                    <Overrides
                      value={valueAt(json, OVERRIDES)}
                      type={type}
                      names={names}
                      onChange={(value, key) => change(setAt(json, OVERRIDES, value), key)}
                    />
                  </Section>
                </>
              )}
            </Accordion>
          </Tabs.Panel>
          <Tabs.Panel value="json">
            <JsonEditor key={JSON.stringify(json)} json={json} onApply={change} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </div>
  );
}

/** Part of an element's id, which has no spaces. */
function sectionId(title: string): string {
  return title.replaceAll(" ", "-");
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Accordion.Item value={sectionId(title)}>
      <Accordion.Control>{title}</Accordion.Control>
      <Accordion.Panel>{children}</Accordion.Panel>
    </Accordion.Item>
  );
}

interface QueriesProps {
  placed: Placed;
  json: JsonObject;
  data: PanelData;
  onChange: (json: JsonObject, key?: string) => void;
}

function Queries({ placed, json, data: { answer }, onChange }: QueriesProps) {
  const targets = objs(json.targets);
  const write = (next: JsonObject[], key?: string) => onChange({ ...json, targets: next }, key);
  return (
    <div className={classes.queries}>
      {targets.map((target, index) => {
        const refId = placed.panel.targets[index]?.refId ?? "A";
        return (
          <QueryEditor
            key={refId}
            json={target}
            refId={refId}
            asked={answer?.asked.find((asked) => asked.refId === refId)}
            onChange={(next, key) =>
              write(
                targets.map((one, i) => (i === index ? next : one)),
                key,
              )
            }
            onRemove={() => write(targets.filter((_, i) => i !== index))}
          />
        );
      })}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={15} />}
        onClick={() => write([...targets, { refId: freeLetter(placed), expr: "" }])}
      >
        Query
      </Button>
    </div>
  );
}

function freeLetter({ panel }: Placed): string {
  const used = new Set(panel.targets.map(({ refId }) => refId));
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
  return letters.find((letter) => !used.has(letter)) ?? `Q${used.size}`;
}
