//! `node_network_receive_…`, `node_network_transmit_…`: traffic of network devices.

use super::context::{CollectError, HostContext, number, read, read_number};
use crate::exposition::Exposition;

/// Columns of `/proc/net/dev` (proc_net(5)), received then sent.
const COLUMNS: [(&str, &str); 16] = [
    ("receive_bytes", "Bytes received."),
    ("receive_packets", "Packets received."),
    ("receive_errs", "Packets received with errors."),
    ("receive_drop", "Packets received and dropped."),
    ("receive_fifo", "Packets received that overran the device's buffer."),
    ("receive_frame", "Packets received with framing errors."),
    ("receive_compressed", "Compressed packets received."),
    ("receive_multicast", "Multicast packets received."),
    ("transmit_bytes", "Bytes sent."),
    ("transmit_packets", "Packets sent."),
    ("transmit_errs", "Packets that failed to be sent."),
    ("transmit_drop", "Packets dropped instead of being sent."),
    ("transmit_fifo", "Packets that overran the device's buffer when sent."),
    ("transmit_colls", "Collisions when sending."),
    ("transmit_carrier", "Packets not sent for loss of the carrier."),
    ("transmit_compressed", "Compressed packets sent."),
];

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let path = context.proc("net/dev");
    for line in read(&path)?.lines() {
        // The last colon: an alias such as "eth0:1" has one in its name.
        let Some((device, rest)) = line.rsplit_once(':') else { continue };
        let device = device.trim();
        if context.netdev_exclude.as_ref().is_some_and(|exclude| exclude.is_match(device)) {
            continue;
        }
        let labels = [("device", device)];
        for ((name, help), field) in COLUMNS.iter().zip(rest.split_whitespace()) {
            let metric = format!("node_network_{name}_total");
            out.counter(&metric, help, &labels, number(&path, field)?);
        }
        let statistic = format!("class/net/{device}/statistics/rx_nohandler");
        if let Ok(packets) = read_number(&context.sys(&statistic)) {
            let help = "Packets received that nobody was interested in.";
            out.counter("node_network_receive_nohandler_total", help, &labels, packets);
        }
    }
    Ok(())
}
