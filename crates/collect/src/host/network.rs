//! The network: interfaces, protocols, sockets, connection tracking.

use super::{CollectError, HostContext, names, read, read_number};
use crate::exposition::Exposition;

const DEVICE_COLUMNS: [&str; 16] = [
    "receive_bytes",
    "receive_packets",
    "receive_errs",
    "receive_drop",
    "receive_fifo",
    "receive_frame",
    "receive_compressed",
    "receive_multicast",
    "transmit_bytes",
    "transmit_packets",
    "transmit_errs",
    "transmit_drop",
    "transmit_fifo",
    "transmit_colls",
    "transmit_carrier",
    "transmit_compressed",
];

/// `node_network_receive_bytes_total` and its siblings.
pub(super) fn devices(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for line in read(&context.procfs.join("net/dev"))?.lines().skip(2) {
        let Some((device, columns)) = line.rsplit_once(':') else { continue };
        let device = device.trim();
        for (name, value) in DEVICE_COLUMNS.iter().zip(columns.split_whitespace()) {
            if let Ok(value) = value.parse() {
                let help = format!("Network device statistic {name}.");
                out.counter(
                    &format!("node_network_{name}_total"),
                    &help,
                    &[("device", device)],
                    value,
                );
            }
        }
    }
    Ok(())
}

/// `node_network_up`, `node_network_info`, `node_network_speed_bytes` and more.
pub(super) fn class(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.sysfs.join("class/net");
    for device in names(&base).iter().filter(|name| base.join(name).is_dir()) {
        let dir = base.join(device);
        let text = |file: &str| {
            read(&dir.join(file)).map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        let state = text("operstate");
        let labels = [("device", device.as_str())];
        let up = f64::from(u8::from(state == "up"));
        out.gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.", &labels, up);
        out.gauge(
            "node_network_info",
            "Non-numeric data from /sys/class/net/<iface>, value is always 1.",
            &[
                ("address", &text("address")),
                (
                    "adminstate",
                    if flags(&dir).is_some_and(|flags| flags & 1 == 1) { "up" } else { "down" },
                ),
                ("broadcast", &text("broadcast")),
                ("device", device),
                ("duplex", &text("duplex")),
                ("ifalias", &text("ifalias")),
                ("operstate", &state),
            ],
            1.0,
        );
        for (file, name) in [
            ("addr_assign_type", "address_assign_type"),
            ("carrier", "carrier"),
            ("dev_id", "device_id"),
            ("dormant", "dormant"),
            ("ifindex", "iface_id"),
            ("iflink", "iface_link"),
            ("link_mode", "iface_link_mode"),
            ("mtu", "mtu_bytes"),
            ("name_assign_type", "name_assign_type"),
            ("netdev_group", "net_dev_group"),
            ("type", "protocol_type"),
            ("tx_queue_len", "transmit_queue_length"),
        ] {
            if let Some(value) = number(&text(file)) {
                let help = format!("Network device property: {name}");
                out.gauge(&format!("node_network_{name}"), &help, &labels, value);
            }
        }
        for (file, name) in [
            ("carrier_changes", "carrier_changes"),
            ("carrier_up_count", "carrier_up_changes"),
            ("carrier_down_count", "carrier_down_changes"),
        ] {
            if let Some(value) = number(&text(file)) {
                let help = format!("Network device property: {name}_total");
                out.counter(&format!("node_network_{name}_total"), &help, &labels, value);
            }
        }
        if let Some(flags) = flags(&dir) {
            out.gauge(
                "node_network_flags",
                "Network device property: flags",
                &labels,
                flags as f64,
            );
        }
        if let Some(megabits) = number(&text("speed")).filter(|speed| *speed >= 0.0) {
            let bytes = megabits * 1e6 / 8.0;
            out.gauge(
                "node_network_speed_bytes",
                "Network device property: speed_bytes",
                &labels,
                bytes,
            );
        }
    }
    Ok(())
}

fn flags(dir: &std::path::Path) -> Option<u64> {
    let text = read(&dir.join("flags")).ok()?;
    u64::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()
}

fn number(text: &str) -> Option<f64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok().map(|number| number as f64),
        None => text.parse().ok(),
    }
}

/// Fields of `/proc/net/netstat` and `/proc/net/snmp` that node_exporter keeps.
const NETSTAT_FIELDS: &[&str] = &[
    "Icmp_InErrors",
    "Icmp_InMsgs",
    "Icmp_OutMsgs",
    "Icmp6_InErrors",
    "Icmp6_InMsgs",
    "Icmp6_OutMsgs",
    "Ip6_InOctets",
    "Ip6_OutOctets",
    "IpExt_InOctets",
    "IpExt_OutOctets",
    "Ip_Forwarding",
    "TcpExt_ListenDrops",
    "TcpExt_ListenOverflows",
    "TcpExt_SyncookiesFailed",
    "TcpExt_SyncookiesRecv",
    "TcpExt_SyncookiesSent",
    "TcpExt_TCPOFOQueue",
    "TcpExt_TCPRcvQDrop",
    "TcpExt_TCPSynRetrans",
    "TcpExt_TCPTimeouts",
    "Tcp_ActiveOpens",
    "Tcp_CurrEstab",
    "Tcp_InErrs",
    "Tcp_InSegs",
    "Tcp_OutRsts",
    "Tcp_OutSegs",
    "Tcp_PassiveOpens",
    "Tcp_RetransSegs",
    "Udp6_InDatagrams",
    "Udp6_InErrors",
    "Udp6_NoPorts",
    "Udp6_OutDatagrams",
    "Udp6_RcvbufErrors",
    "Udp6_SndbufErrors",
    "Udp_InDatagrams",
    "Udp_InErrors",
    "Udp_NoPorts",
    "Udp_OutDatagrams",
    "Udp_RcvbufErrors",
    "Udp_SndbufErrors",
    "UdpLite6_InErrors",
    "UdpLite_InErrors",
];

/// `node_netstat_…`
pub(super) fn statistics(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let mut emit = |name: &str, value: &str| {
        if let Some(value) = value.parse().ok().filter(|_| NETSTAT_FIELDS.contains(&name)) {
            let help = format!("Statistic {}.", name.replace('_', ""));
            out.untyped(&format!("node_netstat_{name}"), &help, &[], value);
        }
    };
    for file in ["net/netstat", "net/snmp"] {
        let text = read(&context.procfs.join(file))?;
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.chunks_exact(2) {
            let (Some((protocol, names)), Some((_, values))) =
                (pair[0].split_once(':'), pair[1].split_once(':'))
            else {
                continue;
            };
            for (name, value) in names.split_whitespace().zip(values.split_whitespace()) {
                emit(&format!("{protocol}_{name}"), value);
            }
        }
    }
    if let Ok(text) = read(&context.procfs.join("net/snmp6")) {
        for line in text.lines() {
            let Some((name, value)) = line.split_once(char::is_whitespace) else { continue };
            if let Some(at) = name.find('6') {
                emit(&format!("{}_{}", &name[..=at], &name[at + 1..]), value.trim());
            }
        }
    }
    Ok(())
}

/// `node_sockstat_…`
pub(super) fn sockets(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    const PAGE_BYTES: f64 = 4096.0;
    for file in ["net/sockstat", "net/sockstat6"] {
        let Ok(text) = read(&context.procfs.join(file)) else { continue };
        for line in text.lines() {
            let Some((protocol, pairs)) = line.split_once(':') else { continue };
            let fields: Vec<&str> = pairs.split_whitespace().collect();
            for pair in fields.chunks_exact(2) {
                let Ok(value) = pair[1].parse::<f64>() else { continue };
                let metric = format!("node_sockstat_{protocol}_{}", pair[0]);
                let help = format!("Number of {protocol} sockets in state {}.", pair[0]);
                out.gauge(&metric, &help, &[], value);
                if pair[0] == "mem" {
                    out.gauge(&format!("{metric}_bytes"), &help, &[], value * PAGE_BYTES);
                }
            }
        }
    }
    Ok(())
}

/// `node_udp_queues`
pub(super) fn udp_queues(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    for (file, version) in [("net/udp", "v4"), ("net/udp6", "v6")] {
        let Ok(text) = read(&context.procfs.join(file)) else { continue };
        let (mut sending, mut receiving) = (0u64, 0u64);
        for line in text.lines().skip(1) {
            let queues = line.split_whitespace().nth(4).and_then(|field| field.split_once(':'));
            if let Some((tx, rx)) = queues {
                sending += u64::from_str_radix(tx, 16).unwrap_or(0);
                receiving += u64::from_str_radix(rx, 16).unwrap_or(0);
            }
        }
        let help = "Number of allocated memory in the kernel for UDP datagrams in bytes.";
        for (queue, bytes) in [("tx", sending), ("rx", receiving)] {
            out.gauge("node_udp_queues", help, &[("queue", queue), ("ip", version)], bytes as f64);
        }
    }
    Ok(())
}

/// `node_nf_conntrack_entries`, `node_nf_conntrack_entries_limit`
pub(super) fn conntrack(context: &HostContext, out: &mut Exposition) -> Result<(), CollectError> {
    let base = context.procfs.join("sys/net/netfilter");
    let entries = read_number(&base.join("nf_conntrack_count"))?;
    let limit = read_number(&base.join("nf_conntrack_max"))?;
    out.gauge(
        "node_nf_conntrack_entries",
        "Number of currently allocated flow entries for connection tracking.",
        &[],
        entries,
    );
    out.gauge(
        "node_nf_conntrack_entries_limit",
        "Maximum size of connection tracking table.",
        &[],
        limit,
    );
    Ok(())
}
