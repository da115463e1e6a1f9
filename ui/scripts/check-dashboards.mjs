/**
 * Reads dashboards (files, or folders of them) and reports what of them the UI does not support:
 * `node scripts/check-dashboards.mjs DIR`. Fails when one cannot be read or leaves changed.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import { createServer } from "vite";

const files = process.argv.slice(2).flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith(".json"))
        .map((name) => join(path, name))
    : [path],
);
if (files.length === 0) {
  console.error("usage: node scripts/check-dashboards.mjs FILE_OR_FOLDER...");
  process.exit(2);
}

const vite = await createServer({
  server: { middlewareMode: true, hmr: false, ws: false },
  appType: "custom",
  // A server for developing may run from the same folder; its cache is its own.
  optimizeDeps: { noDiscovery: true, include: [] },
  logLevel: "error",
});
const { allPanels, exportDashboard, parseDashboardText } = await vite.ssrLoadModule(
  "/src/dashboard/model/parse.ts",
);
let failed = false;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  try {
    const dashboard = parseDashboardText(text);
    const came = JSON.parse(text);
    const inner = came.dashboard ?? came;
    if (!isDeepStrictEqual(exportDashboard(dashboard), inner)) {
      throw new Error("it leaves changed");
    }
    const { title, panels, variables, issues } = dashboard;
    console.log(
      `${file}: "${title}", ${allPanels(panels).length} panels, ${variables.length} variables, ` +
        `${issues.length} not supported`,
    );
    for (const { path, feature } of issues) console.log(`  ${path}: ${feature}`);
  } catch (error) {
    failed = true;
    console.log(`${file}: ${error.message}`);
  }
}
await vite.close();
process.exit(failed ? 1 : 0);
