/** Two dashboards side by side, reduced to where they differ. */
import { useMemo } from "react";
import type { Json, JsonObject } from "../../../lib/json";
import { type Change, diffJson } from "../../../lib/json-diff";
import classes from "./DiffView.module.css";

interface Props {
  before: JsonObject;
  after: JsonObject;
}

/** More is no longer read by anybody. */
const SHOWN_MAX = 200;
const TEXT_MAX = 2_000;
/** These differ by every save. */
const BY_THE_WAY = new Set(["version", "id", "uid", "iteration"]);

export function DiffView({ before, after }: Props) {
  const changes = useMemo(
    () => diffJson(before, after).filter(({ path }) => !BY_THE_WAY.has(path)),
    [before, after],
  );
  if (changes.length === 0) return <p className={classes.none}>They are the same.</p>;
  return (
    <div>
      <ul className={classes.changes} aria-label="Differences">
        {changes.slice(0, SHOWN_MAX).map((change) => (
          <ChangeRow key={change.kind + change.path} change={change} />
        ))}
      </ul>
      {changes.length > SHOWN_MAX && (
        <p className={classes.none}>and {changes.length - SHOWN_MAX} more differences</p>
      )}
    </div>
  );
}

function ChangeRow({ change: { path, kind, before, after } }: { change: Change }) {
  return (
    <li>
      <span className={classes.path}>
        <em data-kind={kind}>{kind}</em> <code>{path === "" ? "all of it" : path}</code>
      </span>
      {kind === "moved" ? (
        <code className={classes.after}>{textOf(after)}</code>
      ) : (
        <>
          {before !== undefined && (
            <pre className={classes.before}>
              <span aria-hidden="true">− </span>
              {textOf(before)}
            </pre>
          )}
          {after !== undefined && (
            <pre className={classes.after}>
              <span aria-hidden="true">+ </span>
              {textOf(after)}
            </pre>
          )}
        </>
      )}
    </li>
  );
}

function textOf(value: Json | undefined): string {
  const text = JSON.stringify(value, null, 2);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}
