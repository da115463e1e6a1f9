/** Dashboards compiled into the UI, loaded when first asked for. */
import { obj, str, strs } from "../lib/json";
import type { DashboardHit } from "./dashboards";

const files = import.meta.glob<unknown>("../../../content/dashboards/*.json", {
  import: "default",
});

export async function bundledHits(): Promise<DashboardHit[]> {
  const all = await Promise.all(Object.values(files).map((load) => load()));
  return all.map((json) => {
    const { uid, title, tags } = obj(json);
    return {
      uid: str(uid, ""),
      title: str(title, ""),
      tags: strs(tags),
      folder: undefined,
      home: "bundled",
    };
  });
}

/** The file is named after the uid. */
export async function bundledDashboard(uid: string): Promise<unknown> {
  const name = `/${uid}.json`;
  const [, load] = Object.entries(files).find(([path]) => path.endsWith(name)) ?? [];
  return load?.();
}
