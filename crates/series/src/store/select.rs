//! Reading samples from blocks and head.

use std::sync::Arc;

use hashbrown::HashMap;
use model::{Labels, SampleColumns, SeriesHash, TimeRange};
use parking_lot::Mutex;
use storage::{SelectRequest, SelectStats, SeriesSelection, StoreError};

use super::StoreCore;
use crate::block::Block;
use crate::head::CapturedSeries;
use crate::merge::merge_into;

/// How many series are looked up between two looks at the cancel flag.
const SERIES_PER_CHECK: usize = 4096;

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
    /// Places among the blocks, and its number in each.
    blocks: Vec<(u32, u32)>,
}

impl StoreCore {
    pub(super) fn select_series(
        &self,
        request: &SelectRequest<'_>,
    ) -> Result<Box<dyn SeriesSelection>, StoreError> {
        let SelectRequest { matchers, range, series_max, cancel, .. } = *request;
        // The head first: what a cut moves meanwhile is then seen in both.
        let mut head = self.head.capture(matchers, range, series_max, cancel)?;
        let mut stats = SelectStats::default();
        let (blocks, pruned) = self.blocks_in(range);
        stats.blocks_read = blocks.len() as u64;
        stats.blocks_pruned = pruned;

        let mut found = Found::default();
        for (place, block) in blocks.iter().enumerate() {
            for (count, number) in block.find(matchers).iter().enumerate() {
                if count % SERIES_PER_CHECK == 0 {
                    cancel.check()?;
                }
                found.add_block(block.labels(number)?, place as u32, number, blocks.len());
                if found.series.len() > series_max {
                    return Err(StoreError::TooManySeries { max: series_max });
                }
            }
        }
        if found.series.is_empty() {
            head.sort_by(|a, b| a.labels.cmp(&b.labels));
        }
        for (place, series) in head.iter().enumerate() {
            found.add_head(series, place as u32);
        }
        if found.series.len() > series_max {
            return Err(StoreError::TooManySeries { max: series_max });
        }
        let (labels, sources) = found.into_sorted();
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

/// Series as they are found, source by source.
#[derive(Default)]
struct Found {
    series: Vec<(Labels, Sources)>,
    places: HashMap<SeriesHash, u32>,
}

impl Found {
    fn add_block(&mut self, labels: Labels, block: u32, number: u32, blocks: usize) {
        let hash = labels.series_hash();
        let sources = self.sources(hash, &labels);
        if sources.blocks.is_empty() && blocks > 1 {
            sources.blocks.reserve_exact(blocks);
        }
        sources.blocks.push((block, number));
    }

    fn add_head(&mut self, series: &CapturedSeries, place: u32) {
        self.sources(series.hash, &series.labels).head = Some(place);
    }

    fn sources(&mut self, hash: SeriesHash, labels: &Labels) -> &mut Sources {
        let next = self.series.len() as u32;
        let place = *self.places.entry(hash).or_insert(next);
        if place == next {
            self.series.push((labels.clone(), Sources::default()));
        }
        &mut self.series[place as usize].1
    }

    fn into_sorted(mut self) -> (Vec<Labels>, Vec<Sources>) {
        if !self.series.is_sorted_by(|a, b| a.0 <= b.0) {
            self.series.sort_by(|a, b| a.0.cmp(&b.0));
        }
        self.series.into_iter().unzip()
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
        for (block, number) in &sources.blocks {
            let block = &self.blocks[*block as usize];
            if into.is_empty() {
                block.read(*number, self.range, into, &mut stats)?;
            } else {
                part.clear();
                block.read(*number, self.range, &mut part, &mut stats)?;
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
