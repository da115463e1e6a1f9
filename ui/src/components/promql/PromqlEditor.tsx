/** A PromQL editor: completion and underlined errors from the server, Shift-Enter or Ctrl-Enter runs. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { Annotation, Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useComputedColorScheme } from "@mantine/core";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { useEffect, useRef } from "react";
import { createCompletion } from "./completion";
import { editorTheme } from "./editor-theme";
import { parseErrors } from "./server-linter";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onRun: () => void;
  autoFocus?: boolean;
  /** The text has variables in it, so it is PromQL only once they are replaced. */
  templated?: boolean;
}

/** Marks changes that come from the outside, which must not be reported back. */
const External = Annotation.define<boolean>();

export default function PromqlEditor(props: Props) {
  const scheme = useComputedColorScheme("light");
  const container = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const themeSlot = useRef(new Compartment());
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    if (!container.current) return;
    const promql = new PromQLExtension()
      .activateLinter(false)
      .setComplete({ completeStrategy: createCompletion() });
    const run = () => {
      latest.current.onRun();
      return true;
    };
    const created = new EditorView({
      parent: container.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: "Shift-Enter", run },
              { key: "Mod-Enter", run },
            ]),
          ),
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false, maxRenderedOptions: 200 }),
          keymap.of([
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorView.lineWrapping,
          placeholder(
            "PromQL: a metric, or an expression such as rate(node_cpu_seconds_total[1m])",
          ),
          EditorView.contentAttributes.of({ "aria-label": latest.current.label }),
          promql.asExtension(),
          linter(
            ({ state }) => (latest.current.templated ? [] : parseErrors(state.doc.toString())),
            { delay: 500 },
          ),
          themeSlot.current.of([]),
          EditorView.updateListener.of((update) => {
            const external = update.transactions.some((tr) => tr.annotation(External));
            if (update.docChanged && !external)
              latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = created;
    if (latest.current.autoFocus) created.focus();
    return () => {
      created.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: themeSlot.current.reconfigure(editorTheme(scheme)) });
  }, [scheme]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === props.value) return;
    editor.dispatch({
      changes: { from: 0, to: editor.state.doc.length, insert: props.value },
      annotations: External.of(true),
    });
  }, [props.value]);

  return <div ref={container} />;
}
