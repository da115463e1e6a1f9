/** The name that Prometheus and Alertmanager give a label set: a 64-bit FNV-1a hash in hex. */
import type { Labels } from "../lib/series";

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
/** Cannot occur within UTF-8, so it keeps names and values apart. */
const SEPARATOR = 0xff;

const encoder = new TextEncoder();

export function fingerprint(labels: Labels): string {
  let hash = OFFSET;
  const add = (byte: number) => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
  };
  for (const name of Object.keys(labels).sort()) {
    for (const part of [name, labels[name] ?? ""]) {
      encoder.encode(part).forEach(add);
      add(SEPARATOR);
    }
  }
  return hash.toString(16).padStart(16, "0");
}
