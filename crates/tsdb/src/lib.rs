//! Prometheus' TSDB files: blocks and the write-ahead log, read; blocks, written.
//!
//! [`DataDir`] finds what is in a directory of Prometheus, [`Block`] reads a
//! block, [`wal::Wal`] what is not in blocks yet, and [`BlockWriter`] writes
//! blocks that Prometheus and promtool read. Layouts as Prometheus documents
//! them (`tsdb/docs/format` in its repository); what differs from our own store
//! is said in `docs/guide/moving-from-prometheus.md`.
//!
//! Files of others are not trusted: whatever is wrong with them is an error that
//! names the file and the place, and costs as little of the rest as it can.
//!
//! **Architecture invariant:** knows nothing of our own store; what is read
//! leaves as columns of `model`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod block;
pub mod chunk;
mod data_dir;
mod error;
mod input;
mod select;
pub mod wal;

pub use block::{Block, BlockWriter};
pub use data_dir::DataDir;
pub use error::{Damage, TsdbError};
pub use select::Selection;
