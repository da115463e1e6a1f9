/** A dashboard while it is edited: what it is now, and the steps back and forth. */
import { useCallback, useMemo, useReducer } from "react";
import { parseDashboard } from "../../dashboard/model/parse";
import type { Dashboard } from "../../dashboard/model/types";
import type { JsonObject } from "../../lib/json";

export interface Draft {
  dashboard: Dashboard;
  isDirty: boolean;
  canUndo: boolean;
  canRedo: boolean;
  /** Edits with the same key in a row, such as the letters of a title, are one step. */
  edit: (document: JsonObject, key?: string) => void;
  undo: () => void;
  redo: () => void;
  discard: () => void;
}

interface History {
  past: JsonObject[];
  /** Undefined: as it was loaded. */
  present: JsonObject | undefined;
  future: JsonObject[];
  lastKey: string | undefined;
}

type Action =
  | { type: "edit"; from: JsonObject; to: JsonObject; key: string | undefined }
  | { type: "undo" | "redo" | "discard" };

const STEPS_MAX = 100;
const UNTOUCHED: History = { past: [], present: undefined, future: [], lastKey: undefined };

export function reduceHistory(history: History, action: Action): History {
  const { past, present, future } = history;
  switch (action.type) {
    case "edit": {
      const goesOn = action.key !== undefined && action.key === history.lastKey;
      const before = present ?? action.from;
      return {
        past: goesOn ? past : [...past, before].slice(-STEPS_MAX),
        present: action.to,
        future: [],
        lastKey: action.key,
      };
    }
    case "undo": {
      const before = past.at(-1);
      if (!before || !present) return history;
      return {
        past: past.slice(0, -1),
        present: before,
        future: [present, ...future],
        lastKey: undefined,
      };
    }
    case "redo": {
      const [next, ...rest] = future;
      if (!next || !present) return history;
      return { past: [...past, present], present: next, future: rest, lastKey: undefined };
    }
    case "discard":
      return UNTOUCHED;
  }
}

export function useDraft(loaded: Dashboard): Draft {
  const [history, dispatch] = useReducer(reduceHistory, UNTOUCHED);
  const { present, past, future } = history;
  const dashboard = useMemo(
    () => (present ? { ...parseDashboard(present), uid: loaded.uid } : loaded),
    [present, loaded],
  );
  const edit = useCallback(
    (to: JsonObject, key?: string) => dispatch({ type: "edit", from: loaded.document, to, key }),
    [loaded],
  );
  const undo = useCallback(() => dispatch({ type: "undo" }), []);
  const redo = useCallback(() => dispatch({ type: "redo" }), []);
  const discard = useCallback(() => dispatch({ type: "discard" }), []);
  const [canUndo, canRedo] = [past.length > 0, future.length > 0];
  return useMemo(
    () => ({ dashboard, isDirty: canUndo, canUndo, canRedo, edit, undo, redo, discard }),
    [dashboard, canUndo, canRedo, edit, undo, redo, discard],
  );
}
