/** A look behind a panel: what it asked, how long that took, the data, its JSON. */
import { Drawer, Tabs } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useComputedColorScheme } from "@mantine/core";
import { ErrorNote } from "../../components/ErrorNote";
import type { Placed } from "../../dashboard/layout";
import { panelIssues } from "../../dashboard/model/report";
import { formatDuration } from "../../lib/duration";
import { format } from "../../lib/format";
import { usePreferences } from "../../lib/preferences";
import { DataTable } from "../../panels/table/DataTable";
import { showFrames } from "../../data/shown";
import classes from "./InspectDrawer.module.css";
import { usePanelData } from "./use-panel-data";

interface Props {
  placed: Placed;
  onClose: () => void;
}

export function InspectDrawer({ placed, onClose }: Props) {
  const { ref, width } = useElementSize();
  // The width that the panel itself most likely asked with: the answer is then at hand.
  const data = usePanelData(placed, Math.max(width, 1), true);
  const scheme = useComputedColorScheme("light");
  const { zone } = usePreferences();
  const issues = panelIssues(placed.panel);
  const shown = showFrames(
    data.frames,
    { defaults: {}, overrides: [] },
    {
      scheme,
      zone,
      nowMs: Date.now(),
      interpolate: (text) => text,
      defaultColorMode: "palette-classic",
    },
  );
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={`Inspect: ${placed.title || placed.panel.type}`}
    >
      <div ref={ref}>
        <Tabs defaultValue="queries">
          <Tabs.List mb="sm">
            <Tabs.Tab value="queries">Queries</Tabs.Tab>
            <Tabs.Tab value="data">Data</Tabs.Tab>
            <Tabs.Tab value="json">Panel JSON</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="queries" className={classes.queries}>
            {data.answer?.asked.map((asked) => (
              <section key={asked.refId}>
                <h3>
                  {asked.refId}
                  <small>
                    {asked.step === undefined ? "instant" : `step ${formatDuration(asked.step)}`} ·{" "}
                    {asked.series} series · {format(asked.tookMs / 1000, "seconds")}
                  </small>
                </h3>
                <code>{asked.expr}</code>
                {asked.error && <ErrorNote error={asked.error} />}
              </section>
            ))}
            {issues.map(({ path, feature }) => (
              <p key={path + feature} className={classes.issue}>
                Not supported: {feature} <code>{path}</code>
              </p>
            ))}
          </Tabs.Panel>
          <Tabs.Panel value="data">
            <DataTable frames={shown} height={560} />
          </Tabs.Panel>
          <Tabs.Panel value="json">
            <pre className={classes.json}>{JSON.stringify(placed.panel.json, null, 2)}</pre>
          </Tabs.Panel>
        </Tabs>
      </div>
    </Drawer>
  );
}
