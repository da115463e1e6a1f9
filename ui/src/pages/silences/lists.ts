/** Silences as the page lists them: by state, searched, with what each keeps quiet. */
import type { HeldAlert, Silence, SilenceState } from "../../api/alertmanager";
import { formatMatchers } from "../../lib/matchers";

export function filterSilences(silences: readonly Silence[], search: string): Silence[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return silences.filter(({ id, matchers, createdBy, comment }) => {
    const text = [id, formatMatchers(matchers), createdBy, comment].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** What ends first comes first; of what has ended, the latest. */
export function sortSilences(silences: readonly Silence[], state: SilenceState): Silence[] {
  const sign = state === "expired" ? -1 : 1;
  const key = ({ startsAt, endsAt }: Silence) =>
    Date.parse(state === "pending" ? startsAt : endsAt);
  return silences.toSorted((a, b) => sign * (key(a) - key(b)) || a.id.localeCompare(b.id));
}

/** Alerts by the silences that keep them quiet. */
export function alertsBySilence(held: readonly HeldAlert[]): Map<string, HeldAlert[]> {
  const found = new Map<string, HeldAlert[]>();
  for (const alert of held) {
    for (const id of alert.status.silencedBy) found.set(id, [...(found.get(id) ?? []), alert]);
  }
  return found;
}
