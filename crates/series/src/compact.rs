//! Compaction: small blocks become large ones.
//!
//! Blocks of one aligned window of the next larger size are merged once the
//! window is over, and blocks that overlap (late samples, restarts) at once.
//! Windows grow by a factor of twelve: 2 h, 1 d, 12 d, up to the configured
//! maximum. Samples that several blocks have are kept once; deleted ones go.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::Disk;
use model::{Labels, Millis, SampleColumns, TimeRange, Timestamp};
use storage::{Cancel, SelectStats, StoreError};

use crate::block::{Block, BlockWriter};
use crate::merge::merge_into;

/// How much longer the windows of the next level are.
const GROWTH: i64 = 12;

/// Blocks that should become one, if any.
pub fn plan(blocks: &[Arc<Block>], base: Millis, max: Millis) -> Option<Vec<Arc<Block>>> {
    overlapping(blocks, base).or_else(|| {
        let newest = blocks.iter().map(|block| block.meta().time_max).max()?;
        windows(base, max).find_map(|window| full_window(blocks, window, newest))
    })
}

/// The window sizes above the base.
pub(crate) fn windows(base: Millis, max: Millis) -> impl Iterator<Item = Millis> {
    std::iter::successors(Some(base), |window| Some(Millis::new(window.get().checked_mul(GROWTH)?)))
        .skip(1)
        .map(move |window| window.min(max))
        .scan(base, |last, window| {
            let grows = window > *last;
            *last = window;
            grows.then_some(window)
        })
}

/// Blocks whose times overlap, and small ones of one base window.
fn overlapping(blocks: &[Arc<Block>], base: Millis) -> Option<Vec<Arc<Block>>> {
    let mut sorted = blocks.to_vec();
    sorted.sort_by_key(|block| block.meta().time_min);
    let mut group: Vec<Arc<Block>> = Vec::new();
    let mut end = Timestamp::MIN;
    for block in sorted {
        let meta = block.meta();
        let same_window = group.last().is_some_and(|last| {
            let last = last.meta();
            last.time_min.align_down(base) == meta.time_max.align_down(base)
        });
        if group.is_empty() || meta.time_min <= end || same_window {
            end = end.max(meta.time_max);
            group.push(block);
        } else if group.len() > 1 {
            return Some(group);
        } else {
            end = meta.time_max;
            group = vec![block];
        }
    }
    (group.len() > 1).then_some(group)
}

/// Two or more blocks that make up one window that is over.
fn full_window(
    blocks: &[Arc<Block>],
    window: Millis,
    newest: Timestamp,
) -> Option<Vec<Arc<Block>>> {
    let window_of = |block: &Arc<Block>| {
        let meta = block.meta();
        let start = meta.time_min.align_down(window);
        let fits = meta.time_max.align_down(window) == start;
        (fits && start + window <= newest).then_some(start)
    };
    let mut starts: Vec<_> = blocks.iter().filter_map(window_of).collect();
    starts.sort();
    let start = starts.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])?;
    Some(blocks.iter().filter(|block| window_of(block) == Some(start)).cloned().collect())
}

/// Merges `blocks` into one in `parent`; `None` where nothing is left of them.
///
/// # Errors
/// Where a block can't be read, the file system fails, or `cancel` is set. The
/// blocks are untouched then.
pub fn merge(
    disk: &Arc<dyn Disk>,
    parent: &Path,
    blocks: &[Arc<Block>],
    cancel: &Cancel,
) -> Result<Option<PathBuf>, StoreError> {
    // Of equal times the sample that was written first is kept.
    let mut blocks = blocks.to_vec();
    blocks.sort_by(|a, b| a.meta().rank().cmp(b.meta().rank()));
    let first = blocks.first().map(|block| block.meta().rank().clone());
    let level = blocks.iter().map(|block| block.meta().level).max().unwrap_or(0) + 1;
    let parents = blocks.iter().map(|block| block.meta().id.clone()).collect();
    let mut writer = BlockWriter::create(disk, parent, level, parents)?.with_first(first);
    let mut cursors =
        blocks.iter().map(|block| Cursor::new(block)).collect::<Result<Vec<_>, _>>()?;
    let (mut columns, mut part) = (SampleColumns::default(), SampleColumns::default());
    while let Some(labels) = cursors.iter().filter_map(|cursor| cursor.labels.clone()).min() {
        cancel.check()?;
        columns.clear();
        for cursor in &mut cursors {
            if cursor.labels.as_ref() == Some(&labels) {
                part.clear();
                cursor.read(&mut part)?;
                merge_into(&mut columns, &part);
            }
        }
        writer.add(&labels, &columns)?;
    }
    Ok(writer.finish()?)
}

struct Cursor<'a> {
    block: &'a Block,
    number: u32,
    labels: Option<Labels>,
}

impl<'a> Cursor<'a> {
    fn new(block: &'a Block) -> Result<Self, StoreError> {
        let mut cursor = Self { block, number: 0, labels: None };
        cursor.load()?;
        Ok(cursor)
    }

    fn load(&mut self) -> Result<(), StoreError> {
        let is_there = (self.number as usize) < self.block.index().series_len();
        self.labels = if is_there { Some(self.block.labels(self.number)?) } else { None };
        Ok(())
    }

    fn read(&mut self, into: &mut SampleColumns) -> Result<(), StoreError> {
        self.block.read(self.number, TimeRange::ALL, into, &mut SelectStats::default())?;
        self.number += 1;
        self.load()
    }
}

#[cfg(test)]
mod tests;
