/** Addresses that strangers wrote: only those that cannot run anything. */

/** Links to web pages, mail and places here; undefined for everything else. */
export function safeUrl(url: string | null | undefined): string | undefined {
  const trimmed = (url ?? "").trim();
  if (/^(?:https?:\/\/|mailto:)/i.test(trimmed)) return trimmed;
  // Browsers ignore control characters within a scheme, so anything with a colon up front is out.
  return /^(?:[/?#]|[\w.-]+(?:[/?#]|$))/.test(trimmed) && !trimmed.startsWith("//")
    ? trimmed
    : undefined;
}
