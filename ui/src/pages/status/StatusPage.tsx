/** Status: the server's version, run, configuration, and what its store is made of. */
import { Skeleton, Tabs } from "@mantine/core";
import { type QueryFunction, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { fetchBuildInfo, fetchConfig, fetchFlags, fetchRuntimeInfo } from "../../api/status";
import { ErrorNote } from "../../components/ErrorNote";
import { formatAge } from "../../lib/format";
import { usePreferences } from "../../lib/preferences";
import { formatTime } from "../../lib/timerange";
import { useNow } from "../../lib/use-now";
import { useTitle } from "../../lib/use-title";
import { StorePanels } from "./StorePanels";
import classes from "./StatusPage.module.css";

const TABS = ["server", "store", "flags", "config"] as const;

export default function StatusPage() {
  useTitle("Status");
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((name) => name === params.get("tab")) ?? "server";
  return (
    <div className={classes.page}>
      <h1>Status</h1>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(name) => setParams(name === null || name === "server" ? {} : { tab: name })}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="server">Server</Tabs.Tab>
          <Tabs.Tab value="store">Series store</Tabs.Tab>
          <Tabs.Tab value="flags">Flags</Tabs.Tab>
          <Tabs.Tab value="config">Configuration</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="server">
          <ServerInfo />
        </Tabs.Panel>
        <Tabs.Panel value="store">
          <StorePanels />
        </Tabs.Panel>
        <Tabs.Panel value="flags">
          <Loaded name="flags" load={({ signal }) => fetchFlags(signal)}>
            {(flags) => (
              <Facts facts={Object.entries(flags).sort(([a], [b]) => a.localeCompare(b))} mono />
            )}
          </Loaded>
        </Tabs.Panel>
        <Tabs.Panel value="config">
          <Loaded name="config" load={({ signal }) => fetchConfig(signal)}>
            {(yaml) => (
              <pre className={classes.yaml} tabIndex={0}>
                {yaml}
              </pre>
            )}
          </Loaded>
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function ServerInfo() {
  const { zone } = usePreferences();
  const nowMs = useNow(1_000);
  const time = (text: string) => formatTime(Date.parse(text), zone);
  return (
    <div className={classes.two}>
      <Loaded name="runtime" load={({ signal }) => fetchRuntimeInfo(signal)}>
        {(runtime) => (
          <Facts
            title="This run"
            facts={[
              ["Running for", formatAge((nowMs - Date.parse(runtime.startTime)) / 1000)],
              ["Started", time(runtime.startTime)],
              ["Configuration loaded", time(runtime.lastConfigTime)],
              [
                "Last reload",
                runtime.reloadConfigSuccess ? "went well" : "failed: the earlier one is in use",
              ],
              ["Retention", runtime.storageRetention || "–"],
              ["Directory", runtime.CWD || "–"],
            ]}
          />
        )}
      </Loaded>
      <Loaded name="build" load={({ signal }) => fetchBuildInfo(signal)}>
        {(build) => (
          <Facts
            title="This build"
            facts={[
              ["Version", build.bellwether],
              ["Revision", build.revision || "–"],
              ["Branch", build.branch || "–"],
              ["Built", build.buildDate || "–"],
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}

interface LoadedProps<T> {
  name: string;
  load: QueryFunction<T>;
  children: (data: T) => ReactNode;
}

function Loaded<T>({ name, load, children }: LoadedProps<T>) {
  const { data, error } = useQuery<T>({ queryKey: ["status", name], queryFn: load });
  if (data !== undefined) return children(data);
  return error ? <ErrorNote error={error} /> : <Skeleton height={160} radius="md" />;
}

interface FactsProps {
  title?: string;
  facts: readonly (readonly [string, string])[];
  mono?: boolean;
}

function Facts({ title, facts, mono }: FactsProps) {
  return (
    <section className={classes.facts} data-mono={mono === true ? true : undefined}>
      {title !== undefined && <h2>{title}</h2>}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
