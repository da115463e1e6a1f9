/** JSON as text, checked as it is typed and applied when asked: for all that has no control. */
import { Button, Textarea } from "@mantine/core";
import { useMemo, useState } from "react";
import { ErrorNote } from "../../../components/ErrorNote";
import { isObject, type JsonObject } from "../../../lib/json";
import classes from "./PanelEditor.module.css";

interface Props {
  json: JsonObject;
  /** Throws with what is wrong beyond the syntax. */
  check?: (json: JsonObject) => void;
  onApply: (json: JsonObject) => void;
}

export function JsonEditor({ json, check, onApply }: Props) {
  const initial = useMemo(() => JSON.stringify(json, null, 2), [json]);
  const [text, setText] = useState(initial);
  const read = useMemo(() => readObject(text, check), [text, check]);
  return (
    <div className={classes.json}>
      <Textarea
        aria-label="JSON"
        autosize
        minRows={12}
        maxRows={32}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        styles={{ input: { fontFamily: "var(--bw-mono)", fontSize: 12 } }}
      />
      {read instanceof Error && <ErrorNote error={read} />}
      <Button
        size="xs"
        disabled={read instanceof Error || text === initial}
        onClick={() => !(read instanceof Error) && onApply(read)}
      >
        Apply
      </Button>
    </div>
  );
}

function readObject(text: string, check: Props["check"]): JsonObject | Error {
  try {
    const read: unknown = JSON.parse(text);
    if (!isObject(read)) return new Error("This must be a JSON object.");
    check?.(read);
    return read;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
