//! `node_nf_conntrack_…`: connections that the firewall tracks.

use super::context::{CollectError, HostContext, read_if_there, read_number};
use crate::exposition::Exposition;

/// Columns of `/proc/net/stat/nf_conntrack` that are exposed, with their help.
const STATISTICS: [(&str, &str); 8] = [
    ("found", "Searches for an entry that found one."),
    ("invalid", "Packets that can't be tracked."),
    ("ignore", "Packets that belong to an entry already."),
    ("insert", "Entries inserted."),
    ("insert_failed", "Insertions of an entry that failed."),
    ("drop", "Packets dropped because tracking failed."),
    ("early_drop", "Entries dropped to make room for new ones."),
    ("search_restart", "Searches that started anew because the table was resized."),
];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let entries = read_number(&context.proc("sys/net/netfilter/nf_conntrack_count"))?;
    let help = "Connections that are tracked.";
    out.gauge("node_nf_conntrack_entries", help, &[], entries);
    let limit = read_number(&context.proc("sys/net/netfilter/nf_conntrack_max"))?;
    let help = "Connections that can be tracked at most.";
    out.gauge("node_nf_conntrack_entries_limit", help, &[], limit);
    if let Some(text) = read_if_there(&context.proc("net/stat/nf_conntrack"))? {
        statistics(&text, out);
    }
    Ok(())
}

/// A header with names, then a line of hexadecimal numbers for each CPU.
fn statistics(text: &str, out: &mut Exposition) {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().collect()).collect();
    for (name, help) in STATISTICS {
        let Some(column) = header.iter().position(|field| *field == name) else { continue };
        let sum: u64 = rows
            .iter()
            .filter_map(|row| u64::from_str_radix(row.get(column)?, 16).ok())
            .fold(0, u64::wrapping_add);
        // A gauge as in node_exporter, although it only grows.
        out.gauge(&format!("node_nf_conntrack_stat_{name}"), help, &[], sum as f64);
    }
}
