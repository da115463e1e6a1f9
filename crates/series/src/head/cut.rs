//! What a cut needs of the head: series in order, their old samples, and to let go of them.
//!
//! A cut is three steps. `begin_cut` marks samples of a series as taken; they stay
//! readable. When they are in a block, `end_cut` drops them; when that failed,
//! `abandon_cut` keeps them. Appends go on meanwhile: what they add is not taken.

use std::sync::atomic::Ordering;

use model::{Labels, Timestamp};

use super::core::Head;
use super::series::{CapturedSeries, SeriesRef};

/// What becomes of series that a cut leaves without samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmptySeries {
    /// They go: nothing was written to them for a while.
    Dropped,
    /// They stay, with the memory of their newest sample: the store shuts down,
    /// and after the restart repetitions are still told from news.
    Kept,
}

impl Head {
    /// All series, by labels.
    pub(crate) fn sorted_series(&self) -> Vec<(Labels, SeriesRef)> {
        let mut all = Vec::with_capacity(self.series_len() as usize);
        for shard in &self.shards {
            let shard = shard.lock();
            all.extend(shard.iter().map(|(found, series)| (series.labels.clone(), found)));
        }
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// From here on samples in order are not older than `cut`.
    pub(crate) fn raise_in_order_min(&self, cut: Timestamp) {
        self.in_order_min.fetch_max(cut.as_millis(), Ordering::Relaxed);
    }

    /// Marks the samples of a series before `before` as taken and returns them.
    pub(crate) fn begin_cut(&self, series: SeriesRef, before: Timestamp) -> Option<CapturedSeries> {
        let mut shard = self.shards[series.shard()].lock();
        Some(shard.get_mut(series)?.begin_cut(before))
    }

    /// Drops all samples that were taken.
    pub(crate) fn end_cut(&self, empty: EmptySeries) {
        // Appends lower it again: each after it changed its shard.
        self.oldest.store(i64::MAX, Ordering::Relaxed);
        for shard in &self.shards {
            // Readers between the index and the shards hold the gate.
            let _gate = self.gate.write();
            let mut shard = shard.lock();
            let mut dropped = Vec::new();
            for (found, series) in shard.iter_mut() {
                series.end_cut();
                if let Some(range) = series.range() {
                    self.oldest.fetch_min(range.start.as_millis(), Ordering::Relaxed);
                }
                if series.is_empty() && empty == EmptySeries::Dropped {
                    dropped.push(found);
                }
            }
            let mut index = self.index.write();
            for found in dropped {
                if let Some(series) = shard.remove(found) {
                    index.remove(found, &series.labels);
                    self.series.fetch_sub(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Keeps all samples that were taken.
    pub(crate) fn abandon_cut(&self) {
        for shard in &self.shards {
            shard.lock().iter_mut().for_each(|(_, series)| series.abandon_cut());
        }
    }
}
