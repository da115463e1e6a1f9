//! `node_pressure_…`: how long tasks waited for CPU, memory, I/O (pressure stall information).

use std::path::Path;

use super::context::{CollectError, HostContext, number, read_if_there};
use crate::exposition::Exposition;

const MICROS_PER_SECOND: f64 = 1e6;

/// File, whether `some` and `full` are exposed. `full` of the CPU is always zero
/// for the whole host, and interrupts have no `some` (Documentation/accounting/psi.rst).
const RESOURCES: [(&str, bool, bool); 4] =
    [("cpu", true, false), ("io", true, true), ("memory", true, true), ("irq", false, true)];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mut found = false;
    for (resource, has_some, has_full) in RESOURCES {
        let path = context.proc(&format!("pressure/{resource}"));
        let Some(text) = read_if_there(&path)? else { continue };
        found = true;
        if has_some {
            let metric = format!("node_pressure_{resource}_waiting_seconds_total");
            let help = format!("Seconds that some task waited for {resource}.");
            out.counter(&metric, &help, &[], total(&path, &text, "some")?);
        }
        if has_full {
            let metric = format!("node_pressure_{resource}_stalled_seconds_total");
            let help = format!("Seconds that all tasks waited for {resource}.");
            out.counter(&metric, &help, &[], total(&path, &text, "full")?);
        }
    }
    if found { Ok(()) } else { Err(CollectError::Missing(context.proc("pressure"))) }
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=123` in µs.
fn total(path: &Path, text: &str, share: &str) -> Result<f64, CollectError> {
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix(share)?.rsplit_once("total="))
        .ok_or_else(|| CollectError::content(path, text))?;
    number::<f64>(path, total.1.trim()).map(|micros| micros / MICROS_PER_SECOND)
}
