//! `node_memory_…`: every line of `/proc/meminfo`.

use super::context::{CollectError, HostContext, number, read};
use crate::exposition::Exposition;

/// The kernel writes "kB" and means this.
const KB: f64 = 1024.0;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("meminfo");
    for line in read(&path)?.lines() {
        let Some((name, rest)) = line.split_once(':') else {
            return Err(CollectError::content(&path, line));
        };
        let mut fields = rest.split_whitespace();
        let value: f64 = number(&path, fields.next().unwrap_or_default())?;
        let is_kb = fields.next() == Some("kB");
        // Active(anon) becomes Active_anon.
        let name = name.replace('(', "_").replace(')', "");
        let (metric, value) = if is_kb {
            (format!("node_memory_{name}_bytes"), value * KB)
        } else {
            (format!("node_memory_{name}"), value)
        };
        out.gauge(&metric, &format!("{name} of /proc/meminfo."), &[], value);
    }
    Ok(())
}
