//! This process: the `process_…` metrics that every client library exposes.
//!
//! Not a collector of the table: the main port exposes these as well.

use std::path::Path;

use rustix::process::{Resource, getrlimit};

use super::context::{CollectError, number, read};
use super::cpu::ticks_to_seconds;
use crate::exposition::Exposition;

/// What the kernel means by no limit (`RLIM_INFINITY`), and client libraries expose.
const UNLIMITED: u64 = u64::MAX;

/// Adds the metrics of this process; those that the system does not tell are left out.
pub fn write(out: &mut Exposition) {
    let proc = Path::new("/proc");
    if let Err(error) = stat(proc, out) {
        tracing::debug!(%error, "unable to describe this process");
    }
    if let Ok(entries) = std::fs::read_dir(proc.join("self/fd")) {
        // One of them is the directory itself while it is read.
        let open = entries.count().saturating_sub(1) as f64;
        out.gauge("process_open_fds", "Open file descriptors.", &[], open);
    }
    let limit = |resource| getrlimit(resource).current.unwrap_or(UNLIMITED) as f64;
    let help = "File descriptors that may be open at most.";
    out.gauge("process_max_fds", help, &[], limit(Resource::Nofile));
    let help = "Address space that may be in use at most, in bytes.";
    out.gauge("process_virtual_memory_max_bytes", help, &[], limit(Resource::As));
}

fn stat(proc: &Path, out: &mut Exposition) -> Result<(), CollectError> {
    let path = proc.join("self/stat");
    let text = read(&path)?;
    // Numbered as in proc_pid_stat(5): the name, field 2, may hold blanks and parentheses.
    let rest = text.rsplit_once(") ").ok_or_else(|| CollectError::content(&path, &text))?.1;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |field: usize| -> Result<f64, CollectError> {
        let text = fields.get(field - 3).ok_or_else(|| CollectError::content(&path, &text))?;
        number(&path, text)
    };
    let (user, system) = (field(14)?, field(15)?);
    let help = "Processor time spent, in seconds.";
    out.counter("process_cpu_seconds_total", help, &[], ticks_to_seconds(user + system));
    out.gauge("process_threads", "Threads of the process.", &[], field(20)?);
    let started = boot_time(proc)? + ticks_to_seconds(field(22)?);
    let help = "When the process started, as Unix time.";
    out.gauge("process_start_time_seconds", help, &[], started);
    let help = "Address space in use, in bytes.";
    out.gauge("process_virtual_memory_bytes", help, &[], field(23)?);
    let resident_bytes = field(24)? * rustix::param::page_size() as f64;
    let help = "Memory in use, in bytes.";
    out.gauge("process_resident_memory_bytes", help, &[], resident_bytes);
    Ok(())
}

fn boot_time(proc: &Path) -> Result<f64, CollectError> {
    let path = proc.join("stat");
    let text = read(&path)?;
    let line = text.lines().find_map(|line| line.strip_prefix("btime "));
    number(&path, line.unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_described() {
        let mut out = Exposition::default();
        write(&mut out);
        let text = out.render();
        let value = |metric: &str| -> f64 {
            let line = text.lines().find(|line| line.starts_with(&format!("{metric} ")));
            line.unwrap_or_else(|| panic!("{metric} in {text}"))
                .rsplit(' ')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        assert!(value("process_cpu_seconds_total") >= 0.0);
        assert!(value("process_threads") >= 1.0);
        assert!(value("process_open_fds") >= 3.0);
        assert!(value("process_max_fds") >= value("process_open_fds"));
        let resident = value("process_resident_memory_bytes");
        assert!(resident > 1e5 && resident < value("process_virtual_memory_bytes"));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let age = now.as_secs_f64() - value("process_start_time_seconds");
        assert!((-2.0..3600.0).contains(&age), "started {age} s ago");
    }
}
