/** The name that Prometheus and Alertmanager give a label set: a 64-bit FNV-1a hash in hex. */
import type { Labels } from "../lib/series";

/** Cannot occur within UTF-8, so it keeps names and values apart. */
const SEPARATOR = 0xff;
/** The prime is 2^40 and this. */
const PRIME_LOW = 0x1b3;
const WORD = 2 ** 32;

const encoder = new TextEncoder();

export function fingerprint(labels: Labels): string {
  // In two words, as numbers hold 53 bits and BigInt is slow.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const add = (byte: number) => {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * PRIME_LOW;
    high = (Math.imul(high, PRIME_LOW) + Math.floor(product / WORD) + (mixed << 8)) >>> 0;
    low = product >>> 0;
  };
  for (const name of Object.keys(labels).sort()) {
    for (const part of [name, labels[name] ?? ""]) {
      encoder.encode(part).forEach(add);
      add(SEPARATOR);
    }
  }
  return [high, low].map((word) => word.toString(16).padStart(8, "0")).join("");
}
