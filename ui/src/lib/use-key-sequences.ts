/** Shortcuts of one key or of two in a row, such as `d r`; they rest while somebody types. */
import { useEffect, useRef } from "react";

/** By keys in lower case with a space between; arrows are `left` and `right`. */
export type KeySequences = Record<string, () => void>;

/** The second key comes soon or not at all. */
const PAUSE_MS = 1_200;

export function useKeySequences(sequences: KeySequences): void {
  const latest = useRef(sequences);
  useEffect(() => {
    latest.current = sequences;
  });
  useEffect(() => {
    let begun: { key: string; at: number } | undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const key = event.key.toLowerCase().replace("arrow", "");
      const first = begun && event.timeStamp - begun.at < PAUSE_MS ? `${begun.key} ` : "";
      const action = latest.current[first + key];
      begun = undefined;
      if (action) {
        event.preventDefault();
        action();
      } else if (Object.keys(latest.current).some((one) => one.startsWith(`${key} `))) {
        begun = { key, at: event.timeStamp };
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  // A dialog has the keyboard for itself.
  const typed = "input, textarea, select, [contenteditable='true'], [role=dialog], [role=menu]";
  return target.closest(typed) !== null;
}
