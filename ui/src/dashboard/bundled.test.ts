/** The dashboards that come along are read without complaint and refer to nothing that is not there. */
import { describe, expect, it } from "vitest";
import { obj, str } from "../lib/json";
import { allPanels, parseDashboard } from "./model/parse";
import { variablesIn } from "./variables/interpolate";

const files = import.meta.glob<unknown>("../../../content/dashboards/*.json", {
  import: "default",
  eager: true,
});
const bundled = Object.entries(files).map(([path, json]) => ({
  name: path.split("/").at(-1)?.replace(".json", "") ?? "",
  json,
}));

it("there are some", () => {
  expect(bundled.map(({ name }) => name).sort()).toEqual([
    "auth-service",
    "bellwether",
    "cardinality",
    "iot-fleet",
    "mqtt-broker",
    "postgresql",
    "redis",
    "service-overview",
    "system-resources",
  ]);
});

describe.each(bundled)("$name", ({ name, json }) => {
  const dashboard = parseDashboard(json);

  it("is called like its file, and is well made", () => {
    expect(dashboard.uid).toBe(name);
    expect(dashboard.description).not.toBe("");
    expect(dashboard.issues).toEqual([]);
    const panels = allPanels(dashboard.panels);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title } of panels) expect(title).not.toBe("");
  });

  it("names no variable that it has not", () => {
    const known = new Set(dashboard.variables.map((variable) => variable.name));
    for (const panel of allPanels(dashboard.panels)) {
      for (const text of [panel.title, ...panel.targets.map(({ expr }) => expr)]) {
        const unknown = [...variablesIn(text)].filter((n) => !known.has(n) && !n.startsWith("__"));
        expect(unknown, text).toEqual([]);
      }
    }
  });

  it("has one title", () => {
    const titles = bundled.map((one) => str(obj(one.json).title));
    expect(titles.filter((title) => title === dashboard.title)).toHaveLength(1);
  });
});
