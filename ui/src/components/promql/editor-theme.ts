/** The editor's looks: our tokens, and a palette for PromQL that works on both backgrounds. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { ColorScheme } from "../../theme/series-colors";

const dark = {
  name: "#e4ebe6",
  word: "#c99cf0",
  label: "#7fc7d9",
  text: "#a3cf82",
  number: "#f0a988",
};
const light = {
  name: "#1b2420",
  word: "#6a3fb5",
  label: "#166b83",
  text: "#3c7022",
  number: "#a8431f",
};

export function editorTheme(scheme: ColorScheme): Extension {
  const colors = scheme === "dark" ? dark : light;
  const highlight = HighlightStyle.define([
    { tag: [tags.variableName, tags.definition(tags.variableName)], color: colors.name },
    { tag: [tags.keyword, tags.modifier, tags.function(tags.variableName)], color: colors.word },
    { tag: [tags.labelName, tags.propertyName], color: colors.label },
    { tag: tags.string, color: colors.text },
    { tag: tags.number, color: colors.number },
    { tag: tags.comment, color: "var(--bw-dim)", fontStyle: "italic" },
    { tag: [tags.operator, tags.paren, tags.brace, tags.squareBracket], color: "var(--bw-dim)" },
  ]);
  return [chrome(scheme), syntaxHighlighting(highlight)];
}

function chrome(scheme: ColorScheme): Extension {
  const floating = {
    border: "1px solid var(--bw-line-strong)",
    borderRadius: "8px",
    backgroundColor: "var(--bw-raised)",
    color: "var(--bw-text)",
    boxShadow: "0 8px 28px rgb(0 0 0 / 18%)",
  };
  return EditorView.theme(
    {
      "&": { fontSize: "13.5px", backgroundColor: "transparent", color: "var(--bw-text)" },
      "&.cm-focused": { outline: "none" },
      ".cm-scroller": { fontFamily: "var(--bw-mono)", lineHeight: "1.55", maxHeight: "220px" },
      ".cm-content": { padding: "6px 0", caretColor: "var(--bw-accent)" },
      ".cm-line": { padding: "0 10px" },
      ".cm-cursor": { borderLeftColor: "var(--bw-accent)", borderLeftWidth: "2px" },
      ".cm-placeholder": { color: "var(--bw-dim)" },
      "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
        backgroundColor: "color-mix(in srgb, var(--bw-accent) 28%, transparent)",
      },
      "&.cm-focused .cm-matchingBracket": {
        backgroundColor: "var(--bw-accent-soft)",
        outline: "1px solid var(--bw-accent)",
      },
      ".cm-tooltip.cm-tooltip": floating,
      ".cm-tooltip.cm-tooltip-autocomplete > ul": {
        fontFamily: "var(--bw-mono)",
        fontSize: "12.5px",
        maxHeight: "280px",
        borderRadius: "7px",
      },
      ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px" },
      ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
        backgroundColor: "var(--bw-accent-soft)",
        color: "var(--bw-text)",
      },
      ".cm-completionMatchedText": {
        textDecoration: "none",
        color: "var(--bw-accent)",
        fontWeight: "650",
      },
      ".cm-completionDetail": { color: "var(--bw-dim)", fontStyle: "normal" },
      ".cm-completionInfo": {
        ...floating,
        padding: "8px 10px",
        maxWidth: "360px",
        fontFamily: "var(--bw-font)",
        fontSize: "12.5px",
        whiteSpace: "pre-line",
      },
      ".cm-diagnostic": { padding: "6px 10px", fontSize: "12.5px" },
      ".cm-diagnostic-error": { borderLeft: "3px solid var(--bw-bad)" },
      ".cm-panels": { backgroundColor: "var(--bw-sunken)", color: "var(--bw-text)" },
    },
    { dark: scheme === "dark" },
  );
}
