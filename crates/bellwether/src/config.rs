//! Configuration: `bellwether.yml`, and `prometheus.yml` as it is.

mod alertmanager;
mod alertmanagers;
mod bellwether;
pub(crate) mod dashboards;
mod expand;
mod prometheus;
mod query;
mod remote;
pub(crate) mod rules;
mod unused;
mod yaml;

pub(crate) use alertmanager::AlertmanagerFile;
pub(crate) use alertmanagers::{AlertingConfig, AlertmanagerConfig};
pub(crate) use bellwether::BellwetherConfig;
pub(crate) use prometheus::{PrometheusConfig, Warning};
pub(crate) use remote::RemoteConfig;
pub(crate) use rules::LoadedRules;
