//! `node_selinux_…`: whether SELinux is on, and enforces.

use super::context::{CollectError, HostContext, read, read_if_there, read_number};
use crate::exposition::Exposition;

const DISABLED: f64 = -1.0;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    // The file is there where the file system of SELinux is mounted, thus where it is on.
    let enforce = context.sys("fs/selinux/enforce");
    let is_enabled = read_if_there(&enforce)?.is_some();
    let help = "Whether SELinux is on.";
    out.gauge("node_selinux_enabled", help, &[], f64::from(u8::from(is_enabled)));
    if is_enabled {
        let help = "What SELinux does: 1 enforces, 0 permits.";
        out.gauge("node_selinux_current_mode", help, &[], read_number(&enforce)?);
        let config = read(&context.root("/etc/selinux/config")).unwrap_or_default();
        let help = "What SELinux is configured to do: 1 enforces, 0 permits, -1 is off.";
        out.gauge("node_selinux_config_mode", help, &[], configured(&config));
    }
    Ok(())
}

/// The line `SELINUX=` of selinux_config(5).
fn configured(config: &str) -> f64 {
    let mode = config.lines().find_map(|line| line.trim().strip_prefix("SELINUX="));
    match mode.map(str::trim) {
        Some("enforcing") => 1.0,
        Some("permissive") => 0.0,
        _ => DISABLED,
    }
}
