//! `node_netstat_…`: counters of the protocols.

use std::path::Path;

use super::context::{CollectError, HostContext, number, read, read_if_there};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for file in ["net/netstat", "net/snmp"] {
        pairs(context, &context.proc(file), out)?;
    }
    six(context, &context.proc("net/snmp6"), out)
}

/// Two lines a protocol: names, then values.
fn pairs(context: &HostContext, path: &Path, out: &mut Exposition) -> Result<(), CollectError> {
    let text = read(path)?;
    let mut lines = text.lines();
    while let (Some(names), Some(values)) = (lines.next(), lines.next()) {
        let (Some((protocol, names)), Some((_, values))) =
            (names.split_once(':'), values.split_once(':'))
        else {
            return Err(CollectError::content(path, names));
        };
        for (name, value) in names.split_whitespace().zip(values.split_whitespace()) {
            statistic(context, path, protocol, name, value, out)?;
        }
    }
    Ok(())
}

/// A statistic a line, the protocol at the start of its name; no file without IPv6.
fn six(context: &HostContext, path: &Path, out: &mut Exposition) -> Result<(), CollectError> {
    let Some(text) = read_if_there(path)? else { return Ok(()) };
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        let (Some(name), Some(value)) = (fields.next(), fields.next()) else { continue };
        let Some(at) = name.find('6') else { continue };
        let (protocol, name) = name.split_at(at + 1);
        statistic(context, path, protocol, name, value, out)?;
    }
    Ok(())
}

fn statistic(
    context: &HostContext,
    path: &Path,
    protocol: &str,
    name: &str,
    value: &str,
    out: &mut Exposition,
) -> Result<(), CollectError> {
    let key = format!("{protocol}_{name}");
    if context.netstat_fields.is_match(&key) {
        let help = format!("{name} of {protocol}.");
        out.untyped(&format!("node_netstat_{key}"), &help, &[], number(path, value)?);
    }
    Ok(())
}
