//! `node_udp_queues`: bytes that wait in UDP sockets.

use super::context::{CollectError, HostContext, read};
use crate::exposition::Exposition;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mut found = false;
    for (file, ip) in [("net/udp", "v4"), ("net/udp6", "v6")] {
        let path = context.proc(file);
        let text = match read(&path) {
            Ok(text) => text,
            Err(CollectError::Missing(_)) => continue,
            Err(error) => return Err(error),
        };
        found = true;
        let (mut sending, mut receiving) = (0u64, 0u64);
        for line in text.lines().skip(1) {
            // sl, local_address, rem_address, st, tx_queue:rx_queue
            let Some(queues) = line.split_whitespace().nth(4) else { continue };
            let (tx, rx) =
                queues.split_once(':').ok_or_else(|| CollectError::content(&path, line))?;
            sending += u64::from_str_radix(tx, 16).unwrap_or(0);
            receiving += u64::from_str_radix(rx, 16).unwrap_or(0);
        }
        for (queue, bytes) in [("tx", sending), ("rx", receiving)] {
            let help = "Bytes that wait in UDP sockets, by direction.";
            out.gauge("node_udp_queues", help, &[("ip", ip), ("queue", queue)], bytes as f64);
        }
    }
    if found { Ok(()) } else { Err(CollectError::Missing(context.proc("net/udp"))) }
}
