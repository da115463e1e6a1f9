/** Recording and alerting rules with how their last evaluation went: /rules. */
import {
  array,
  type Decoder,
  floatString,
  number,
  object,
  oneOf,
  optional,
  plainObject,
  record,
  string,
  withDefault,
} from "../lib/decode";
import { call, ifServed } from "./http";

export const ruleHealths = ["ok", "err", "unknown"] as const;
export type RuleHealth = (typeof ruleHealths)[number];

export const ruleStates = ["firing", "pending", "inactive", "unknown"] as const;
export type RuleState = (typeof ruleStates)[number];

const activeAlert = object({
  labels: record(string),
  annotations: withDefault(record(string), {}),
  state: oneOf("firing", "pending", "inactive"),
  /** RFC 3339. */
  activeAt: optional(string),
  keepFiringSince: optional(string),
  value: withDefault(floatString, NaN),
});

/** What both types of rule have. */
const evaluated = {
  name: string,
  /** The expression. */
  query: string,
  labels: withDefault(record(string), {}),
  health: withDefault(oneOf(...ruleHealths), "unknown"),
  lastError: withDefault(string, ""),
  /** Seconds. */
  evaluationTime: withDefault(number, 0),
  /** RFC 3339; year 1 before the first evaluation. */
  lastEvaluation: withDefault(string, ""),
};

const alertingRule = object({
  ...evaluated,
  state: withDefault(oneOf(...ruleStates), "unknown"),
  /** Seconds that the condition must hold before the alert fires. */
  duration: withDefault(number, 0),
  /** Seconds that it goes on firing after the condition has ended. */
  keepFiringFor: withDefault(number, 0),
  annotations: withDefault(record(string), {}),
  alerts: withDefault(array(activeAlert), []),
});

const recordingRule = object(evaluated);

export type ActiveAlert = ReturnType<typeof activeAlert>;
export type AlertingRule = ReturnType<typeof alertingRule> & { type: "alerting" };
export type RecordingRule = ReturnType<typeof recordingRule> & { type: "recording" };
export type Rule = AlertingRule | RecordingRule;

const rule: Decoder<Rule> = (value, path) => {
  const type = oneOf("alerting", "recording")(plainObject(value, path).type, `${path}.type`);
  return type === "alerting"
    ? { type, ...alertingRule(value, path) }
    : { type, ...recordingRule(value, path) };
};

const ruleGroup = object({
  name: string,
  file: withDefault(string, ""),
  rules: array(rule),
  /** Seconds. */
  interval: withDefault(number, 0),
  limit: withDefault(number, 0),
  /** Seconds. */
  evaluationTime: withDefault(number, 0),
  lastEvaluation: withDefault(string, ""),
});

export type RuleGroup = ReturnType<typeof ruleGroup>;

export const ruleGroups: Decoder<RuleGroup[]> = (value, path) =>
  array(ruleGroup)(plainObject(value, path).groups, `${path}.groups`);

/** Null when the server evaluates no rules at all. */
export async function fetchRules(signal?: AbortSignal): Promise<RuleGroup[] | null> {
  return (await ifServed(call("/rules", {}, ruleGroups, signal)))?.data ?? null;
}
