//! The host's metrics against node_exporter itself, and against a host without files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::*;
use crate::scrape::parse::{Entry, parse_series_key, text};

/// Family of series, by name: the label sets that it has.
fn families(body: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut families: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in text::Decoder::new(body) {
        if let Entry::Series(series) = entry.unwrap() {
            let mut labels = model::LabelsBuilder::default();
            parse_series_key(series.key, &mut labels).unwrap();
            let labels = labels.build();
            let name = labels.metric_name().unwrap().to_owned();
            families.entry(name).or_default().insert(labels.to_string());
        }
    }
    families
}

#[test]
fn a_host_without_files_fails_collector_by_collector() {
    let missing = PathBuf::from("/nonexistent");
    let context = HostContext { procfs: missing.clone(), sysfs: missing.clone(), rootfs: missing };
    let families = families(&HostCollector::new(context).gather());
    assert_eq!(families["node_scrape_collector_success"].len(), COLLECTORS.len());
    assert!(!families.contains_key("node_cpu_seconds_total"));
}

struct Exporter(Child);

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn node_exporter() -> Option<String> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = Command::new("prometheus-node-exporter")
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let _exporter = Exporter(child);
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(50));
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { continue };
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        return answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    }
    None
}

/// Families that only node_exporter has: its own process, and collectors that
/// come and go with hardware or that say nothing of use on Linux today.
const ONLY_THEIRS: &[&str] = &[
    "go_",
    "promhttp_",
    "process_",
    "node_exporter_",
    "node_textfile_",
    "node_timex_",
    "node_dmi_",
    "node_arp_",
    "node_scrape_collector_",
    "node_selinux_",
    "node_ipvs_",
    "node_nfs",
    "node_xfs_",
    "node_rapl_",
    "node_edac_",
    "node_md_",
    "node_zfs_",
    "node_btrfs_",
    "node_bonding_",
    "node_cooling_",
    "node_cpu_info",
    "node_time_zone_offset_seconds",
    "node_nf_conntrack_stat_",
    "node_netstat_",
    "node_power_supply_",
    "node_nvme_",
    "node_sockstat_",
    "node_disk_",
    "node_network_",
    "node_memory_",
    "node_hwmon_",
    "node_cpu_core_throttles_",
    "node_cpu_package_throttles_",
    "node_filesystem_",
];

#[test]
fn names_and_labels_are_those_of_node_exporter() {
    let Some(theirs) = node_exporter() else {
        assert!(std::env::var_os("CI").is_none(), "CI needs Debian's prometheus-node-exporter");
        eprintln!("skipped: prometheus-node-exporter is not installed");
        return;
    };
    let (ours, theirs) = (families(&HostCollector::default().gather()), families(&theirs));
    let mut compared = 0;
    for (name, series) in &theirs {
        match ours.get(name) {
            Some(own) if !ONLY_THEIRS.iter().any(|prefix| name.starts_with(prefix)) => {
                assert_eq!(own, series, "{name}");
                compared += 1;
            }
            Some(own) => {
                let labels = |series: &BTreeSet<String>| -> BTreeSet<String> {
                    series
                        .iter()
                        .map(|line| line.split('=').next().unwrap_or("").to_owned())
                        .collect()
                };
                assert!(!labels(own).is_disjoint(&labels(series)) || series.is_empty(), "{name}");
            }
            None => assert!(
                ONLY_THEIRS.iter().any(|prefix| name.starts_with(prefix)),
                "{name} of node_exporter is missing here"
            ),
        }
    }
    assert!(compared > 20, "only {compared} families were compared");
}
