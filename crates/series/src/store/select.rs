//! Reading samples from blocks and head.

use std::cmp::Ordering;
use std::sync::Arc;

use model::{Labels, SampleColumns, TimeRange};
use parking_lot::Mutex;
use rayon::slice::ParallelSliceMut;
use storage::{SelectRequest, SelectStats, SeriesSelection, StoreError};

use super::StoreCore;
use crate::block::Block;
use crate::block::index_reader::ChunkList;
use crate::head::CapturedSeries;
use crate::merge::merge_into;

/// How many series are looked up between two looks at the cancel flag.
const SERIES_PER_CHECK: usize = 4096;
/// Fewer are sorted by one thread.
const PARALLEL_SORT_MIN: usize = 4096;

/// The answer to a request: everything that reading needs, held alive.
struct Selection {
    range: TimeRange,
    labels: Vec<Labels>,
    /// As long as `labels`.
    sources: Vec<Sources>,
    head: Vec<CapturedSeries>,
    /// In the order in which a sample's first source wins.
    blocks: Vec<Arc<Block>>,
    stats: Mutex<SelectStats>,
}

/// Where the samples of a series are.
#[derive(Debug, Default)]
struct Sources {
    /// Its place among the captured ones.
    head: Option<u32>,
    /// The first block that has it; most are in one only.
    block: Option<InBlock>,
    more_blocks: Vec<InBlock>,
}

/// A series in a block.
#[derive(Clone, Copy, Debug)]
struct InBlock {
    /// Its place among the blocks.
    block: u32,
    /// The number of the series in it.
    number: u32,
    chunks: ChunkList,
}

impl StoreCore {
    pub(super) fn select_series(
        &self,
        request: &SelectRequest<'_>,
    ) -> Result<Box<dyn SeriesSelection>, StoreError> {
        let SelectRequest { matchers, range, series_max, cancel, .. } = *request;
        let check_len = |len: usize| {
            if len > series_max {
                Err(StoreError::TooManySeries { max: series_max })
            } else {
                Ok(())
            }
        };
        // The head first: what a cut moves meanwhile is then seen in both.
        let mut head = self.head.capture(matchers, range, series_max, cancel)?;
        let mut stats = SelectStats::default();
        let (blocks, pruned) = self.blocks_in(range);
        stats.blocks_read = blocks.len() as u64;
        stats.blocks_pruned = pruned;

        let mut found = Vec::new();
        for (place, block) in blocks.iter().enumerate() {
            let mut in_block: Vec<(Labels, Sources)> = Vec::new();
            block.each_series(&block.find(matchers), |number, labels, chunks| {
                if in_block.len().is_multiple_of(SERIES_PER_CHECK) {
                    cancel.check()?;
                }
                let block = InBlock { block: place as u32, number, chunks };
                in_block.push((labels, Sources { block: Some(block), ..Sources::default() }));
                check_len(in_block.len())
            })?;
            found = join(found, in_block);
            check_len(found.len())?;
        }
        sort_by_labels(&mut head);
        let in_head = head.iter().enumerate().map(|(place, series)| {
            let sources = Sources { head: Some(place as u32), ..Sources::default() };
            (series.labels.clone(), sources)
        });
        let found = join(found, in_head.collect());
        check_len(found.len())?;
        let (labels, sources) = found.into_iter().unzip();
        Ok(Box::new(Selection { range, labels, sources, head, blocks, stats: Mutex::new(stats) }))
    }

    /// The blocks with samples in `range`, in the order in which they are read,
    /// and how many others there are.
    fn blocks_in(&self, range: TimeRange) -> (Vec<Arc<Block>>, u64) {
        let all = self.blocks.read();
        let mut blocks: Vec<_> =
            all.iter().filter(|block| block.meta().range().overlaps(&range)).cloned().collect();
        let pruned = (all.len() - blocks.len()) as u64;
        // Blocks by the time of their samples read fastest. Where two overlap, the
        // one that was written first wins, so then their ranks rule.
        let by_rank = blocks.clone();
        blocks.sort_by_key(|block| block.meta().time_min);
        let overlap =
            |pair: &[Arc<Block>]| pair[0].meta().range().overlaps(&pair[1].meta().range());
        if blocks.windows(2).any(overlap) { (by_rank, pruned) } else { (blocks, pruned) }
    }
}

impl Sources {
    /// Adds where else the series is; what is in `self` is read first.
    fn add(&mut self, other: Self) {
        self.head = self.head.or(other.head);
        let others = other.block.into_iter().chain(other.more_blocks);
        match self.block {
            None => {
                let mut others = others;
                self.block = others.next();
                self.more_blocks.extend(others);
            }
            Some(_) => self.more_blocks.extend(others),
        }
    }
}

/// Joins two lists of series, both sorted by labels; of a series in both, the
/// samples in `a` are read first.
fn join(a: Vec<(Labels, Sources)>, b: Vec<(Labels, Sources)>) -> Vec<(Labels, Sources)> {
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() { b } else { a };
    }
    let mut joined = Vec::with_capacity(a.len().max(b.len()));
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    while let (Some(first), Some(second)) = (a.peek(), b.peek()) {
        match first.0.cmp(&second.0) {
            Ordering::Less => joined.extend(a.next()),
            Ordering::Greater => joined.extend(b.next()),
            Ordering::Equal => {
                joined.extend(a.next().zip(b.next()).map(|((labels, mut sources), (_, other))| {
                    sources.add(other);
                    (labels, sources)
                }));
            }
        }
    }
    joined.extend(a);
    joined.extend(b);
    joined
}

/// Sorts captured series, on several threads where there are many.
fn sort_by_labels(series: &mut [CapturedSeries]) {
    let by_labels = |a: &CapturedSeries, b: &CapturedSeries| a.labels.cmp(&b.labels);
    if series.len() < PARALLEL_SORT_MIN {
        series.sort_unstable_by(by_labels);
    } else {
        series.par_sort_unstable_by(by_labels);
    }
}

impl SeriesSelection for Selection {
    fn labels(&self) -> &[Labels] {
        &self.labels
    }

    fn read(&self, index: usize, into: &mut SampleColumns) -> Result<(), StoreError> {
        let mut stats = SelectStats::default();
        let mut part = SampleColumns::default();
        let sources = &self.sources[index];
        for InBlock { block, number, chunks } in sources.block.iter().chain(&sources.more_blocks) {
            let block = &self.blocks[*block as usize];
            if into.is_empty() {
                block.read_chunks(*number, chunks, self.range, into, &mut stats)?;
            } else {
                part.clear();
                block.read_chunks(*number, chunks, self.range, &mut part, &mut stats)?;
                merge_into(into, &part);
            }
        }
        if let Some(place) = sources.head {
            let series = &self.head[place as usize];
            let (chunks, bytes) = series.chunk_stats();
            stats.chunks_read += chunks;
            stats.bytes_read += bytes;
            let before = into.len();
            if into.is_empty() {
                series.read(self.range, into);
            } else {
                part.clear();
                series.read(self.range, &mut part);
                merge_into(into, &part);
            }
            stats.samples_decoded += (into.len() - before) as u64;
        }
        self.stats.lock().merge(stats);
        Ok(())
    }

    fn stats(&self) -> SelectStats {
        *self.stats.lock()
    }
}
