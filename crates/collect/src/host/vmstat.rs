//! `node_vmstat_…`: paging, swapping, killed processes.

use super::context::{CollectError, HostContext, number, read};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("vmstat");
    for line in read(&path)?.lines() {
        let Some((name, value)) = line.split_once(' ') else { continue };
        if context.vmstat_fields.is_match(name) {
            let help = format!("{name} of /proc/vmstat.");
            let value = number(&path, value.trim())?;
            out.untyped(&format!("node_vmstat_{name}"), &help, &[], value);
        }
    }
    Ok(())
}
