/** Labels as people type them: `severity="critical", team=web`. */
import { parseMatchers } from "../../lib/matchers";
import type { Labels } from "../../lib/series";

/** Neither labels nor an error: nothing was typed. */
export function parseLabels(text: string): { labels?: Labels; error?: string } {
  if (text.trim() === "") return {};
  const { matchers, error } = parseMatchers(text);
  if (error !== undefined) return { error: `Not a label: ${text.trim().slice(0, 60)}` };
  const other = matchers.find(({ op }) => op !== "=");
  if (other) return { error: `An alert's label has one value: ${other.name}="..."` };
  return { labels: Object.fromEntries(matchers.map(({ name, value }) => [name, value])) };
}
