//! `node_softnet_…`: what each CPU did for the network in soft interrupts.

use super::context::{CollectError, HostContext, read};
use crate::exposition::{Exposition, FamilyKind};

/// Columns of `/proc/net/softnet_stat` (net/core/net-procfs.c): index, name, kind, help.
const COLUMNS: [(usize, &str, FamilyKind, &str); 7] = [
    (0, "processed_total", FamilyKind::Counter, "Packets processed."),
    (1, "dropped_total", FamilyKind::Counter, "Packets dropped because the backlog was full."),
    (2, "times_squeezed_total", FamilyKind::Counter, "How often the quota ended with work left."),
    (8, "cpu_collision_total", FamilyKind::Counter, "Collisions on a device's lock when sending."),
    (9, "received_rps_total", FamilyKind::Counter, "How often another CPU handed packets over."),
    (10, "flow_limit_count_total", FamilyKind::Counter, "How often a flow's limit was reached."),
    (11, "backlog_len", FamilyKind::Gauge, "Packets in the backlog."),
];
/// The column that names the CPU, on kernels from 5.10.
const CPU_COLUMN: usize = 12;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("net/softnet_stat");
    for (row, line) in read(&path)?.lines().enumerate() {
        let fields: Vec<u64> = line
            .split_whitespace()
            .map(|field| {
                u64::from_str_radix(field, 16).map_err(|_| CollectError::content(&path, line))
            })
            .collect::<Result<_, _>>()?;
        let cpu = fields.get(CPU_COLUMN).map_or(row as u64, |cpu| *cpu).to_string();
        for (column, name, kind, help) in COLUMNS {
            if let Some(value) = fields.get(column) {
                let metric = format!("node_softnet_{name}");
                out.number(kind, &metric, help, &[("cpu", &cpu)], *value as f64);
            }
        }
    }
    Ok(())
}
