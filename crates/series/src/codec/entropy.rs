//! Columns of numbers through pcodec, without the frame of its standalone format.
//!
//! The caller knows how many numbers there are and where the bytes end, so
//! neither is written.

use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

use super::DecodeError;

/// How hard pcodec tries, of 0 to 12: beyond, gains are below a percent.
const COMPRESSION_LEVEL: usize = 6;

/// What is coded of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delta {
    /// The numbers.
    None,
    /// Their differences.
    Consecutive,
    /// What a sample says is smallest; costs most of the time.
    Search,
}

/// Appends `numbers`, of which there is at least one.
pub fn encode<T: Number>(numbers: &[T], delta: Delta, out: &mut Vec<u8>) {
    let config = ChunkConfig::default()
        .with_compression_level(COMPRESSION_LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_paging_spec(PagingSpec::EqualPagesUpTo(numbers.len()))
        .with_delta_spec(match delta {
            Delta::None => DeltaSpec::NoOp,
            Delta::Consecutive => DeltaSpec::TryConsecutive(1),
            Delta::Search => DeltaSpec::Auto,
        });
    let file = FileCompressor::default();
    let mut chunk = file
        .chunk_compressor(numbers, &config)
        .expect("the configuration is sound and columns are short");
    file.write_header(&mut *out)
        .and_then(|out| chunk.write_meta(out))
        .and_then(|out| chunk.write_page(0, out))
        .map(drop)
        .expect("writing to memory does not fail");
}

/// Reads the `count` numbers that [`encode`] wrote.
///
/// # Errors
/// Where the bytes are no such column.
pub fn decode<T: Number + Default>(bytes: &[u8], count: usize) -> Result<Vec<T>, DecodeError> {
    let invalid = |_| DecodeError::Invalid("coded column");
    let (file, bytes) = FileDecompressor::new(bytes).map_err(invalid)?;
    let (mut chunk, bytes) = file.chunk_decompressor::<T, _>(bytes).map_err(invalid)?;
    let mut page = chunk.page_decompressor(bytes, count).map_err(invalid)?;
    let mut numbers = vec![T::default(); count];
    let progress = page.read(&mut numbers).map_err(invalid)?;
    if progress.n_processed == count { Ok(numbers) } else { Err(DecodeError::Truncated) }
}
