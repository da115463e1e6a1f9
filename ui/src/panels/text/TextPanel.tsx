/** Text with markdown or HTML, of which only harmless elements are kept. */
import { useMemo } from "react";
import { str } from "../../lib/json";
import type { PanelProps } from "../panel-props";
import { markdownToHtml, safeElements } from "./safe-html";
import classes from "./TextPanel.module.css";

export default function TextPanel({ options, show, height }: PanelProps) {
  const mode = str(options.mode, "markdown");
  const content = str(options.content, "");
  const { interpolate } = show;
  const body = useMemo(() => {
    const text = interpolate(content, {});
    if (mode === "code") return <pre>{text}</pre>;
    return safeElements(mode === "html" ? text : markdownToHtml(text));
  }, [content, mode, interpolate]);
  return (
    <div className={classes.text} style={{ height }}>
      {body}
    </div>
  );
}
