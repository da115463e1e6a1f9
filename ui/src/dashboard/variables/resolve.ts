/** Variables in the order in which they depend on each other, each resolved from those before. */
import type { Span } from "../../lib/timerange";
import { formatDuration, parseDuration } from "../../lib/duration";
import { niceStep } from "../../lib/grid";
import type { Variable, VariableOption } from "../model/types";
import { rangeVariables } from "./builtin";
import { type Chosen, interpolate, type Scope, variablesIn } from "./interpolate";
import { ALL, choose, pickOptions, sortOptions } from "./options";

export interface Resolved {
  variable: Variable;
  options: VariableOption[];
  /** As the URL has it: values, or ALL. */
  chosen: string[];
  error: Error | undefined;
}

/** Asks the server for the values of a query; variables in it are replaced already. */
export type Lookup = (query: string, span: Span) => Promise<(string | VariableOption)[]>;

export interface ResolveContext {
  span: Span;
  /** What the URL says of a variable; undefined where it says nothing. */
  wanted: (name: string) => readonly string[] | undefined;
  lookup: Lookup;
}

/** The source that every dashboard here has. */
export const DATASOURCE = { text: "Bellwether", value: "bellwether" };
const AUTO_PREFIX = "$__auto_interval_";

export async function resolveVariables(
  variables: readonly Variable[],
  context: ResolveContext,
): Promise<Resolved[]> {
  const resolved = new Map<string, Resolved>();
  for (const level of dependencyLevels(variables)) {
    const scope = {
      ...rangeVariables(context.span),
      ...scopeOf([...resolved.values()], context.span),
    };
    const answers = await Promise.all(level.map((one) => resolveOne(one, scope, context)));
    for (const answer of answers) resolved.set(answer.variable.name, answer);
  }
  return variables.flatMap(({ name }) => resolved.get(name) ?? []);
}

async function resolveOne(
  variable: Variable,
  scope: Scope,
  context: ResolveContext,
): Promise<Resolved> {
  let options: VariableOption[] = [];
  let error: Error | undefined;
  try {
    options = await offeredBy(variable, scope, context);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  const wanted = context.wanted(variable.name) ?? savedChoice(variable, scope);
  const fromUrl = context.wanted(variable.name) !== undefined;
  const chosen = choose(wanted, options, {
    multi: variable.multi,
    includeAll: variable.includeAll,
    // What somebody typed or linked to may not exist right now; without options nothing can.
    keepUnknown: fromUrl || error !== undefined || isFree(variable),
  });
  return { variable, options, chosen, error };
}

function isFree(variable: Variable): boolean {
  return (
    variable.type === "textbox" || variable.type === "adhoc" || variable.type === "unsupported"
  );
}

function savedChoice(variable: Variable, scope: Scope): readonly string[] {
  if (variable.type === "textbox") {
    return [variable.saved[0] ?? interpolate(variable.value, scope, "plain")];
  }
  // Saved names of data sources belong to another installation.
  return variable.type === "datasource" ? [] : variable.saved;
}

async function offeredBy(
  variable: Variable,
  scope: Scope,
  { span, lookup }: ResolveContext,
): Promise<VariableOption[]> {
  switch (variable.type) {
    case "query": {
      const found = await lookup(interpolate(variable.query, scope, "promql"), span);
      const regex = interpolate(variable.regex, scope, "plain");
      return sortOptions(pickOptions(found, regex), variable.sort);
    }
    case "custom":
      return variable.options.map(({ text, value }) => ({
        text,
        value: interpolate(value, scope, "plain"),
      }));
    case "constant": {
      const value = interpolate(variable.value, scope, "plain");
      return [{ text: value, value }];
    }
    case "interval": {
      const auto = { text: "auto", value: `${AUTO_PREFIX}${variable.name}` };
      return variable.auto ? [auto, ...variable.options] : variable.options;
    }
    case "datasource":
      return [DATASOURCE];
    case "textbox":
    case "adhoc":
    case "unsupported":
      return [];
  }
}

/** The scope in which queries and titles are read. */
export function scopeOf(resolved: readonly Resolved[], span: Span): Scope {
  return Object.fromEntries(
    resolved.map((one) => [one.variable.name, chosenOf(one, span)] as const),
  );
}

function chosenOf({ variable, options, chosen }: Resolved, span: Span): Chosen {
  const multi = variable.multi || variable.includeAll;
  if (chosen.includes(ALL)) {
    return {
      values: options.map(({ value }) => value),
      texts: ["All"],
      multi: true,
      allValue: variable.allValue,
    };
  }
  const values = chosen.map((value) =>
    value.startsWith(AUTO_PREFIX) ? autoInterval(variable, span) : value,
  );
  const texts = chosen.map(
    (value) => options.find((option) => option.value === value)?.text ?? value,
  );
  return { values, texts, multi };
}

function autoInterval(variable: Variable, span: Span): string {
  const auto = variable.type === "interval" ? variable.auto : undefined;
  const least = parseDuration(auto?.least ?? "") ?? 10;
  return formatDuration(niceStep(span.end - span.start, least, auto?.count ?? 30));
}

/** Variables that depend on none first, then those that depend on these; circles come last. */
export function dependencyLevels(variables: readonly Variable[]): Variable[][] {
  const names = new Set(variables.map(({ name }) => name));
  const done = new Set<string>();
  let waiting = [...variables];
  const levels: Variable[][] = [];
  while (waiting.length > 0) {
    const ready = waiting.filter((variable) =>
      [...dependencies(variable)].every(
        (name) => name === variable.name || !names.has(name) || done.has(name),
      ),
    );
    const level = ready.length > 0 ? ready : waiting;
    levels.push(level);
    for (const { name } of level) done.add(name);
    waiting = waiting.filter((variable) => !level.includes(variable));
  }
  return levels;
}

export function dependencies(variable: Variable): Set<string> {
  switch (variable.type) {
    case "query":
      return variablesIn(`${variable.query} ${variable.regex}`);
    case "constant":
    case "textbox":
      return variablesIn(variable.value);
    case "custom":
      return variablesIn(variable.options.map(({ value }) => value).join(" "));
    default:
      return new Set();
  }
}
