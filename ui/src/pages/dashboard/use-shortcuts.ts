/** The keys of an open dashboard; those for a panel go to the one under the pointer or in focus. */
import { useHotkeys } from "@mantine/hooks";
import { useKeySequences } from "../../lib/use-key-sequences";
import { usePreferences } from "../../lib/preferences";
import { resolveRange, shifted } from "../../lib/timerange";
import type { TimeParams } from "../../lib/use-time-params";

export interface PanelAtHand {
  key: string;
  id: number;
}

interface Actions {
  time: TimeParams;
  refresh: () => void;
  editDashboard: () => void;
  openSettings: () => void;
  save: () => void;
  back: () => void;
  view: (panel: PanelAtHand) => void;
  edit: (panel: PanelAtHand) => void;
  inspect: (panel: PanelAtHand) => void;
  /** Undefined unless the dashboard is being edited. */
  duplicate: ((panel: PanelAtHand) => void) | undefined;
  remove: ((panel: PanelAtHand) => void) | undefined;
}

export function useShortcuts(actions: Actions): void {
  const { time, refresh } = actions;
  const { zone } = usePreferences();
  const shift = (direction: -1 | 1) => {
    const span = resolveRange(time.range, Date.now(), zone);
    if (span) time.zoomTo(shifted(span, direction));
  };
  const withPanel = (act: ((panel: PanelAtHand) => void) | undefined) => () => {
    const panel = panelAtHand();
    if (panel) act?.(panel);
  };
  useKeySequences({
    e: () => {
      const panel = panelAtHand();
      if (panel) actions.edit(panel);
      else actions.editDashboard();
    },
    v: withPanel(actions.view),
    i: withPanel(actions.inspect),
    r: refresh,
    "d r": refresh,
    "d s": actions.openSettings,
    "p d": withPanel(actions.duplicate),
    "p r": withPanel(actions.remove),
    "t z": time.zoomOut,
    "t left": () => shift(-1),
    "t right": () => shift(1),
    escape: actions.back,
  });
  useHotkeys([["mod+S", actions.save]], []);
}

/** Hover and focus are the browser's to know. */
function panelAtHand(): PanelAtHand | undefined {
  const element =
    document.querySelector<HTMLElement>("[data-panel]:focus-within") ??
    document.querySelector<HTMLElement>("[data-panel]:hover");
  const { panel, panelId } = element?.dataset ?? {};
  return panel === undefined ? undefined : { key: panel, id: Number(panelId) };
}
