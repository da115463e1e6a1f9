/** Whether the server answers: set by the fetch funnel, shown by the connection banner. */
import { useSyncExternalStore } from "react";

type Connection = "up" | "lost";

let connection: Connection = "up";
const listeners = new Set<() => void>();

export function reportConnection(next: Connection): void {
  if (next === connection) return;
  connection = next;
  listeners.forEach((listener) => listener());
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribe, () => connection);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
