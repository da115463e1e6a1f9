//! Retention: which blocks have to go.

use std::sync::Arc;

use model::Timestamp;

use crate::block::Block;
use crate::config::Config;

/// The blocks that are too old, and the oldest ones while there are too many bytes.
pub fn expired(blocks: &[Arc<Block>], config: &Config, newest: Timestamp) -> Vec<Arc<Block>> {
    let mut sorted = blocks.to_vec();
    sorted.sort_by_key(|block| std::cmp::Reverse(block.meta().time_max));
    let oldest = oldest_kept(config, newest);
    let bytes_max = config.retention_size.map(|size| size.0).filter(|size| *size > 0);
    let mut kept_bytes = 0u64;
    let mut has_overflowed = false;
    sorted.retain(|block| {
        kept_bytes += block.size_bytes();
        has_overflowed |= bytes_max.is_some_and(|max| kept_bytes > max);
        block.meta().time_max < oldest || has_overflowed
    });
    sorted
}

/// The oldest time that is kept.
pub fn oldest_kept(config: &Config, newest: Timestamp) -> Timestamp {
    if config.retention_time.is_zero() {
        Timestamp::MIN
    } else {
        newest - config.retention_time.as_millis()
    }
}
