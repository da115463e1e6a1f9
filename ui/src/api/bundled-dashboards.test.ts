/** The dashboards that come along are read without complaint and refer to nothing that is not there. */
import { describe, expect, it } from "vitest";
import { allPanels, parseDashboard } from "../dashboard/model/parse";
import { variablesIn } from "../dashboard/variables/interpolate";
import { bundledDashboard, bundledHits } from "./bundled-dashboards";

const hits = await bundledHits();

it("there are some", () => {
  expect(hits.map(({ uid }) => uid).sort()).toEqual([
    "bellwether",
    "cardinality",
    "service-overview",
    "system-resources",
  ]);
});

describe.each(hits.map(({ uid }) => uid))("%s", (uid) => {
  it("is found by its uid, and is well made", async () => {
    const dashboard = parseDashboard(await bundledDashboard(uid));
    expect(dashboard.uid).toBe(uid);
    expect(dashboard.description).not.toBe("");
    expect(dashboard.issues).toEqual([]);
    const panels = allPanels(dashboard.panels);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title } of panels) expect(title).not.toBe("");
  });

  it("names no variable that it has not", async () => {
    const dashboard = parseDashboard(await bundledDashboard(uid));
    const known = new Set(dashboard.variables.map(({ name }) => name));
    for (const panel of allPanels(dashboard.panels)) {
      for (const text of [panel.title, ...panel.targets.map(({ expr }) => expr)]) {
        const unknown = [...variablesIn(text)].filter((n) => !known.has(n) && !n.startsWith("__"));
        expect(unknown, text).toEqual([]);
      }
    }
  });
});
