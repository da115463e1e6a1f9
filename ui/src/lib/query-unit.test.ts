/** Units of queries: what the names promise, through functions that keep or change it. */
import { expect, it } from "vitest";
import type { Unit } from "./format";
import { unitOfQuery } from "./query-unit";

it.each<[string, Unit]>([
  ["node_memory_MemFree_bytes", "bytes"],
  ['process_resident_memory_bytes{job="a"}', "bytes"],
  ["sum by (job) (process_resident_memory_bytes)", "bytes"],
  ["sum(process_resident_memory_bytes) by (job)", "bytes"],
  ["topk(3, node_filesystem_avail_bytes)", "bytes"],
  ["avg_over_time(node_memory_MemFree_bytes[5m])", "bytes"],
  ["rate(node_network_receive_bytes_total[1m])", "bytesPerSecond"],
  ["sum(rate(node_network_receive_bytes_total[1m]))", "bytesPerSecond"],
  ["rate(node_cpu_seconds_total[1m])", "number"],
  [
    "histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
    "seconds",
  ],
  ["a_bytes / b_bytes", "number"],
  ["sum(a_bytes) / sum(b_bytes)", "number"],
  ["count(a_bytes)", "number"],
  ["up", "number"],
  ["", "number"],
  ["sum(", "number"],
])("%s is in %s", (query, unit) => {
  expect(unitOfQuery(query)).toBe(unit);
});
