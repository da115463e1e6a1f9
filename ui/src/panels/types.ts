/** Which types of panels are drawn, and which are known but come later. */
import supported from "../dashboard/supported.json";

export const drawnTypes: ReadonlySet<string> = new Set(supported.panels);

export const laterTypes: ReadonlySet<string> = new Set(supported.laterPanels);

/** What this server does not keep yet, by the panel that would show it. */
export const missingSources: ReadonlyMap<string, string> = new Map([
  ["logs", "There is no data source for logs yet."],
  ["traces", "There is no data source for traces yet."],
]);
