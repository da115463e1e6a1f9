/** Annotations of a dashboard: which are on, and what happened within the range. */
import { useComputedColorScheme } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { AnnotationQuery, Dashboard } from "../../dashboard/model/types";
import { askAnnotations, askNotes } from "../../dashboard/queries/annotations";
import { interpolate, type Scope } from "../../dashboard/variables/interpolate";
import { usePreferences } from "../../lib/preferences";
import { resolveRange, type TimeRange } from "../../lib/timerange";
import type { Annotation } from "../../panels/timeseries/marks";

export interface AnnotationState {
  events: readonly Annotation[];
  error: Error | null;
  isOn: (query: AnnotationQuery) => boolean;
  toggle: (query: AnnotationQuery) => void;
}

const NONE: readonly Annotation[] = [];

export function useAnnotations(
  dashboard: Dashboard,
  scope: Scope,
  ready: boolean,
  range: TimeRange,
): AnnotationState {
  const scheme = useComputedColorScheme("light");
  const { zone } = usePreferences();
  const [switched, setSwitched] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOn = (query: AnnotationQuery) => switched.get(query.name) ?? query.enabled;
  const active = dashboard.annotations.filter(isOn);
  const wanted = active.map((query) =>
    query.source === "promql" ? interpolate(query.expr, scope, "promql") : query,
  );
  const { data, error } = useQuery({
    queryKey: ["dashboard", dashboard.uid, "annotations", wanted, range, zone, scheme],
    enabled: ready && active.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const span = resolveRange(range, Date.now(), zone);
      if (!span) return NONE;
      const asked = active.map((query) =>
        query.source === "promql"
          ? askAnnotations(query, span, scope, scheme, signal)
          : askNotes(query, dashboard.uid, span, scheme, signal),
      );
      return (await Promise.all(asked)).flat();
    },
  });
  return {
    events: active.length > 0 ? (data ?? NONE) : NONE,
    error,
    isOn,
    toggle: (query) => setSwitched(new Map(switched).set(query.name, !isOn(query))),
  };
}
