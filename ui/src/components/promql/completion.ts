/** Completion of PromQL: the library knows where functions may be, the server which there are. */
import type { Completion } from "@codemirror/autocomplete";
import {
  type CompleteStrategy,
  newCompleteStrategy,
} from "@prometheus-io/codemirror-promql/dist/esm/complete";
import { fetchFunctions, type PromqlFunction } from "../../api/promql";
import { createCompletionClient } from "./completion-client";

export function createCompletion(): CompleteStrategy {
  const strategy = newCompleteStrategy({ remote: createCompletionClient() });
  let functions: Promise<PromqlFunction[]> | undefined;

  /** Asked once; a failure offers the library's own list, and the next completion asks again. */
  function known() {
    functions ??= fetchFunctions().catch(() => {
      functions = undefined;
      return [];
    });
    return functions;
  }

  return {
    async promQL(context) {
      const [result, served] = await Promise.all([strategy.promQL(context), known()]);
      return result && { ...result, options: withServed(result.options, served) };
    },
    destroy: () => strategy.destroy?.(),
  };
}

/** Where functions are offered, those that the server has instead of those that the library knows. */
export function withServed(
  options: readonly Completion[],
  served: readonly PromqlFunction[],
): readonly Completion[] {
  const usual = options.filter(isFunction);
  if (usual.length === 0 || served.length === 0) return options;
  return [...options.filter((option) => !isFunction(option)), ...served.map(completionOf)];
}

function isFunction({ type }: Completion) {
  return type === "function";
}

function completionOf({ name, help, isOwn, isExperimental, ...rest }: PromqlFunction): Completion {
  const kind = isExperimental ? "experimental function" : "function";
  return {
    label: name,
    type: "function",
    detail: isOwn ? `${kind} of Bellwether` : kind,
    info: `${name}(${rest.arguments.join(", ")})\n${help}`,
  };
}
