//! What this host says of itself, with the names and labels of node_exporter.
//!
//! A collector is a function from a [`HostContext`] to samples. One that fails
//! says so in `node_scrape_collector_success` and harms no other.

mod cpu;
mod disk;
mod filesystem;
mod kernel;
mod memory;
mod network;
pub mod process;
mod sensors;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::exposition::Exposition;

/// Where the host's files are. In a container they are mounted elsewhere.
#[derive(Clone, Debug)]
pub struct HostContext {
    /// `/proc`
    pub procfs: PathBuf,
    /// `/sys`
    pub sysfs: PathBuf,
    /// `/`
    pub rootfs: PathBuf,
}

impl Default for HostContext {
    fn default() -> Self {
        Self { procfs: "/proc".into(), sysfs: "/sys".into(), rootfs: "/".into() }
    }
}

/// A collector has nothing to say.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The host does not have that: no such hardware, or a kernel without it.
    #[error("{0} is not there")]
    Missing(PathBuf),
    /// A file can't be read.
    #[error("unable to read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file says something else than expected.
    #[error("{path}: unexpected content: {line:?}")]
    Content {
        /// The file.
        path: PathBuf,
        /// The line.
        line: String,
    },
}

type Collect = fn(&HostContext, &mut Exposition) -> Result<(), CollectError>;

const COLLECTORS: &[(&str, Collect)] = &[
    ("conntrack", network::conntrack),
    ("cpu", cpu::seconds),
    ("cpufreq", cpu::frequency),
    ("diskstats", disk::stats),
    ("entropy", kernel::entropy),
    ("filefd", kernel::file_descriptors),
    ("filesystem", filesystem::sizes),
    ("hwmon", sensors::hwmon),
    ("loadavg", kernel::load),
    ("meminfo", memory::info),
    ("netclass", network::class),
    ("netdev", network::devices),
    ("netstat", network::statistics),
    ("os", kernel::os_release),
    ("pressure", kernel::pressure),
    ("schedstat", cpu::schedule),
    ("sockstat", network::sockets),
    ("softnet", cpu::softnet),
    ("stat", kernel::stat),
    ("thermal_zone", sensors::thermal_zones),
    ("time", kernel::time),
    ("udp_queues", network::udp_queues),
    ("uname", kernel::uname),
    ("vmstat", memory::vmstat),
];

/// Collects what node_exporter would.
#[derive(Clone, Debug, Default)]
pub struct HostCollector {
    context: HostContext,
}

impl HostCollector {
    /// A collector of the host whose files are at `context`.
    pub fn new(context: HostContext) -> Self {
        Self { context }
    }

    /// The host's metrics in text format 0.0.4.
    pub fn gather(&self) -> String {
        let mut exposition = Exposition::default();
        for (name, collect) in COLLECTORS {
            let started = Instant::now();
            let result = collect(&self.context, &mut exposition);
            if let Err(error) = &result {
                tracing::debug!(collector = name, %error, "a collector of the host failed");
            }
            let labels = [("collector", *name)];
            exposition.gauge(
                "node_scrape_collector_duration_seconds",
                "node_exporter: Duration of a collector scrape.",
                &labels,
                started.elapsed().as_secs_f64(),
            );
            exposition.gauge(
                "node_scrape_collector_success",
                "node_exporter: Whether a collector succeeded.",
                &labels,
                f64::from(u8::from(result.is_ok())),
            );
        }
        exposition.render()
    }
}

/// A file's text.
fn read(path: &Path) -> Result<String, CollectError> {
    std::fs::read_to_string(path).map_err(|source| {
        if source.kind() == std::io::ErrorKind::NotFound {
            CollectError::Missing(path.to_owned())
        } else {
            CollectError::Io { path: path.to_owned(), source }
        }
    })
}

/// A file that holds one number.
fn read_number(path: &Path) -> Result<f64, CollectError> {
    let text = read(path)?;
    let text = text.trim();
    text.parse().map_err(|_| CollectError::Content { path: path.to_owned(), line: text.to_owned() })
}

/// The names in a directory, sorted; none where it can't be read.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests;
