//! `node_network_…`: properties of network devices.

use std::path::Path;

use super::context::{CollectError, HostContext, names, read_number, read_trimmed};
use crate::exposition::{Exposition, FamilyKind};

/// Attributes of `/sys/class/net/<device>/`: file, name in the metric, kind, help.
const ATTRIBUTES: [(&str, &str, FamilyKind, &str); 16] = [
    ("addr_assign_type", "address_assign_type", FamilyKind::Gauge, "How the address was chosen."),
    ("carrier", "carrier", FamilyKind::Gauge, "Whether there is a carrier."),
    (
        "carrier_changes",
        "carrier_changes_total",
        FamilyKind::Counter,
        "How often the carrier came or went.",
    ),
    (
        "carrier_down_count",
        "carrier_down_changes_total",
        FamilyKind::Counter,
        "How often the carrier went.",
    ),
    (
        "carrier_up_count",
        "carrier_up_changes_total",
        FamilyKind::Counter,
        "How often the carrier came.",
    ),
    ("dev_id", "device_id", FamilyKind::Gauge, "Tells devices that share an address apart."),
    ("dormant", "dormant", FamilyKind::Gauge, "Whether the device waits for something outside."),
    ("flags", "flags", FamilyKind::Gauge, "Flags of the device, IFF_UP and others."),
    ("ifindex", "iface_id", FamilyKind::Gauge, "Number of the device."),
    ("iflink", "iface_link", FamilyKind::Gauge, "Number of the device that this one goes through."),
    ("link_mode", "iface_link_mode", FamilyKind::Gauge, "Link mode: 0 is default, 1 dormant."),
    ("mtu", "mtu_bytes", FamilyKind::Gauge, "Largest packet."),
    ("name_assign_type", "name_assign_type", FamilyKind::Gauge, "How the name was chosen."),
    ("netdev_group", "net_dev_group", FamilyKind::Gauge, "Group of the device."),
    ("tx_queue_len", "transmit_queue_length", FamilyKind::Gauge, "Packets that may wait."),
    ("type", "protocol_type", FamilyKind::Gauge, "Protocol of the link, ARPHRD_ETHER and others."),
];

/// `IFF_UP` of `linux/if.h`.
const FLAG_UP: i64 = 1;
const BYTES_PER_MBIT: f64 = 1e6 / 8.0;

pub(super) fn collect(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let class = context.sys("class/net");
    for device in names(&class)? {
        let dir = class.join(&device);
        // Files such as bonding_masters lie beside the devices.
        if dir.is_dir() && !context.netclass_ignored.is_match(&device) {
            properties(&dir, &device, out);
        }
    }
    Ok(())
}

fn properties(dir: &Path, device: &str, out: &mut Exposition) {
    let text = |file: &str| read_trimmed(&dir.join(file)).unwrap_or_default();
    let operstate = text("operstate");
    let is_up = f64::from(u8::from(operstate == "up"));
    let help = "Whether the device is up.";
    out.gauge("node_network_up", help, &[("device", device)], is_up);
    out.gauge(
        "node_network_info",
        "Constant 1, labelled by what else is known of a network device.",
        &[
            ("address", &text("address")),
            ("adminstate", admin_state(integer(dir, "flags"))),
            ("broadcast", &text("broadcast")),
            ("device", device),
            ("duplex", &text("duplex")),
            ("ifalias", &text("ifalias")),
            ("operstate", &operstate),
        ],
        1.0,
    );
    for (file, name, kind, help) in ATTRIBUTES {
        // A device that is down refuses to tell its carrier and speed.
        let Some(value) = integer(dir, file) else { continue };
        let metric = format!("node_network_{name}");
        out.number(kind, &metric, help, &[("device", device)], value as f64);
    }
    // -1 where it is not known, as in node_exporter.
    if let Ok(mbits) = read_number(&dir.join("speed")) {
        let help = "Speed of the link in bytes a second.";
        let speed = mbits * BYTES_PER_MBIT;
        out.gauge("node_network_speed_bytes", help, &[("device", device)], speed);
    }
}

fn admin_state(flags: Option<i64>) -> &'static str {
    match flags {
        None => "unknown",
        Some(flags) if flags & FLAG_UP != 0 => "up",
        Some(_) => "down",
    }
}

/// A decimal or, as flags are, hexadecimal number.
fn integer(dir: &Path, file: &str) -> Option<i64> {
    let text = read_trimmed(&dir.join(file)).ok()?;
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
