//! `node_kernel_hung_tasks_total`: tasks that the kernel found stuck.

use super::context::{CollectError, HostContext, read_number};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let count = read_number(&context.proc("sys/kernel/hung_task_detect_count"))?;
    let help = "Tasks that were found to hang since boot.";
    out.counter("node_kernel_hung_tasks_total", help, &[], count);
    Ok(())
}
