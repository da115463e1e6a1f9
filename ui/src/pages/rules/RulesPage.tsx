/** Rules: what is watched and computed, in groups, with what it costs and where it fails. */
import { SegmentedControl, Select, Skeleton } from "@mantine/core";
import { useMemo } from "react";
import { useRules } from "../../alerting/use-alerts";
import type { RuleGroup } from "../../api/rules";
import { Choices } from "../../components/Choices";
import { ErrorNote } from "../../components/ErrorNote";
import { FilterInput } from "../../components/FilterInput";
import { formatDuration } from "../../lib/duration";
import { format, formatAge } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { useTitle } from "../../lib/use-title";
import { useViewParams } from "../../lib/use-view-params";
import { filterGroups, isTooSlow, readFilter, type RuleFilter, slowestFirst } from "./list";
import { RuleRow } from "./RuleRow";
import classes from "./RulesPage.module.css";

const SLOWEST_MAX = 200;

export default function RulesPage() {
  useTitle("Rules");
  const { params, set } = useViewParams();
  const filter = useMemo(() => readFilter(params), [params]);
  const bySlowness = params.get("sort") === "slowest";
  const { data, error, isPending } = useRules();
  const found = useMemo(() => filterGroups(data ?? [], filter), [data, filter]);
  const choose = (key: string) => (value: string | null) =>
    set(key, value === "all" || value === null ? "" : value);

  return (
    <div className={classes.page}>
      <div className={classes.filters}>
        <Choices
          label="State"
          value={filter.state}
          onChange={choose("state")}
          choices={stateChoices(data ?? [], filter)}
        />
        <div className={classes.right}>
          <FilterInput
            className={classes.search}
            label="Search rules"
            placeholder="Name, expression, label, group or error"
            value={filter.search}
            onChange={(next) => set("search", next)}
          />
          <Select
            className={classes.select}
            aria-label="Type"
            allowDeselect={false}
            value={filter.type}
            onChange={choose("type")}
            data={[
              { value: "all", label: "All types" },
              { value: "alerting", label: "Alerting" },
              { value: "recording", label: "Recording" },
            ]}
          />
          <Select
            className={classes.select}
            aria-label="Health"
            allowDeselect={false}
            value={filter.health}
            onChange={choose("health")}
            data={[
              { value: "all", label: "Any health" },
              { value: "ok", label: "Healthy" },
              { value: "err", label: "Failing" },
              { value: "unknown", label: "Not yet run" },
            ]}
          />
          <SegmentedControl
            aria-label="Order"
            size="sm"
            value={bySlowness ? "slowest" : "group"}
            onChange={(next) => set("sort", next === "group" ? "" : next)}
            data={[
              { value: "group", label: "Groups" },
              { value: "slowest", label: "Slowest" },
            ]}
          />
        </div>
      </div>
      {error && !data && <ErrorNote error={error} />}
      {isPending && <Skeleton height={300} radius="md" aria-label="Loading" />}
      {!isPending && !error && found.length === 0 && (
        <p className={classes.nothing}>
          {(data ?? []).length > 0
            ? "No rule is like that. Widen the filter above."
            : "There are no rules. Name your rule files under alerting.rules in bellwether.yml."}
        </p>
      )}
      {bySlowness && found.length > 0 ? (
        <section className={classes.group} aria-label="Slowest rules">
          <ul className={classes.rows}>
            {slowestFirst(found)
              .slice(0, SLOWEST_MAX)
              .map(({ group, rule }, index) => (
                <RuleRow
                  key={`${groupKey(group)} ${rule.name} ${index}`}
                  rule={rule}
                  group={group}
                />
              ))}
          </ul>
        </section>
      ) : (
        found.map((group) => <Group key={groupKey(group)} group={group} />)
      )}
    </div>
  );
}

function Group({ group }: { group: RuleGroup }) {
  const nowMs = useNow(1_000);
  const evaluatedMs = Date.parse(group.lastEvaluation);
  const failing = group.rules.filter(({ health }) => health === "err").length;
  return (
    <section className={classes.group} aria-label={`Group ${group.name}`}>
      <header>
        <h2>{group.name}</h2>
        <span className={classes.file}>{group.file}</span>
        {failing > 0 && <span className={classes.failing}>{failing} failing</span>}
        <span className={classes.facts} data-slow={isTooSlow(group) || undefined}>
          every {formatDuration(group.interval)}, took {format(group.evaluationTime, "seconds")}
          {evaluatedMs > 0 && `, ${formatAge(Math.max(0, nowMs - evaluatedMs) / 1000)} ago`}
        </span>
      </header>
      <ul className={classes.rows}>
        {group.rules.map((rule, index) => (
          <RuleRow key={`${rule.name} ${index}`} rule={rule} />
        ))}
      </ul>
    </section>
  );
}

function groupKey({ file, name }: RuleGroup): string {
  return JSON.stringify([file, name]);
}

function stateChoices(groups: readonly RuleGroup[], filter: RuleFilter) {
  const count = (state: RuleFilter["state"]) =>
    filterGroups(groups, { ...filter, state }).reduce((sum, { rules }) => sum + rules.length, 0);
  return [
    { value: "all" as const, label: "All", count: count("all") },
    { value: "firing" as const, label: "Firing", count: count("firing") },
    { value: "pending" as const, label: "Pending", count: count("pending") },
    { value: "inactive" as const, label: "Inactive", count: count("inactive") },
  ];
}
