/** Takes a dashboard's JSON, says what is in it and what is not supported, and saves it. */
import { Button, FileButton, Group, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { type FolderHit, saveDashboard } from "../../api/dashboards";
import { ErrorNote } from "../../components/ErrorNote";
import { allPanels, exportDashboard, parseDashboardText } from "../../dashboard/model/parse";
import type { Dashboard } from "../../dashboard/model/types";
import { without } from "../../lib/json";
import { withInputs } from "../../dashboard/model/inputs";
import classes from "./DashboardsPage.module.css";
import { dashboardLink } from "../../dashboard/find";
import { FolderSelect } from "./FolderSelect";
import { forgetDashboards } from "../../api/use-dashboards";

interface Props {
  initial: string;
  folders: readonly FolderHit[];
  /** Where it goes unless another folder is chosen. */
  folderUid: string | undefined;
}

export function ImportForm({ initial, folders, folderUid }: Props) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [text, setText] = useState(initial);
  const [inputs, setInputs] = useState<Record<string, string>>({});
  const [folder, setFolder] = useState(folderUid);
  const read = useMemo(() => readText(text), [text]);
  const save = useMutation({
    mutationFn: async (dashboard: Dashboard) => {
      const json = withInputs(exportDashboard(dashboard), dashboard.inputs, inputs);
      const answer = await saveDashboard({
        // Another server's number may be another dashboard's here.
        dashboard: without(json, "id"),
        folderUid: folder,
        overwrite: true,
        message: "Imported",
      });
      return { ...answer, title: dashboard.title };
    },
    onSuccess: (saved) => {
      void forgetDashboards(queryClient, saved.uid);
      void navigate(dashboardLink(saved));
    },
  });
  const dashboard = read?.dashboard;
  return (
    <div className={classes.import}>
      <Group gap="xs">
        <FileButton
          accept="application/json,.json"
          onChange={(file) => {
            if (file) void file.text().then(setText);
          }}
        >
          {(props) => (
            <Button {...props} variant="default">
              Choose a file
            </Button>
          )}
        </FileButton>
        <span className={classes.hint}>or paste its JSON:</span>
      </Group>
      <Textarea
        aria-label="JSON of the dashboard"
        autosize
        minRows={6}
        maxRows={12}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        styles={{ input: { fontFamily: "var(--bw-mono)", fontSize: 12 } }}
      />
      {read?.error && <ErrorNote error={read.error} />}
      {dashboard && (
        <>
          <p className={classes.found}>
            <strong>{dashboard.title}</strong>, {allPanels(dashboard.panels).length} panels,{" "}
            {dashboard.variables.length} variables
          </p>
          {dashboard.inputs
            .filter(({ type }) => type === "constant")
            .map(({ name, label, value }) => (
              <TextInput
                key={name}
                label={label}
                value={inputs[name] ?? value}
                onChange={(event) => setInputs({ ...inputs, [name]: event.currentTarget.value })}
              />
            ))}
          {dashboard.issues.length > 0 && (
            <details className={classes.issues}>
              <summary>{dashboard.issues.length} things in it are not supported</summary>
              <ul>
                {dashboard.issues.map(({ path, feature }) => (
                  <li key={path + feature}>
                    {feature} <code>{path}</code>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
      {dashboard && folders.length > 0 && (
        <FolderSelect folders={folders} value={folder} onChange={setFolder} />
      )}
      {save.error && <ErrorNote error={save.error} />}
      <Button
        disabled={!dashboard}
        loading={save.isPending}
        onClick={() => dashboard && save.mutate(dashboard)}
      >
        Import
      </Button>
    </div>
  );
}

function readText(text: string): { dashboard?: Dashboard; error?: Error } | undefined {
  if (text.trim() === "") return undefined;
  try {
    return { dashboard: parseDashboardText(text) };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
