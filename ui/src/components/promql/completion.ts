/** Completion of PromQL: the library knows where functions may be, the server which there are. */
import { type Completion, CompletionContext } from "@codemirror/autocomplete";
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
      const served = await known();
      const result = await strategy.promQL(asUnderstood(context, served));
      return result && { ...result, options: withServed(result.options, served) };
    },
    destroy: () => strategy.destroy?.(),
  };
}

/**
 * The library's grammar does not know Bellwether's own functions and completes nothing in their
 * parentheses; it gets a function that it knows, with spaces so that every place stays the same.
 */
function asUnderstood(context: CompletionContext, served: readonly PromqlFunction[]) {
  const { state, pos, explicit } = context;
  const text = state.doc.toString();
  const understood = withKnownFunctions(text, served);
  if (understood === text) return context;
  const changes = { from: 0, to: text.length, insert: understood };
  return new CompletionContext(state.update({ changes }).state, pos, explicit);
}

const KNOWN_FUNCTION = "rate";

export function withKnownFunctions(query: string, served: readonly PromqlFunction[]): string {
  const own = served.filter(({ isOwn }) => isOwn).map(({ name }) => name);
  return query.replace(/\w+(?=\s*\()/g, (name) =>
    own.includes(name) ? KNOWN_FUNCTION.padEnd(name.length) : name,
  );
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
