/** A switch for each query that annotates the graphs. */
import { Switch, Tooltip } from "@mantine/core";
import type { AnnotationQuery } from "../../dashboard/model/types";
import type { AnnotationState } from "./use-annotations";

interface Props {
  queries: readonly AnnotationQuery[];
  state: AnnotationState;
}

export function AnnotationSwitches({ queries, state }: Props) {
  return queries
    .filter(({ hidden }) => !hidden)
    .map((query) => (
      <Tooltip key={query.name} label={state.error?.message ?? labelOf(query)} multiline maw={420}>
        <Switch
          size="xs"
          label={query.name}
          checked={state.isOn(query)}
          error={state.isOn(query) && state.error !== null}
          onChange={() => state.toggle(query)}
          styles={{ body: { alignItems: "center", height: 30 } }}
        />
      </Tooltip>
    ));
}

function labelOf(query: AnnotationQuery): string {
  if (query.source === "promql") return query.expr;
  return query.tags.length === 0
    ? "Notes on this dashboard"
    : `Notes with ${query.tags.join(", ")}`;
}
