//! Sending samples on to other servers: Prometheus' `remote_write`.
//!
//! What is stored is offered to each [`Forwarder`], which relabels it and writes
//! it to a [`queue`] on disk before the writer hears that its samples are safe.
//! A [`sender`] takes windows from the queue, splits them by series into
//! shards, and drops them from the disk once the other side has answered. A
//! crash loses nothing that was offered; it may send a window twice.
//!
//! [`record`] is how samples stand in the queue, [`encode`] how they stand in
//! requests. Requests leave through a [`Transport`] that the caller brings, so
//! nothing here knows HTTP clients, TLS or credentials.

pub mod config;
mod encode;
mod filter;
mod forwarder;
mod metadata;
pub mod metrics;
mod queue;
pub mod record;
mod retry;
mod sender;
mod set;
pub mod transport;

pub use config::{ForwardConfig, ForwardConfigError, MessageVersion, MetadataConfig, QueueConfig};
pub use forwarder::Forwarder;
pub use metrics::ForwardMetrics;
pub use set::{Endpoint, ForwardError, Forwarders};
pub use transport::{Answer, Outgoing, Transport, TransportError};
