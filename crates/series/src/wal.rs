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

pub(crate) use log::{LogPosition, Wal};

/// The segments in `dir`, in order.
#[cfg(test)]
pub(crate) fn list_segments(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let files = segment::LogFiles::list(&disk::FileDisk, dir).unwrap();
    files.segments.into_iter().map(|segment| segment.path).collect()
}
