//! Rebuilding the head from its checkpoint and log.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use model::{Histogram, LabelsRef, SeriesHash, TimeRange};
use parking_lot::MutexGuard;

use super::core::Head;
use super::series::{MemSeries, SeriesRef};
use super::shard::Shard;
use crate::wal::record::{Order, Portion, PortionVisitor};
use crate::wal::varint::{Input, Malformed};

/// What a log record did to the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replayed {
    Whole,
    /// Some of it named a series whose own record was lost.
    WithoutItsSeries,
}

impl Head {
    /// Applies a portion to `shard`. Samples are not judged again.
    pub(crate) fn replay_portion(
        &self,
        shard: usize,
        portion: Portion<'_>,
    ) -> Result<Replayed, Malformed> {
        let mut target = ReplayTarget {
            head: self,
            shard: self.shards[shard].lock(),
            number: shard,
            newest: i64::MIN,
            oldest: i64::MAX,
            replayed: Replayed::Whole,
        };
        let result = portion.visit(&mut target);
        self.newest.fetch_max(target.newest, Ordering::Relaxed);
        self.oldest.fetch_min(target.oldest, Ordering::Relaxed);
        result.map(|()| target.replayed)
    }

    pub(crate) fn replay_delete(&self, shard: usize, slots: &[u32], range: TimeRange) {
        let mut locked = self.shards[shard].lock();
        for slot in slots {
            if let Some(series) = locked.get_mut(SeriesRef::new(shard as u32, *slot)) {
                series.remove(range);
            }
        }
    }

    /// Puts back the series of a shard that a checkpoint holds.
    pub(crate) fn restore_series(&self, shard: usize, payload: &[u8]) -> Result<(), Malformed> {
        let mut input = Input(payload);
        let mut locked = self.shards[shard].lock();
        while !input.is_empty() {
            let (slot, series) = MemSeries::decode(&mut input)?;
            self.widen(series.range());
            self.bind(&mut locked, shard, slot, series);
        }
        Ok(())
    }

    /// Sets the bounds that a checkpoint holds.
    pub(crate) fn restore_bounds(&self, in_order_min: i64, newest: i64) {
        self.in_order_min.fetch_max(in_order_min, Ordering::Relaxed);
        self.newest.fetch_max(newest, Ordering::Relaxed);
    }

    /// Makes the head ready for writes.
    pub(crate) fn end_replay(&self) {
        for shard in &self.shards {
            shard.lock().end_replay();
        }
    }

    /// Puts `series` into `slot`. What is there, and the same series in another
    /// slot, had been dropped when the record was written: all that they hold
    /// is in blocks.
    fn bind(&self, shard: &mut Shard, number: usize, slot: u32, series: MemSeries) {
        let at = SeriesRef::new(number as u32, slot);
        let mut index = self.index.write();
        for dropped in [Some(at), shard.find(series.hash)].into_iter().flatten() {
            if let Some(before) = shard.evict(dropped) {
                index.remove(dropped, &before.labels);
                self.series.fetch_sub(1, Ordering::Relaxed);
            }
        }
        index.insert(at, &series.labels);
        self.series.fetch_add(1, Ordering::Relaxed);
        shard.insert_at(slot, series);
    }
}

struct ReplayTarget<'a> {
    head: &'a Head,
    shard: MutexGuard<'a, Shard>,
    number: usize,
    newest: i64,
    oldest: i64,
    replayed: Replayed,
}

impl ReplayTarget<'_> {
    fn series_mut(&mut self, slot: u32) -> Option<&mut MemSeries> {
        let found = self.shard.get_mut(SeriesRef::new(self.number as u32, slot));
        if found.is_none() {
            self.replayed = Replayed::WithoutItsSeries;
        }
        found
    }
}

impl PortionVisitor for ReplayTarget<'_> {
    fn series(&mut self, slot: u32, labels: &LabelsRef) {
        let hash: SeriesHash = labels.series_hash();
        let at = SeriesRef::new(self.number as u32, slot);
        // A record may be there twice, where a write failed half-way and was repeated.
        if self.shard.get(at).is_some_and(|series| series.hash == hash) {
            return;
        }
        let series = MemSeries::new(hash, labels.to_labels());
        self.head.bind(&mut self.shard, self.number, slot, series);
    }

    fn sample(&mut self, slot: u32, timestamp: i64, value: f64, order: Order) {
        let block_ms = self.head.block_ms;
        if let Some(series) = self.series_mut(slot) {
            series.replay(timestamp, value, order, block_ms);
            self.newest = self.newest.max(timestamp);
            self.oldest = self.oldest.min(timestamp);
        }
    }

    fn histogram(&mut self, slot: u32, timestamp: i64, histogram: Arc<Histogram>, order: Order) {
        let block_ms = self.head.block_ms;
        if let Some(series) = self.series_mut(slot) {
            series.replay_histogram(timestamp, histogram, order, block_ms);
            self.newest = self.newest.max(timestamp);
            self.oldest = self.oldest.min(timestamp);
        }
    }
}
