//! `node_sockstat_…`: sockets by protocol.

use super::context::{CollectError, HostContext, number, read_if_there};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let page_size_bytes = rustix::param::page_size() as f64;
    for file in ["net/sockstat", "net/sockstat6"] {
        let path = context.proc(file);
        // No file without the protocol family.
        let Some(text) = read_if_there(&path)? else { continue };
        for line in text.lines() {
            let Some((protocol, rest)) = line.split_once(':') else { continue };
            let fields: Vec<&str> = rest.split_whitespace().collect();
            let (pairs, _) = fields.as_chunks::<2>();
            for [state, value] in pairs {
                let value: f64 = number(&path, value)?;
                let metric = format!("node_sockstat_{protocol}_{state}");
                out.gauge(&metric, &format!("{state} of {protocol} sockets."), &[], value);
                if *state == "mem" {
                    let help = format!("Memory of {protocol} sockets, in bytes.");
                    out.gauge(&format!("{metric}_bytes"), &help, &[], value * page_size_bytes);
                }
            }
        }
    }
    Ok(())
}
