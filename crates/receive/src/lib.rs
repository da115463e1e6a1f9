//! Push protocols, one folder each: `decode` turns bytes into a batch and is
//! pure, `handler` speaks the transport.
//!
//! **Architecture invariant:** writes to the [`pipeline::Sink`] only. Bodies are
//! read and decompressed in [`body`] and nowhere else, so that its limits hold
//! for every protocol.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod body;
pub mod metrics;
pub mod otlp;
pub mod protobuf;
pub mod refusals;
pub mod remote_write;

pub use metrics::ReceiveMetrics;
pub use otlp::{OtlpConfig, OtlpReceiver};
pub use remote_write::PrometheusReceiver;

#[cfg(test)]
mod testing;
