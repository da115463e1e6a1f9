//! `node_arp_entries`: how many neighbours each device has resolved.

use std::collections::BTreeMap;

use super::context::{CollectError, HostContext, read};
use crate::exposition::Exposition;

/// `NTF_…`/`ATF_COM` of `linux/if_arp.h`: the entry is complete.
const FLAG_COMPLETE: u32 = 0x02;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let text = read(&context.proc("net/arp"))?;
    let mut entries: BTreeMap<&str, u32> = BTreeMap::new();
    for line in text.lines().skip(1) {
        // IP address, HW type, Flags, HW address, Mask, Device
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, _, flags, _, _, device] = fields.as_slice() else { continue };
        let flags = u32::from_str_radix(flags.trim_start_matches("0x"), 16).unwrap_or(0);
        if flags & FLAG_COMPLETE != 0 {
            *entries.entry(device).or_default() += 1;
        }
    }
    for (device, count) in entries {
        let help = "Neighbours in the ARP table, by device.";
        out.gauge("node_arp_entries", help, &[("device", device)], count.into());
    }
    Ok(())
}
