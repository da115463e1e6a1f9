//! `node_schedstat_…`: how long each CPU ran tasks and tasks waited for it.

use super::context::{CollectError, HostContext, number, read};
use crate::exposition::Exposition;

const NANOS_PER_SECOND: f64 = 1e9;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("schedstat");
    for line in read(&path)?.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        // Documentation/scheduler/sched-stats.rst: the last three of nine numbers.
        let [name, _, _, _, _, _, _, running, waiting, slices, ..] = fields.as_slice() else {
            continue;
        };
        let Some(cpu) = name.strip_prefix("cpu") else { continue };
        let labels = [("cpu", cpu)];
        let running: f64 = number(&path, running)?;
        let waiting: f64 = number(&path, waiting)?;
        out.counter(
            "node_schedstat_running_seconds_total",
            "Seconds that tasks ran on the CPU.",
            &labels,
            running / NANOS_PER_SECOND,
        );
        out.counter(
            "node_schedstat_waiting_seconds_total",
            "Seconds that tasks waited for the CPU.",
            &labels,
            waiting / NANOS_PER_SECOND,
        );
        out.counter(
            "node_schedstat_timeslices_total",
            "Time slices that tasks were given on the CPU.",
            &labels,
            number(&path, slices)?,
        );
    }
    Ok(())
}
