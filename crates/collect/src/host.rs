//! What this host says of itself, with the metric names and labels of node_exporter.
//!
//! A collector is a function from a [`HostContext`] to samples; the table of all
//! of them is in `collector.rs`, each has a file of its name. One that fails says
//! so in `node_scrape_collector_success` and harms no other.
//!
//! Files are read plainly and every field that they hold is passed on: a struct
//! per file would lose what a newer kernel adds.
//!
//! **Architecture invariant:** knows neither stores nor listeners. Text in the
//! exposition format comes out; who serves or stores it is not its business.

mod arp;
mod bonding;
mod collector;
mod config;
mod conntrack;
mod context;
mod cpu;
mod cpufreq;
mod cpulist;
mod diskstats;
mod dmi;
mod edac;
mod entropy;
mod filefd;
mod filesystem;
mod hwmon;
mod interrupts;
mod kernel_hung;
mod loadavg;
mod meminfo;
mod mounts;
mod netclass;
mod netdev;
mod netstat;
mod nvme;
mod os;
mod powersupplyclass;
mod pressure;
pub mod process;
mod processes;
mod rapl;
mod schedstat;
mod selinux;
mod sockstat;
mod softnet;
mod stat;
mod tcpstat;
mod textfile;
mod thermal_zone;
mod time;
mod timex;
mod udp_queues;
mod uname;
mod vmstat;

pub use collector::HostCollector;
pub use config::{HostConfig, HostConfigError};
pub use context::{CollectError, HostContext};

#[cfg(test)]
mod tests;
