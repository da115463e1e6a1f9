//! The embedded metric store: numbers over time in one data directory.
//!
//! A sample is written to the `wal` and lives in the `head`, compressed in
//! small runs. Every two hours the head is cut into an immutable block; blocks
//! are merged by compaction and removed by retention. [`Store`] puts the parts
//! together and is what the rest of the house sees, as
//! [`storage::SeriesStore`].
//!
//! **Architecture invariant:** knows no wire format and no query language.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod block;
pub mod codec;
pub mod compact;
pub mod config;
mod head;
pub mod index;
mod merge;
pub mod metrics;
pub mod retain;
mod store;
mod wal;

pub use config::{Config, LimitsConfig, WalSync};
pub use store::{Import, ImportOutcome, Store};
