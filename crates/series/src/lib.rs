//! The embedded metric store.
//!
//! A sample enters through [`Store`], which writes it to the write-ahead log
//! (`wal`) and to the `head`, the part in memory. Every two hours the head is
//! cut into an immutable `block`; `compact` merges blocks, `retain` drops old
//! ones. Reads merge the blocks and the head.
//!
//! **Architecture invariant:** no wire format and no query language; nothing
//! outside of this crate reads its files.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod config;
mod head;
mod merge;
mod metrics;
mod store;

pub use config::{Config, Limits, WalSync};
pub use store::Store;
