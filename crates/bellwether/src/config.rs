//! Configuration: `bellwether.yml`, and `prometheus.yml` as it is.

mod bellwether;
mod expand;
mod prometheus;

pub(crate) use bellwether::BellwetherConfig;
pub(crate) use prometheus::PrometheusConfig;
