//! Memory: `/proc/meminfo` and the counters of `/proc/vmstat`.

use super::{CollectError, HostContext, read};
use crate::exposition::Exposition;

/// `node_memory_…`
pub(super) fn info(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for line in read(&context.procfs.join("meminfo"))?.lines() {
        let Some((name, rest)) = line.split_once(':') else { continue };
        let mut fields = rest.split_whitespace();
        let Some(value) = fields.next().and_then(|field| field.parse::<f64>().ok()) else {
            continue;
        };
        let name = name.replace('(', "_").replace(')', "");
        let (name, value) = match fields.next() {
            Some("kB") => (format!("node_memory_{name}_bytes"), value * 1024.0),
            _ => (format!("node_memory_{name}"), value),
        };
        let field = name.trim_start_matches("node_memory_");
        out.gauge(&name, &format!("Memory information field {field}."), &[], value);
    }
    Ok(())
}

/// `node_vmstat_…`, the fields that node_exporter keeps.
pub(super) fn vmstat(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for line in read(&context.procfs.join("vmstat"))?.lines() {
        let Some((name, value)) = line.split_once(' ') else { continue };
        let is_kept = name.starts_with("oom_kill")
            || ["pgpg", "pswp"].iter().any(|prefix| name.starts_with(prefix))
            || (name.starts_with("pg") && name.contains("fault"));
        if let Some(value) = value.trim().parse::<f64>().ok().filter(|_| is_kept) {
            let help = format!("/proc/vmstat information field {name}.");
            out.untyped(&format!("node_vmstat_{name}"), &help, &[], value);
        }
    }
    Ok(())
}
