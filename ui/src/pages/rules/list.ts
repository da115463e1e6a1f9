/** Which rules the page shows, and in what order. */
import {
  type Rule,
  type RuleGroup,
  type RuleHealth,
  ruleHealths,
  type RuleState,
} from "../../api/rules";
import { formatMatchers, matchersOf } from "../../lib/matchers";

export interface RuleFilter {
  search: string;
  type: "all" | Rule["type"];
  state: "all" | RuleState;
  health: "all" | RuleHealth;
}

export function readFilter(params: URLSearchParams): RuleFilter {
  const type = params.get("type");
  const state = params.get("state");
  return {
    search: params.get("search") ?? "",
    type: type === "alerting" || type === "recording" ? type : "all",
    state: state === "firing" || state === "pending" || state === "inactive" ? state : "all",
    health: ruleHealths.find((health) => health === params.get("health")) ?? "all",
  };
}

export function filterGroups(groups: readonly RuleGroup[], filter: RuleFilter): RuleGroup[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => {
        if (filter.type !== "all" && rule.type !== filter.type) return false;
        if (filter.health !== "all" && rule.health !== filter.health) return false;
        if (filter.state !== "all" && (rule.type !== "alerting" || rule.state !== filter.state))
          return false;
        const text = searchable(group, rule);
        return words.every((word) => text.includes(word));
      }),
    }))
    .filter(({ rules }) => rules.length > 0);
}

function searchable({ name, file }: RuleGroup, rule: Rule): string {
  const labels = formatMatchers(matchersOf(rule.labels));
  return [rule.name, rule.query, labels, rule.lastError, name, file].join("\n").toLowerCase();
}

export interface RuleOfGroup {
  group: RuleGroup;
  rule: Rule;
}

/** All rules in one list, those that take longest first. */
export function slowestFirst(groups: readonly RuleGroup[]): RuleOfGroup[] {
  return groups
    .flatMap((group) => group.rules.map((rule) => ({ group, rule })))
    .sort((a, b) => b.rule.evaluationTime - a.rule.evaluationTime);
}

/** An evaluation that takes longer than its interval misses the next. */
export function isTooSlow({ evaluationTime, interval }: RuleGroup): boolean {
  return interval > 0 && evaluationTime > interval * 0.8;
}
