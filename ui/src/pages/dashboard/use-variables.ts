/** The dashboard's variables: chosen in the URL as `var-name`, resolved against the server. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { AdhocFilter, Dashboard } from "../../dashboard/model/types";
import { readFilters } from "../../dashboard/variables/adhoc";
import type { Scope } from "../../dashboard/variables/interpolate";
import { lookUp } from "../../dashboard/variables/lookup";
import { type Resolved, resolveVariables, scopeOf } from "../../dashboard/variables/resolve";
import { usePreferences } from "../../lib/preferences";
import { resolveRange, type Span, type TimeRange } from "../../lib/timerange";

export interface Variables {
  resolved: Resolved[];
  scope: Scope;
  filters: AdhocFilter[];
  ready: boolean;
  error: Error | null;
  choose: (name: string, values: readonly string[]) => void;
}

const PREFIX = "var-";
const FALLBACK_SPAN: Span = { start: 0, end: 3600 };

export function useVariables(dashboard: Dashboard, range: TimeRange): Variables {
  const [params, setParams] = useSearchParams();
  const { zone } = usePreferences();
  const fromUrl = useMemo(() => chosenInUrl(params), [params]);
  const urlKey = JSON.stringify([...fromUrl]);
  const query = useQuery({
    queryKey: ["dashboard", dashboard.uid, "variables", dashboard.variables, urlKey, range, zone],
    placeholderData: keepPreviousData,
    // Answers follow the range and what is chosen; a refresh of the panels leaves them alone.
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const span = resolveRange(range, Date.now(), zone) ?? FALLBACK_SPAN;
      const resolved = await resolveVariables(dashboard.variables, {
        span,
        wanted: (name) => fromUrl.get(name),
        lookup: (text, within) => lookUp(text, within, signal),
      });
      return { resolved, span };
    },
  });
  const { data, error } = query;
  const scope = useMemo(() => {
    if (!data) return {};
    return {
      ...scopeOf(data.resolved, data.span),
      ...inputsOf(dashboard),
      __dashboard: dashboard.title,
      __org: "1",
      // For links: what makes another page show the same.
      __url_time_range: new URLSearchParams({ from: range.from, to: range.to }).toString(),
      __all_variables: allVariables(data.resolved),
    };
  }, [data, dashboard, range]);
  const filters = useMemo(
    () =>
      dashboard.variables.flatMap((variable) => {
        if (variable.type !== "adhoc") return [];
        const chosen = fromUrl.get(variable.name);
        return chosen ? readFilters(chosen) : variable.filters;
      }),
    // The map is made anew with every address; its text tells whether it differs.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [dashboard, urlKey],
  );
  const choose = useCallback(
    (name: string, values: readonly string[]) =>
      setParams((old) => {
        old.delete(PREFIX + name);
        for (const value of values.length > 0 ? values : [""]) old.append(PREFIX + name, value);
        return old;
      }),
    [setParams],
  );
  return {
    resolved: data?.resolved ?? [],
    scope,
    filters,
    ready: data !== undefined,
    error,
    choose,
  };
}

function chosenInUrl(params: URLSearchParams): Map<string, string[]> {
  const chosen = new Map<string, string[]>();
  for (const [key, value] of params) {
    if (!key.startsWith(PREFIX)) continue;
    const name = key.slice(PREFIX.length);
    const known = chosen.get(name) ?? [];
    chosen.set(name, value === "" ? known : [...known, value]);
  }
  return chosen;
}

function allVariables(resolved: readonly Resolved[]): string {
  const pairs = resolved.flatMap(({ variable, chosen }) =>
    chosen.map((value) => [PREFIX + variable.name, value]),
  );
  return new URLSearchParams(pairs).toString();
}

/** A shared dashboard asks for constants when imported; until then its own values hold. */
function inputsOf(dashboard: Dashboard): Scope {
  return Object.fromEntries(
    dashboard.inputs
      .filter(({ type }) => type === "constant")
      .map(({ name, value }) => [name, value] as const),
  );
}
