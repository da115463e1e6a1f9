//! Prometheus remote write: protobuf behind Snappy.

pub mod decode;
pub mod handler;
pub mod proto;

pub use handler::PrometheusReceiver;

#[cfg(test)]
mod tests;
