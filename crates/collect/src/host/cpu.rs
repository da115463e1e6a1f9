//! Processors: time by mode, frequency, scheduler, soft interrupts of the network.

use super::{CollectError, HostContext, names, read, read_number};
use crate::exposition::Exposition;

/// Ticks of `/proc/stat` a second: the kernel's interface to user space has fixed it.
const TICKS_PER_SECOND: f64 = 100.0;

const MODES: [&str; 8] = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

/// `node_cpu_seconds_total`, `node_cpu_guest_seconds_total`
pub(super) fn seconds(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for line in read(&context.procfs.join("stat"))?.lines() {
        let mut fields = line.split_whitespace();
        let Some(cpu) = fields.next().and_then(|name| name.strip_prefix("cpu")) else { continue };
        if cpu.is_empty() {
            continue;
        }
        let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
        for (mode, ticks) in MODES.iter().zip(&ticks) {
            out.counter(
                "node_cpu_seconds_total",
                "Seconds the CPUs spent in each mode.",
                &[("cpu", cpu), ("mode", mode)],
                ticks / TICKS_PER_SECOND,
            );
        }
        for (mode, ticks) in ["user", "nice"].iter().zip(ticks.iter().skip(MODES.len())) {
            out.counter(
                "node_cpu_guest_seconds_total",
                "Seconds the CPUs spent in guests (VMs) for each mode.",
                &[("cpu", cpu), ("mode", mode)],
                ticks / TICKS_PER_SECOND,
            );
        }
    }
    Ok(())
}

/// `node_cpu_frequency_…_hertz`, `node_cpu_scaling_frequency_…_hertz`
pub(super) fn frequency(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.sysfs.join("devices/system/cpu");
    let files = [
        ("cpuinfo_cur_freq", "node_cpu_frequency_hertz", "Current CPU thread frequency in hertz."),
        (
            "cpuinfo_min_freq",
            "node_cpu_frequency_min_hertz",
            "Minimum CPU thread frequency in hertz.",
        ),
        (
            "cpuinfo_max_freq",
            "node_cpu_frequency_max_hertz",
            "Maximum CPU thread frequency in hertz.",
        ),
        (
            "scaling_cur_freq",
            "node_cpu_scaling_frequency_hertz",
            "Current scaled CPU thread frequency in hertz.",
        ),
        (
            "scaling_min_freq",
            "node_cpu_scaling_frequency_min_hertz",
            "Minimum scaled CPU thread frequency in hertz.",
        ),
        (
            "scaling_max_freq",
            "node_cpu_scaling_frequency_max_hertz",
            "Maximum scaled CPU thread frequency in hertz.",
        ),
    ];
    for name in names(&base) {
        let Some(cpu) =
            name.strip_prefix("cpu").filter(|cpu| cpu.bytes().all(|b| b.is_ascii_digit()))
        else {
            continue;
        };
        for (file, metric, help) in files {
            if let Ok(khz) = read_number(&base.join(&name).join("cpufreq").join(file)) {
                out.gauge(metric, help, &[("cpu", cpu)], khz * 1000.0);
            }
        }
    }
    Ok(())
}

/// `node_schedstat_…`
pub(super) fn schedule(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    const NANOSECONDS: f64 = 1e9;
    for line in read(&context.procfs.join("schedstat"))?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let Some(cpu) = fields.first().and_then(|name| name.strip_prefix("cpu")) else { continue };
        let number = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
        let (Some(running), Some(waiting), Some(slices)) = (number(7), number(8), number(9)) else {
            continue;
        };
        let labels = [("cpu", cpu)];
        out.counter(
            "node_schedstat_running_seconds_total",
            "Number of seconds CPU spent running a process.",
            &labels,
            running / NANOSECONDS,
        );
        out.counter(
            "node_schedstat_waiting_seconds_total",
            "Number of seconds spent by processing waiting for this CPU.",
            &labels,
            waiting / NANOSECONDS,
        );
        out.counter(
            "node_schedstat_timeslices_total",
            "Number of timeslices executed by CPU.",
            &labels,
            slices,
        );
    }
    Ok(())
}

/// `node_softnet_…`
pub(super) fn softnet(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let columns = [
        (0, "node_softnet_processed_total", "Number of processed packets"),
        (1, "node_softnet_dropped_total", "Number of dropped packets"),
        (
            2,
            "node_softnet_times_squeezed_total",
            "Number of times processing packets ran out of quota",
        ),
        (
            8,
            "node_softnet_cpu_collision_total",
            "Number of collision occur while obtaining device lock while transmitting",
        ),
        (9, "node_softnet_received_rps_total", "Number of times cpu woken up received_rps"),
        (10, "node_softnet_flow_limit_count_total", "Number of times flow limit has been reached"),
    ];
    for (row, line) in read(&context.procfs.join("net/softnet_stat"))?.lines().enumerate() {
        let fields: Vec<f64> = line
            .split_whitespace()
            .filter_map(|field| u64::from_str_radix(field, 16).ok().map(|number| number as f64))
            .collect();
        let cpu = fields.get(12).map_or_else(|| row.to_string(), |cpu| cpu.to_string());
        for (index, metric, help) in columns {
            if let Some(value) = fields.get(index) {
                out.counter(metric, help, &[("cpu", &cpu)], *value);
            }
        }
        if let Some(length) = fields.get(11) {
            out.gauge(
                "node_softnet_backlog_len",
                "Softnet backlog status",
                &[("cpu", &cpu)],
                *length,
            );
        }
    }
    Ok(())
}
