//! `node_filefd_…`: open files of the whole host.

use super::context::{CollectError, HostContext, number, read};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("sys/fs/file-nr");
    let text = read(&path)?;
    // Allocated, free (always 0 since Linux 2.6), maximum: proc_sys_fs(5).
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [allocated, _, maximum] = fields.as_slice() else {
        return Err(CollectError::content(&path, &text));
    };
    let (allocated, maximum) = (number(&path, allocated)?, number(&path, maximum)?);
    out.gauge("node_filefd_allocated", "File handles in use.", &[], allocated);
    out.gauge("node_filefd_maximum", "File handles that can be in use at most.", &[], maximum);
    Ok(())
}
