//! `node_uname_info`: the kernel and the host's name.

use super::context::{CollectError, HostContext};
use crate::exposition::Exposition;

pub(super) fn collect(_: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let uname = rustix::system::uname();
    out.gauge(
        "node_uname_info",
        "Constant 1, labelled by what the system call uname says.",
        &[
            ("domainname", &uname.domainname().to_string_lossy()),
            ("machine", &uname.machine().to_string_lossy()),
            ("nodename", &uname.nodename().to_string_lossy()),
            ("release", &uname.release().to_string_lossy()),
            ("sysname", &uname.sysname().to_string_lossy()),
            ("version", &uname.version().to_string_lossy()),
        ],
        1.0,
    );
    Ok(())
}
