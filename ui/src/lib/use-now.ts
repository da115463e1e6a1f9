/** The time, for what shows an age: one shared timer a period, however many ask. */
import { useSyncExternalStore } from "react";

interface Clock {
  nowMs: number;
  listeners: Set<() => void>;
  subscribe: (listener: () => void) => () => void;
}

const clocks = new Map<number, Clock>();

/** Milliseconds since the epoch, renewed every `periodMs`. */
export function useNow(periodMs: number): number {
  const clock = clockOf(periodMs);
  return useSyncExternalStore(clock.subscribe, () => clock.nowMs);
}

function clockOf(periodMs: number): Clock {
  const known = clocks.get(periodMs);
  if (known) return known;
  let timer: ReturnType<typeof setInterval> | undefined;
  const clock: Clock = {
    nowMs: Date.now(),
    listeners: new Set(),
    subscribe: (listener) => {
      clock.listeners.add(listener);
      timer ??= setInterval(() => {
        clock.nowMs = Date.now();
        clock.listeners.forEach((notify) => notify());
      }, periodMs);
      return () => {
        clock.listeners.delete(listener);
        if (clock.listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
  clocks.set(periodMs, clock);
  return clock;
}
