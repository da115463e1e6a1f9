//! Configuration: `bellwether.yml`, and `prometheus.yml` as it is.

mod bellwether;
mod expand;
mod prometheus;
mod remote;

pub(crate) use bellwether::BellwetherConfig;
pub(crate) use prometheus::PrometheusConfig;
pub(crate) use remote::RemoteConfig;
