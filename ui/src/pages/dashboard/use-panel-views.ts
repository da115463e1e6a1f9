/** Which panel is seen alone or edited, kept in the address. */
import { useCallback } from "react";
import { useSearchParams } from "react-router";

export interface PanelViews {
  /** The key of a placed panel, or its id. */
  viewed: string | undefined;
  /** The id of a panel. */
  edited: string | undefined;
  view: (key: string | undefined) => void;
  edit: (id: number | undefined) => void;
}

export function usePanelViews(): PanelViews {
  const [params, setParams] = useSearchParams();
  const open = useCallback(
    (name: "viewPanel" | "editPanel", value: string | undefined) =>
      setParams((old) => {
        old.delete("viewPanel");
        old.delete("editPanel");
        if (value !== undefined) old.set(name, value);
        return old;
      }),
    [setParams],
  );
  return {
    viewed: params.get("viewPanel") ?? undefined,
    edited: params.get("editPanel") ?? undefined,
    view: useCallback((key) => open("viewPanel", key), [open]),
    edit: useCallback((id) => open("editPanel", id === undefined ? undefined : String(id)), [open]),
  };
}
