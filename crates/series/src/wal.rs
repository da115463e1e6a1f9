//! The write-ahead log: what is not in a block yet survives the end of the process.
//!
//! A [`log`] of [`record`]s in segments. Appends that come at the same time share
//! a write. A [`checkpoint`] takes the place of the segments before it; both are
//! [`replay`]ed at start-up. Layout and recovery are described in
//! `docs/format/wal.md`.

pub(crate) mod checkpoint;
mod log;
pub(crate) mod record;
pub(crate) mod replay;
mod segment;
pub(crate) mod varint;

pub(crate) use log::{LogPosition, Wal, WalStats};
