//! All collectors, and running them.

use std::sync::Arc;
use std::time::Instant;

use super::config::{HostConfig, HostConfigError};
use super::context::{CollectError, HostContext};
use super::{
    arp, bonding, conntrack, cpu, cpufreq, diskstats, dmi, edac, entropy, filefd, filesystem,
    hwmon, interrupts, kernel_hung, loadavg, meminfo, netclass, netdev, netstat, nvme, os,
    powersupplyclass, pressure, process, processes, rapl, schedstat, selinux, sockstat, softnet,
    stat, tcpstat, textfile, thermal_zone, time, timex, udp_queues, uname, vmstat,
};
use crate::exposition::Exposition;

type Collect = fn(&HostContext, &mut Exposition) -> Result<(), CollectError>;

/// One collector.
pub(super) struct Collector {
    /// The name in the configuration and in `node_scrape_collector_…`.
    pub(super) name: &'static str,
    /// Whether it runs where nothing is said.
    pub(super) is_default: bool,
    pub(super) collect: Collect,
}

const fn on(name: &'static str, collect: Collect) -> Collector {
    Collector { name, is_default: true, collect }
}

const fn off(name: &'static str, collect: Collect) -> Collector {
    Collector { name, is_default: false, collect }
}

/// Every collector, by name.
pub(super) static COLLECTORS: &[Collector] = &[
    on("arp", arp::collect),
    on("bonding", bonding::collect),
    on("conntrack", conntrack::collect),
    on("cpu", cpu::collect),
    on("cpufreq", cpufreq::collect),
    on("diskstats", diskstats::collect),
    on("dmi", dmi::collect),
    on("edac", edac::collect),
    on("entropy", entropy::collect),
    on("filefd", filefd::collect),
    on("filesystem", filesystem::collect),
    on("hwmon", hwmon::collect),
    off("interrupts", interrupts::collect),
    on("kernel_hung", kernel_hung::collect),
    on("loadavg", loadavg::collect),
    on("meminfo", meminfo::collect),
    on("netclass", netclass::collect),
    on("netdev", netdev::collect),
    on("netstat", netstat::collect),
    on("nvme", nvme::collect),
    on("os", os::collect),
    on("powersupplyclass", powersupplyclass::collect),
    on("pressure", pressure::collect),
    off("processes", processes::collect),
    on("rapl", rapl::collect),
    on("schedstat", schedstat::collect),
    on("selinux", selinux::collect),
    on("sockstat", sockstat::collect),
    on("softnet", softnet::collect),
    on("stat", stat::collect),
    off("tcpstat", tcpstat::collect),
    on("textfile", textfile::collect),
    on("thermal_zone", thermal_zone::collect),
    on("time", time::collect),
    on("timex", timex::collect),
    on("udp_queues", udp_queues::collect),
    on("uname", uname::collect),
    on("vmstat", vmstat::collect),
];

/// Collects what node_exporter would. Cheap to clone; clones share what they
/// know of mounts that hang.
#[derive(Clone, Debug)]
pub struct HostCollector {
    context: Arc<HostContext>,
}

impl Default for HostCollector {
    fn default() -> Self {
        Self::new(HostConfig::default()).expect("invariant: the default settings are sound")
    }
}

impl HostCollector {
    /// A collector of the host that `config` describes.
    ///
    /// # Errors
    /// Where a pattern is no regular expression or a collector is not known.
    pub fn new(config: HostConfig) -> Result<Self, HostConfigError> {
        for (key, names) in [("enable", &config.enable), ("disable", &config.disable)] {
            for name in names {
                if !COLLECTORS.iter().any(|collector| collector.name == name) {
                    let known: Vec<_> = COLLECTORS.iter().map(|collector| collector.name).collect();
                    let (name, known) = (name.clone(), known.join(", "));
                    return Err(HostConfigError::UnknownCollector { key, name, known });
                }
            }
        }
        Ok(Self { context: Arc::new(HostContext::new(config)?) })
    }

    /// The host's metrics in text format 0.0.4, and those of this process, as
    /// node_exporter exposes its own.
    ///
    /// Blocks on files, for as long as the mount timeout where a file system hangs:
    /// async code calls it on a thread that may block.
    pub fn gather(&self) -> String {
        let mut out = Exposition::default();
        let config = &self.context.config;
        for collector in COLLECTORS {
            let wanted = collector.is_default || config.enable.contains(collector.name);
            if wanted && !config.disable.contains(collector.name) {
                self.run(collector, &mut out);
            }
        }
        process::write(&mut out);
        build_info(&mut out);
        let (rejected, reasons) = out.rejected();
        if rejected > 0 {
            tracing::debug!(rejected, ?reasons, "samples of the host were turned away");
        }
        out.render()
    }

    fn run(&self, collector: &Collector, out: &mut Exposition) {
        let started = Instant::now();
        let result = (collector.collect)(&self.context, out);
        let duration = started.elapsed();
        if let Err(error) = &result {
            tracing::debug!(collector = collector.name, %error, "a collector of the host failed");
        }
        let labels = [("collector", collector.name)];
        out.gauge(
            "node_scrape_collector_duration_seconds",
            "How long a collector took.",
            &labels,
            duration.as_secs_f64(),
        );
        out.gauge(
            "node_scrape_collector_success",
            "Whether a collector succeeded.",
            &labels,
            f64::from(u8::from(result.is_ok())),
        );
    }
}

/// The labels of node_exporter's own metric; `goversion` is empty, for there is no Go here.
fn build_info(out: &mut Exposition) {
    out.gauge(
        "node_exporter_build_info",
        "Constant 1, labelled by what exposes the metrics of this host.",
        &[
            ("branch", ""),
            ("goarch", goarch()),
            ("goos", std::env::consts::OS),
            ("goversion", ""),
            ("revision", ""),
            ("tags", "bellwether"),
            ("version", env!("CARGO_PKG_VERSION")),
        ],
        1.0,
    );
}

/// The processor as Go names it.
fn goarch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        other => other,
    }
}
