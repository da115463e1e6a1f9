/** Said in the place of a drawing when there is nothing to draw, with the reason where it is known. */
import type { PanelProps } from "./panel-props";
import { str } from "../lib/json";
import classes from "./NoData.module.css";

export function NoData({ panel }: { panel?: Pick<PanelProps, "frames" | "fieldConfig"> }) {
  const frames = panel?.frames ?? [];
  const native = frames.some(({ fields }) => fields.some(({ histograms }) => histograms));
  return (
    <div className={classes.note}>
      {native
        ? "Native histograms have no line; draw them as a heatmap or take a quantile."
        : str(panel?.fieldConfig.defaults.noValue, "No data")}
    </div>
  );
}

/** For what this page knows of but cannot draw yet. */
export function Unsupported({ what }: { what: string }) {
  return <div className={classes.note}>{what}</div>;
}
