//! Prometheus remote write, 1.0 and 2.0: protobuf behind Snappy.
//!
//! [`decode`] turns either message into a batch, [`handler`] speaks HTTP. The
//! specifications are <https://prometheus.io/docs/specs/prw/remote_write_spec/>
//! and <https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/>.

pub mod decode;
pub mod handler;
mod native;
mod v1;
mod v2;

pub use decode::Message;
pub use handler::PrometheusReceiver;

#[cfg(test)]
mod proto;
#[cfg(test)]
mod tests;
