//! Blocks: immutable directories of samples of one span of time.
//!
//! `meta.json` says what is in it, `index` finds series, `chunks` holds their
//! values, `times` when they were, `tombstones` (when there is one) what was deleted. A block is written
//! under a temporary name and renamed, so it is whole or not there. Layout in
//! `docs/format/block.md`.

pub mod id;
pub mod index_reader;
pub mod index_writer;
pub mod meta;
pub mod reader;
pub mod times_file;
pub mod tombstones;
pub mod writer;

use std::path::PathBuf;

pub use id::BlockId;
pub use meta::BlockMeta;
pub use reader::Block;
pub use writer::BlockWriter;

use crate::codec::DecodeError;

/// A block can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The file system failed.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what was written.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl BlockError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.into(), reason: reason.into() }
    }
}

impl From<BlockError> for storage::StoreError {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::Io { path, source } => Self::io(path.display().to_string(), source),
            damaged @ BlockError::Damaged { .. } => Self::Corrupt(damaged.to_string()),
        }
    }
}

/// A decode error with the file that it is about.
pub(crate) fn damaged_by(path: &std::path::Path) -> impl Fn(DecodeError) -> BlockError + '_ {
    move |error| BlockError::damaged(path, error.to_string())
}

/// The bytes of a chunk or a column of times, which a checksum follows.
pub(crate) fn checked_page(file: &[u8], offset: u64, length: u32) -> Result<&[u8], DecodeError> {
    let page = usize::try_from(offset)
        .ok()
        .and_then(|from| file.get(from..from.checked_add(length as usize)?.checked_add(4)?));
    let (bytes, checksum) =
        page.and_then(|page| page.split_last_chunk()).ok_or(DecodeError::Truncated)?;
    if crc32c::crc32c(bytes).to_le_bytes() == *checksum {
        Ok(bytes)
    } else {
        Err(DecodeError::Invalid("checksum"))
    }
}

#[cfg(test)]
mod tests;
