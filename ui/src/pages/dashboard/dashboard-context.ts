/** What all panels of an open dashboard share. */
import { createContext, useContext } from "react";
import type { AdhocFilter, Dashboard } from "../../dashboard/model/types";
import type { Scope } from "../../dashboard/variables/interpolate";
import type { Span } from "../../lib/timerange";
import type { TimeParams } from "../../lib/use-time-params";
import type { Annotation } from "../../panels/timeseries/marks";

export interface DashboardShared {
  dashboard: Dashboard;
  /** Chosen values; a repeated panel narrows them. */
  scope: Scope;
  filters: readonly AdhocFilter[];
  time: TimeParams;
  annotations: readonly Annotation[];
  /** Seconds; data do not come more often. */
  scrapeSeconds: number;
  /** False until the variables are known: queries wait. */
  ready: boolean;
  onView: (key: string | undefined) => void;
  onInspect: (key: string) => void;
  /** Opens the editor of the panel with this id. */
  onEdit: (id: number) => void;
  /** Somebody wants to leave a note on the panel with this id. */
  onMark: (id: number, span: Span) => void;
  /** Only while editing. */
  onDuplicate?: (id: number) => void;
  onRemove?: (id: number) => void;
}

const Context = createContext<DashboardShared | undefined>(undefined);

export const DashboardProvider = Context.Provider;

export function useDashboard(): DashboardShared {
  const shared = useContext(Context);
  if (!shared) throw new Error("invariant: panels are drawn within a dashboard");
  return shared;
}
