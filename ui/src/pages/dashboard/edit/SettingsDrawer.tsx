/** The settings of a dashboard as a whole: what it is called, its variables, its JSON. */
import { Drawer, Select, Tabs, TagsInput, Textarea, TextInput } from "@mantine/core";
import { setAt } from "../../../dashboard/model/edit";
import { parseDashboard } from "../../../dashboard/model/parse";
import type { Json, JsonObject } from "../../../lib/json";
import type { Draft } from "../use-draft";
import { JsonEditor } from "./JsonEditor";
import classes from "./PanelEditor.module.css";
import { VariablesEditor } from "./VariablesEditor";

interface Props {
  draft: Draft;
  onClose: () => void;
}

const REFRESHES = ["", "5s", "10s", "30s", "1m", "5m", "15m", "1h"];
const CURSORS = [
  { value: "0", label: "Each graph its own" },
  { value: "1", label: "Crosshair on all graphs" },
  { value: "2", label: "Crosshair and tooltip on all graphs" },
];

export function SettingsDrawer({ draft, onClose }: Props) {
  const { document: json } = draft.dashboard;
  return (
    <Drawer opened onClose={onClose} position="right" size="xl" title="Settings of the dashboard">
      <Tabs defaultValue="general" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="general">General</Tabs.Tab>
          <Tabs.Tab value="variables">Variables</Tabs.Tab>
          <Tabs.Tab value="json">JSON</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="general">
          <General draft={draft} />
        </Tabs.Panel>
        <Tabs.Panel value="variables">
          <VariablesEditor draft={draft} />
        </Tabs.Panel>
        <Tabs.Panel value="json">
          <JsonEditor
            key={JSON.stringify(json)}
            json={json}
            check={checkDashboard}
            onApply={(document) => {
              draft.edit(document);
              onClose();
            }}
          />
        </Tabs.Panel>
      </Tabs>
    </Drawer>
  );
}

function checkDashboard(json: JsonObject): void {
  parseDashboard(json);
}

function General({ draft }: { draft: Draft }) {
  const { dashboard } = draft;
  const set = (path: string, value: Json) =>
    draft.edit(setAt(dashboard.document, path, value), `settings ${path}`);
  const refreshes = [...new Set([...REFRESHES, dashboard.refresh])];
  return (
    <div className={classes.controls}>
      <TextInput
        label="Title"
        value={dashboard.title}
        onChange={(event) => set("title", event.currentTarget.value)}
      />
      <Textarea
        label="Description"
        autosize
        value={dashboard.description}
        onChange={(event) => set("description", event.currentTarget.value)}
      />
      <TagsInput label="Tags" value={dashboard.tags} onChange={(tags) => set("tags", tags)} />
      <TextInput
        label="Shows from"
        placeholder="now-6h"
        value={dashboard.time.from}
        onChange={(event) => set("time.from", event.currentTarget.value)}
      />
      <TextInput
        label="Shows to"
        placeholder="now"
        value={dashboard.time.to}
        onChange={(event) => set("time.to", event.currentTarget.value)}
      />
      <Select
        label="Refreshes every"
        data={refreshes.map((value) => ({ value, label: value || "Not by itself" }))}
        value={dashboard.refresh}
        allowDeselect={false}
        onChange={(refresh) => set("refresh", refresh ?? "")}
      />
      <Select
        label="Pointer"
        data={CURSORS}
        value={String(["none", "crosshair", "tooltip"].indexOf(dashboard.sharedCursor))}
        allowDeselect={false}
        onChange={(value) => set("graphTooltip", Number(value))}
      />
    </div>
  );
}
