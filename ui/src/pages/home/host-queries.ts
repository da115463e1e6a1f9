/** PromQL over node_exporter's metric names: what the host overview asks. */
import { matcher } from "../../lib/series";

export interface Host {
  instance: string;
  job: string;
  /** As the kernel calls it. */
  name: string;
  release: string;
  machine: string;
}

/** File systems that no disk stands behind, or that are full by nature. */
const FS = 'fstype!~"tmpfs|ramfs|devtmpfs|squashfs|iso9660|efivarfs|fuse.lxcfs"';
const VIRTUAL_DISKS = 'device!~"(loop|ram|zram|dm-|sr|fd)[0-9]+"';
const VIRTUAL_NICS = 'device!~"lo|veth.*|br-.*|docker.*|cali.*|flannel.*|cni.*"';

/** `window` is the range that rates are taken over, such as `20s`. */
export function hostQueries(host: Pick<Host, "instance" | "job">, window: string) {
  const on = `${matcher("job", host.job)},${matcher("instance", host.instance)}`;
  const gauge = (name: string, more = "") => `${name}{${[on, more].filter(Boolean).join(",")}}`;
  const rate = (name: string, more = "") => `rate(${gauge(name, more)}[${window}])`;
  const cpuTime = rate("node_cpu_seconds_total");
  const memory = {
    total: gauge("node_memory_MemTotal_bytes"),
    available: gauge("node_memory_MemAvailable_bytes"),
    free: gauge("node_memory_MemFree_bytes"),
  };
  const fullness =
    `1 - ${gauge("node_filesystem_avail_bytes", FS)} / ` +
    `(${gauge("node_filesystem_size_bytes", FS)} > 0)`;
  return {
    // Shares of all CPU time, not of elapsed time: right even from the first two scrapes on,
    // when a rate over a window that is not full yet comes out too low.
    cpuBusy: `1 - sum(${rate("node_cpu_seconds_total", 'mode="idle"')}) / sum(${cpuTime})`,
    cpuByMode: `sum by (mode) (${rate("node_cpu_seconds_total", 'mode!="idle"')}) / scalar(sum(${cpuTime}))`,
    cpuCount: `count(${gauge("node_cpu_seconds_total", 'mode="idle"')})`,
    memoryUsedRatio: `1 - ${memory.available} / ${memory.total}`,
    memoryUsed: `${memory.total} - ${memory.available}`,
    memoryCached: `${memory.available} - ${memory.free}`,
    memoryFree: memory.free,
    memoryTotal: memory.total,
    diskRead: `sum(${rate("node_disk_read_bytes_total", VIRTUAL_DISKS)})`,
    diskWrite: `sum(${rate("node_disk_written_bytes_total", VIRTUAL_DISKS)})`,
    networkIn: `sum(${rate("node_network_receive_bytes_total", VIRTUAL_NICS)})`,
    networkOut: `sum(${rate("node_network_transmit_bytes_total", VIRTUAL_NICS)})`,
    load1: gauge("node_load1"),
    load5: gauge("node_load5"),
    load15: gauge("node_load15"),
    rootFullness: `max(${fullness.replaceAll(FS, `${FS},mountpoint="/"`)})`,
    rootAvailable: `max(${gauge("node_filesystem_avail_bytes", `${FS},mountpoint="/"`)})`,
    fullness: `max by (mountpoint) (${fullness})`,
    fsSize: `max by (mountpoint) (${gauge("node_filesystem_size_bytes", FS)})`,
    fsAvailable: `max by (mountpoint) (${gauge("node_filesystem_avail_bytes", FS)})`,
    uptime: `${gauge("node_time_seconds")} - ${gauge("node_boot_time_seconds")}`,
  };
}

export type HostQueries = ReturnType<typeof hostQueries>;
