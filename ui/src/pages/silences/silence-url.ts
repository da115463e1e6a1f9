/** The address of the form that makes or changes a silence. */
import type { Matcher } from "../../lib/matchers";
import { formatMatcher, parseMatchers } from "../../lib/matchers";

export interface SilenceRequest {
  matchers: Matcher[];
  /** The silence to be changed or, when it has expired, made again. */
  id?: string | undefined;
}

export function silenceLink({ matchers, id }: Partial<SilenceRequest>): string {
  const params = new URLSearchParams();
  if (id !== undefined) params.set("id", id);
  for (const matcher of matchers ?? []) params.append("match", formatMatcher(matcher));
  return `/alerts/silences/edit?${params.toString()}`;
}

/** What cannot be read as a matcher is left out. */
export function readSilenceRequest(params: URLSearchParams): SilenceRequest {
  return {
    id: params.get("id") ?? undefined,
    matchers: params.getAll("match").flatMap((text) => parseMatchers(text).matchers ?? []),
  };
}
