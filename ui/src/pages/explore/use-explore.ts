/** Explore's state: what was run is in the URL, what is being typed is local until it runs. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import {
  type ExploreQuery,
  type ExploreState,
  QUERIES_MAX,
  readExplore,
  type Side,
  writeExplore,
} from "./explore-url";

export interface Draft extends ExploreQuery {
  /** Keeps an editor with its query when others come and go. */
  id: number;
}

let lastId = 0;

export function useExplore(side: Side) {
  const [params, setParams] = useSearchParams();
  const queryClient = useQueryClient();
  const state = useMemo(() => readExplore(params, side), [params, side]);
  const { drafts, setDrafts } = useDrafts(state.queries);

  const commit = useCallback(
    (change: Partial<ExploreState>) => {
      setParams((old) => writeExplore(old, { ...readExplore(old, side), ...change }, side));
    },
    [setParams, side],
  );
  const setQueries = (next: Draft[]) => {
    setDrafts(next);
    commit({ queries: next.map(({ expr, enabled }) => ({ expr: expr.trim(), enabled })) });
  };

  return {
    state,
    drafts,
    commit,
    /** Runs what is typed; a second run of the same asks the server again. */
    run: () => {
      setQueries(drafts);
      void queryClient.invalidateQueries({ queryKey: ["explore"] });
    },
    cancel: () => void queryClient.cancelQueries({ queryKey: ["explore"] }),
    edit: (id: number, expr: string) =>
      setDrafts(drafts.map((draft) => (draft.id === id ? { ...draft, expr } : draft))),
    add: (expr = "") => {
      if (drafts.length < QUERIES_MAX) setQueries([...drafts, newDraft({ expr, enabled: true })]);
    },
    duplicate: (id: number) => {
      if (drafts.length >= QUERIES_MAX) return;
      setQueries(drafts.flatMap((draft) => (draft.id === id ? [draft, newDraft(draft)] : [draft])));
    },
    remove: (id: number) => {
      const rest = drafts.filter((draft) => draft.id !== id);
      setQueries(rest.length > 0 ? rest : [newDraft({ expr: "", enabled: true })]);
    },
    toggle: (id: number) =>
      setQueries(drafts.map((d) => (d.id === id ? { ...d, enabled: !d.enabled } : d))),
    /** Puts an expression in and runs it. */
    replace: (id: number, expr: string) =>
      setQueries(drafts.map((draft) => (draft.id === id ? { ...draft, expr } : draft))),
  };
}

/** Drafts follow the URL when it changes under them: a link, or the back button. */
function useDrafts(queries: ExploreQuery[]) {
  const [drafts, setDrafts] = useState(() => queries.map(newDraft));
  const [seen, setSeen] = useState(queries);
  if (queries !== seen) {
    setSeen(queries);
    if (!sameQueries(queries, drafts)) setDrafts(mergeDrafts(queries, seen, drafts));
  }
  return { drafts, setDrafts };
}

/** A query that the URL did not change keeps what is being typed into it. */
export function mergeDrafts(next: ExploreQuery[], seen: ExploreQuery[], drafts: Draft[]): Draft[] {
  return next.map((query, index) => {
    const draft = drafts[index];
    if (!draft) return newDraft(query);
    const unchanged = seen[index]?.expr === query.expr && drafts.length === next.length;
    return { id: draft.id, expr: unchanged ? draft.expr : query.expr, enabled: query.enabled };
  });
}

function sameQueries(queries: ExploreQuery[], drafts: Draft[]): boolean {
  return (
    queries.length === drafts.length &&
    queries.every(({ expr, enabled }, index) => {
      const draft = drafts[index];
      return draft?.expr.trim() === expr && draft.enabled === enabled;
    })
  );
}

function newDraft({ expr, enabled }: ExploreQuery): Draft {
  lastId += 1;
  return { id: lastId, expr, enabled };
}
