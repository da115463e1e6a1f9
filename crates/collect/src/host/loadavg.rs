//! `node_load1`, `node_load5`, `node_load15`.

use super::context::{CollectError, HostContext, number, read};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("loadavg");
    let text = read(&path)?;
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [one, five, fifteen, ..] = fields.as_slice() else {
        return Err(CollectError::content(&path, &text));
    };
    let (one, five) = (number(&path, one)?, number(&path, five)?);
    out.gauge("node_load1", "Load averaged over one minute.", &[], one);
    out.gauge("node_load5", "Load averaged over five minutes.", &[], five);
    let fifteen = number(&path, fifteen)?;
    out.gauge("node_load15", "Load averaged over fifteen minutes.", &[], fifteen);
    Ok(())
}
