//! The host collector beside the node_exporter that Debian ships (1.5.0): same
//! families, same types, same label sets, both ways.
//!
//! Values move between two scrapes; those that hardly do are compared as well.
//! What may differ is listed in [`ONLY_THEIRS`], [`ONLY_OURS`] and so on, each
//! with its reason; a reason that no longer applies on the host at hand is fine,
//! a difference without one is a failure.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use collect::host::{HostCollector, HostConfig};
use collect::scrape::parse::{Entry, parse_series_key, text};
use model::{LabelsBuilder, MetricKind};

/// Families that only node_exporter has, by prefix.
const ONLY_THEIRS: &[(&str, &str)] = &[
    ("go_", "its runtime"),
    ("promhttp_", "its HTTP server"),
    ("node_nfs", "NFS is not collected yet"),
    ("node_xfs_", "XFS is not collected yet"),
    ("node_btrfs_", "Btrfs is not collected yet"),
    ("node_bcache_", "bcache is not collected yet"),
    ("node_zfs_", "ZFS is not collected yet"),
    ("node_md_", "software RAID is not collected yet"),
    ("node_ipvs_", "IPVS is not collected yet"),
    ("node_infiniband_", "InfiniBand is not collected yet"),
    ("node_fibrechannel_", "Fibre Channel is not collected yet"),
    ("node_tape_", "tape drives are not collected yet"),
    ("node_systemd_", "systemd is not collected yet"),
];

/// Families that only we have: newer node_exporters have them, too.
const ONLY_OURS: &[(&str, &str)] = &[
    ("node_cpu_isolated", "1.6"),
    ("node_cpu_online", "1.9"),
    ("node_cpu_scaling_governor", "1.7"),
    ("node_filesystem_mount_info", "1.9"),
    ("node_kernel_hung_tasks_total", "1.10"),
    ("node_netstat_TcpExt_TCPOFOQueue", "1.7, as a default field"),
    ("node_netstat_TcpExt_TCPRcvQDrop", "1.7, as a default field"),
    ("node_pressure_irq_stalled_seconds_total", "1.8"),
    ("node_softnet_backlog_len", "1.7"),
    ("node_softnet_cpu_collision_total", "1.7"),
    ("node_softnet_flow_limit_count_total", "1.7"),
    ("node_softnet_received_rps_total", "1.7"),
    ("process_threads", "other client libraries have it"),
];

/// Labels that one side has and the other has not: left out before comparing.
const LABELS_APART: &[(&str, &str, &str)] = &[
    ("node_disk_info", "rotational", "1.9"),
    ("node_exporter_build_info", "tags", "1.6"),
    ("node_network_info", "adminstate", "1.6"),
];

/// Families whose label sets may change between two scrapes, or are ours by nature.
const LABELS_VARY: &[(&str, &str)] = &[
    ("node_arp_entries", "neighbours come and go"),
    ("node_exporter_build_info", "another program"),
    ("node_processes_state", "processes change their state"),
    ("node_processes_threads_state", "threads change their state"),
    ("node_scrape_collector_duration_seconds", "other collectors"),
    ("node_scrape_collector_success", "other collectors; compared apart"),
    ("node_tcp_connection_states", "connections come and go"),
];

/// Families whose values must be equal.
const EQUAL: &[&str] = &[
    "node_boot_time_seconds",
    "node_cooling_device_max_state",
    "node_disk_info",
    "node_dmi_info",
    "node_entropy_pool_size_bits",
    "node_filefd_maximum",
    "node_filesystem_device_error",
    "node_filesystem_files",
    "node_filesystem_readonly",
    "node_filesystem_size_bytes",
    "node_memory_MemTotal_bytes",
    "node_memory_SwapTotal_bytes",
    "node_network_flags",
    "node_network_iface_id",
    "node_network_info",
    "node_network_mtu_bytes",
    "node_network_protocol_type",
    "node_network_speed_bytes",
    "node_network_transmit_queue_length",
    "node_network_up",
    "node_nf_conntrack_entries_limit",
    "node_os_info",
    "node_os_version",
    "node_processes_max_processes",
    "node_processes_max_threads",
    "node_selinux_enabled",
    "node_textfile_scrape_error",
    "node_time_clocksource_current_info",
    "node_time_zone_offset_seconds",
    "node_timex_status",
    "node_timex_tick_seconds",
    "node_uname_info",
    "text_seconds_sum",
];

/// Families whose values may be that far apart: in part, or in the family's unit.
const NEAR: &[(&str, f64, f64)] = &[
    ("node_context_switches_total", 0.05, 1e5),
    ("node_cpu_seconds_total", 0.02, 10.0),
    ("node_disk_read_bytes_total", 0.05, 1e9),
    ("node_disk_writes_completed_total", 0.05, 1e5),
    ("node_filesystem_avail_bytes", 0.05, 1e9),
    ("node_filesystem_files_free", 0.05, 1e5),
    ("node_forks_total", 0.05, 1e4),
    ("node_intr_total", 0.05, 1e5),
    ("node_memory_MemAvailable_bytes", 0.25, 1e9),
    ("node_network_receive_bytes_total", 0.05, 1e8),
    ("node_pressure_cpu_waiting_seconds_total", 0.05, 10.0),
    ("node_schedstat_running_seconds_total", 0.05, 10.0),
    ("node_softnet_processed_total", 0.05, 1e5),
    ("node_time_seconds", 0.0, 10.0),
    ("node_timex_frequency_adjustment_ratio", 0.001, 0.0),
    ("node_vmstat_pgfault", 0.05, 1e7),
];

/// A family as one side exposes it: its type, and its values by label set.
#[derive(Debug)]
struct Family {
    kind: MetricKind,
    values: BTreeMap<String, f64>,
}

type Families = BTreeMap<String, Family>;

#[test]
fn names_types_and_labels_are_those_of_node_exporter() {
    let texts = tempfile::tempdir().unwrap();
    std::fs::write(texts.path().join("a.prom"), TEXTFILE).unwrap();
    let config = HostConfig {
        textfile_directories: vec![texts.path().to_owned()],
        enable: ["interrupts", "processes", "tcpstat"].map(String::from).into(),
        ..HostConfig::default()
    };
    let Some(exporter) = Exporter::start(&config) else {
        let message = "prometheus-node-exporter is not installed (apt-get install it)";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("skipped: {message}");
        return;
    };
    let theirs = families(&exporter.metrics());
    let ours = families(&HostCollector::new(config).unwrap().gather());

    let mut faults = String::new();
    let mut compared = 0;
    for name in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
        match (ours.get(name), theirs.get(name)) {
            (Some(ours), Some(theirs)) => {
                compared += 1;
                compare(name, ours, theirs, &mut faults);
            }
            (None, _) if !ONLY_THEIRS.iter().any(|(prefix, _)| name.starts_with(prefix)) => {
                writeln!(faults, "{name} is missing here").unwrap();
            }
            (_, None) if !ONLY_OURS.iter().any(|(only, _)| only == name) => {
                writeln!(faults, "{name} is here only").unwrap();
            }
            _ => {}
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(compared > 200, "only {compared} families were compared");
}

const TEXTFILE: &str = "# HELP text_seconds Help.\n# TYPE text_seconds histogram\n\
    text_seconds_bucket{a=\"x\",le=\"0.5\"} 1\ntext_seconds_bucket{a=\"x\",le=\"+Inf\"} 2\n\
    text_seconds_sum{a=\"x\"} 1.25\ntext_seconds_count{a=\"x\"} 2\ntext_plain 3\n";

fn compare(name: &str, ours: &Family, theirs: &Family, faults: &mut String) {
    if ours.kind != theirs.kind {
        writeln!(faults, "{name} is {:?} here, {:?} there", ours.kind, theirs.kind).unwrap();
    }
    if name == "node_scrape_collector_success" {
        return compare_success(ours, theirs, faults);
    }
    if LABELS_VARY.iter().any(|(varies, _)| *varies == name) {
        return;
    }
    let labels = |family: &Family| family.values.keys().cloned().collect::<BTreeSet<_>>();
    let (our_labels, their_labels) = (labels(ours), labels(theirs));
    for only in our_labels.symmetric_difference(&their_labels) {
        let place = if our_labels.contains(only) { "here" } else { "there" };
        writeln!(faults, "{name}{only} is {place} only").unwrap();
    }
    let tolerance = if EQUAL.contains(&name) {
        Some((0.0, 0.0))
    } else {
        NEAR.iter().find(|(near, ..)| *near == name).map(|(_, part, most)| (*part, *most))
    };
    let Some((part, most)) = tolerance else { return };
    for (labels, ours) in &ours.values {
        let Some(theirs) = theirs.values.get(labels) else { continue };
        if (ours - theirs).abs() > (theirs.abs() * part).max(most) {
            writeln!(faults, "{name}{labels} is {ours} here, {theirs} there").unwrap();
        }
    }
}

/// A collector that both have must do equally well.
fn compare_success(ours: &Family, theirs: &Family, faults: &mut String) {
    let mut common = 0;
    for (labels, ours) in &ours.values {
        let Some(theirs) = theirs.values.get(labels) else { continue };
        common += 1;
        if ours != theirs {
            writeln!(faults, "success{labels} is {ours} here, {theirs} there").unwrap();
        }
    }
    assert!(common > 30, "only {common} collectors in common");
}

fn families(body: &str) -> Families {
    let mut kinds = BTreeMap::new();
    let mut families = Families::new();
    for entry in text::Decoder::new(body) {
        match entry.unwrap() {
            Entry::Kind { family, kind } => {
                kinds.insert(family, kind);
            }
            Entry::Series(series) => {
                let mut labels = LabelsBuilder::default();
                parse_series_key(series.key, &mut labels).unwrap();
                let labels = labels.build();
                let name = labels.metric_name().unwrap();
                let shown: Vec<String> = labels
                    .iter()
                    .filter(|(label, _)| *label != model::METRIC_NAME && !is_apart(name, label))
                    .map(|(label, value)| format!("{label}={value:?}"))
                    .collect();
                let kind = kinds.get(name).copied().unwrap_or_default();
                let family = families
                    .entry(name.to_owned())
                    .or_insert_with(|| Family { kind, values: BTreeMap::new() });
                family.values.insert(format!("{{{}}}", shown.join(",")), series.value);
            }
            Entry::Help { .. } | Entry::Unit { .. } | Entry::Histogram(_) => {}
        }
    }
    families
}

fn is_apart(family: &str, label: &str) -> bool {
    LABELS_APART.iter().any(|(name, apart, _)| *name == family && *apart == label)
}

/// A node_exporter at work, until dropped.
struct Exporter {
    child: Child,
    port: u16,
}

impl Exporter {
    /// Starts it with the patterns of `config`, for Debian's defaults are its own;
    /// `None` where it is not installed.
    fn start(config: &HostConfig) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("prometheus-node-exporter")
            .args([
                flag("web.listen-address", format!("127.0.0.1:{port}")),
                flag("web.max-requests", 0),
                flag("collector.diskstats.device-exclude", &config.diskstats_device_exclude),
                flag("collector.netdev.device-exclude", &config.netdev_device_exclude),
                flag(
                    "collector.filesystem.mount-points-exclude",
                    &config.filesystem_mount_points_exclude,
                ),
                flag("collector.filesystem.fs-types-exclude", &config.filesystem_fs_types_exclude),
                flag("collector.textfile.directory", dir(&config.textfile_directories[0])),
            ])
            .args(["--collector.interrupts", "--collector.processes", "--collector.tcpstat"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        Some(Self { child, port })
    }

    fn metrics(&self) -> String {
        const ATTEMPTS: u32 = 200;
        for _ in 0..ATTEMPTS {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                let (head, body) = answer.split_once("\r\n\r\n").unwrap();
                assert!(head.starts_with("HTTP/1.0 200"), "{head}");
                return body.to_owned();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("node_exporter does not answer on port {}", self.port);
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn flag(name: &str, value: impl std::fmt::Display) -> String {
    format!("--{name}={value}")
}

fn dir(path: &Path) -> std::path::Display<'_> {
    path.display()
}
