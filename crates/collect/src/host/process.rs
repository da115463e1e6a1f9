//! This process: the standard `process_…` metrics.

use std::path::Path;

use super::read;
use crate::exposition::Exposition;

const TICKS_PER_SECOND: f64 = 100.0;

/// Adds the metrics of this process; those that the system does not tell are left out.
pub fn write(out: &mut Exposition) {
    let proc = Path::new("/proc/self");
    if let Some(fields) = stat_fields(proc) {
        // Positions of proc(5) from the third field on: the name before may hold blanks.
        let number = |field: usize| fields.get(field - 3).copied().unwrap_or(0.0);
        out.counter(
            "process_cpu_seconds_total",
            "Total user and system CPU time spent in seconds.",
            &[],
            (number(14) + number(15)) / TICKS_PER_SECOND,
        );
        out.gauge("process_threads", "Number of threads.", &[], number(20));
        out.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", &[], number(23));
        out.gauge(
            "process_resident_memory_bytes",
            "Resident memory size in bytes.",
            &[],
            number(24) * rustix::param::page_size() as f64,
        );
        if let Some(boot) = boot_time() {
            let started = boot + number(22) / TICKS_PER_SECOND;
            out.gauge(
                "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.",
                &[],
                started,
            );
        }
    }
    if let Ok(entries) = std::fs::read_dir(proc.join("fd")) {
        out.gauge(
            "process_open_fds",
            "Number of open file descriptors.",
            &[],
            entries.count() as f64,
        );
    }
    if let Some(max) = rustix::process::getrlimit(rustix::process::Resource::Nofile).current {
        out.gauge("process_max_fds", "Maximum number of open file descriptors.", &[], max as f64);
    }
}

fn stat_fields(proc: &Path) -> Option<Vec<f64>> {
    let text = read(&proc.join("stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect())
}

fn boot_time() -> Option<f64> {
    let text = read(Path::new("/proc/stat")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_described() {
        let mut out = Exposition::default();
        write(&mut out);
        let text = out.render();
        for metric in [
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_start_time_seconds",
        ] {
            assert!(text.contains(&format!("\n{metric} ")), "{metric} in {text}");
        }
    }
}
