//! Between wire and store: the one [`Sink`] that everything writes to, and what
//! happens to samples on the way.
//!
//! **Architecture invariant:** knows no protocol. A receiver hands over a batch
//! and learns what became of it; whether it was relabelled, forwarded or stored
//! is decided here.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod forward;
pub mod relabel;
pub mod sink;

pub use forward::{ForwardConfig, Forwarders};
pub use relabel::{RelabelConfig, RelabelRule, Relabelled, relabel};
pub use sink::{ForwardSamples, Sink};
