/** What of a dashboard this UI does not do, each with its place in the JSON. */
import { transformationIds } from "../../data/transform/ids";
import { objs, str } from "../../lib/json";
import { drawnTypes, laterTypes } from "../../panels/types";
import supported from "../supported.json";
import type { Dashboard, Issue, Panel } from "./types";

const MATCHERS: ReadonlySet<string> = new Set(supported.matchers);

export function findIssues(dashboard: Omit<Dashboard, "issues">): Issue[] {
  const issues: Issue[] = [];
  const visit = (panels: readonly Panel[]) => {
    for (const panel of panels) {
      issues.push(...panelIssues(panel));
      visit(panel.panels);
    }
  };
  visit(dashboard.panels);
  for (const variable of dashboard.variables) {
    if (variable.type === "unsupported") {
      issues.push({ path: variable.path, feature: `variable of type ${variable.was}` });
    }
  }
  return issues;
}

export function panelIssues(panel: Panel): Issue[] {
  if (panel.type === "row") return [];
  const issues: Issue[] = [];
  const add = (below: string, feature: string) =>
    issues.push({ path: panel.path + below, feature });
  if (panel.json.libraryPanel !== undefined && panel.targets.length === 0) {
    add(".libraryPanel", "library panel whose model is not in the file");
  } else if (laterTypes.has(panel.type)) {
    add(".type", `panel of type ${panel.type}, which comes later`);
  } else if (!drawnTypes.has(panel.type)) {
    add(".type", `panel of type ${panel.type || "(none)"}`);
  }
  panel.targets.forEach((target, index) => {
    if (target.unsupported !== undefined) add(`.targets[${index}]`, target.unsupported);
  });
  panel.transformations.forEach(({ id }, index) => {
    if (!transformationIds.has(id)) add(`.transformations[${index}]`, `transformation ${id}`);
  });
  panel.fieldConfig.overrides.forEach(({ matcher }, index) => {
    if (!MATCHERS.has(matcher.id)) {
      add(`.fieldConfig.overrides[${index}].matcher`, `matcher ${matcher.id}`);
    }
  });
  if (panel.json.alert !== undefined) add(".alert", "alert kept in a panel");
  objs(panel.json.timeRegions).forEach((region, index) =>
    add(`.timeRegions[${index}]`, `time region ${str(region.op, "")}`.trim()),
  );
  return issues;
}
