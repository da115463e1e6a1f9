//! `node_tcp_connection_states`: TCP sockets by state, and what waits in them.
//!
//! Off by default: the kernel walks every socket to write the file.

use super::context::{CollectError, HostContext, read, read_if_there};
use crate::exposition::Exposition;

/// `TCP_ESTABLISHED` and so on of include/net/tcp_states.h, from 1.
const STATES: [&str; 11] = [
    "established",
    "syn_sent",
    "syn_recv",
    "fin_wait1",
    "fin_wait2",
    "time_wait",
    "close",
    "close_wait",
    "last_ack",
    "listen",
    "closing",
];

#[derive(Default)]
struct Totals {
    sockets: [u64; STATES.len()],
    sending_bytes: u64,
    receiving_bytes: u64,
}

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mut totals = Totals::default();
    totals.add(&read(&context.proc("net/tcp"))?);
    if let Some(text) = read_if_there(&context.proc("net/tcp6"))? {
        totals.add(&text);
    }
    let mut emit = |state: &str, value: u64| {
        let help = "TCP sockets by state, and bytes that wait in them.";
        out.gauge("node_tcp_connection_states", help, &[("state", state)], value as f64);
    };
    for (state, count) in STATES.iter().zip(totals.sockets) {
        if count > 0 {
            emit(state, count);
        }
    }
    emit("rx_queued_bytes", totals.receiving_bytes);
    emit("tx_queued_bytes", totals.sending_bytes);
    Ok(())
}

impl Totals {
    fn add(&mut self, text: &str) {
        let hex = |text: &str| u64::from_str_radix(text, 16).unwrap_or(0);
        for line in text.lines().skip(1) {
            // sl, local_address, rem_address, st, tx_queue:rx_queue
            let mut fields = line.split_whitespace().skip(3);
            let (Some(state), Some(queues)) = (fields.next(), fields.next()) else { continue };
            if let Some(count) = self.sockets.get_mut((hex(state) as usize).wrapping_sub(1)) {
                *count += 1;
            }
            let (tx, rx) = queues.split_once(':').unwrap_or_default();
            self.sending_bytes += hex(tx);
            self.receiving_bytes += hex(rx);
        }
    }
}
