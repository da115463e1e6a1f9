//! Service discovery: which targets there are, now and when that changes.
//!
//! A mechanism is a module with a `Config` in the shape of `prometheus.yml` and
//! a `run(config, updates)` that sends groups of targets whenever they change,
//! until it is dropped. Groups are whole: a new one replaces the one of the same
//! source, and one without targets takes it away. [`run`] gathers the groups of
//! all mechanisms of a job and hands all of them on, at most every five seconds.

pub mod config;
pub mod consul;
pub mod dns;
pub mod docker;
pub mod dockerswarm;
pub mod ec2;
pub mod file;
pub mod gather;
pub mod group;
pub mod http;
pub mod kubernetes;
pub mod metrics;
pub mod static_targets;

mod answer;
mod error;
mod label_name;
mod refresh;
mod updates;

pub use config::{DiscoveryConfigError, DiscoveryConfigs};
pub use error::DiscoveryError;
pub use gather::run;
pub use group::TargetGroup;
pub use metrics::DiscoveryMetrics;
pub use static_targets::StaticConfig;
pub use updates::Updates;
