//! Lines of `/proc/stat` on the whole host: interrupts, forks, boot time, processes.

use super::context::{CollectError, HostContext, number, read};
use crate::exposition::{Exposition, FamilyKind};

/// Line, metric, kind, help (proc_stat(5)).
const LINES: [(&str, &str, FamilyKind, &str); 6] = [
    ("btime", "node_boot_time_seconds", FamilyKind::Gauge, "When the host booted, as Unix time."),
    ("ctxt", "node_context_switches_total", FamilyKind::Counter, "Context switches."),
    ("intr", "node_intr_total", FamilyKind::Counter, "Interrupts served."),
    ("processes", "node_forks_total", FamilyKind::Counter, "Processes and threads started."),
    ("procs_blocked", "node_procs_blocked", FamilyKind::Gauge, "Processes that wait for I/O."),
    ("procs_running", "node_procs_running", FamilyKind::Gauge, "Processes that can run."),
];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("stat");
    for line in read(&path)?.lines() {
        let mut fields = line.split_whitespace();
        let (Some(name), Some(value)) = (fields.next(), fields.next()) else { continue };
        if let Some((_, metric, kind, help)) = LINES.iter().find(|(line, ..)| *line == name) {
            out.number(*kind, metric, help, &[], number(&path, value)?);
        }
    }
    Ok(())
}
