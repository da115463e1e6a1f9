//! Blocks: immutable directories of samples of one span of time.
//!
//! `meta.json` says what is in it, `index` names series and where their chunks
//! are, `chunks/000001` and so on hold them, `tombstones` what was deleted.

mod index;
mod index_writer;
mod meta;
mod reader;
mod segments;
mod tombstones;
mod ulid;
mod writer;

pub use meta::{BlockMeta, BlockStats, Compaction, ParentBlock};
pub use reader::Block;
pub use ulid::Ulid;
pub use writer::BlockWriter;

/// The name of the index file.
pub(crate) const INDEX_FILE: &str = "index";
/// The name of the directory of chunks.
pub(crate) const CHUNKS_DIR: &str = "chunks";

#[cfg(test)]
mod tests;
