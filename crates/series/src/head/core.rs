//! The head as a whole: shards, index, exemplars, metadata.

use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use model::{Matcher, TimeRange, Timestamp};
use parking_lot::{Mutex, RwLock};
use storage::{Cancel, HeadStatus, StoreError};

use super::exemplars::ExemplarRing;
use super::index::MemIndex;
use super::metadata::MetadataTable;
use super::series::{CapturedSeries, SeriesRef};
use super::shard::{SHARDS, Shard};
use crate::config::{Config, LimitsConfig};
use crate::index::resolve;
use crate::wal::checkpoint::CheckpointWriter;
use crate::wal::record;
use crate::wal::{LogPosition, Wal};

/// The part of the store that is in memory.
///
/// Locks are taken in the order `gate`, one shard, `index`; no two shards at once.
pub(crate) struct Head {
    pub(super) limits: LimitsConfig,
    pub(super) block_ms: i64,
    pub(super) out_of_order_window_ms: i64,
    pub(super) injects_zero_samples: bool,
    /// Held for writing while series are dropped, so that a reader's references
    /// keep their meaning between the index and the shards.
    pub(super) gate: RwLock<()>,
    pub(super) shards: [Mutex<Shard>; SHARDS],
    pub(super) index: RwLock<MemIndex>,
    pub(super) exemplars: Mutex<ExemplarRing>,
    pub(super) metadata: RwLock<MetadataTable>,
    /// Samples in order are not older than this; ms.
    pub(super) in_order_min: AtomicI64,
    /// The newest sample; `i64::MIN` while there is none; ms.
    pub(super) newest: AtomicI64,
    /// No sample is older; `i64::MAX` while there is none; ms.
    pub(super) oldest: AtomicI64,
    pub(super) series: AtomicU64,
    pub(super) series_created: AtomicU64,
}

impl Head {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            limits: config.limits.clone(),
            block_ms: config.block_duration_ms(),
            out_of_order_window_ms: config.out_of_order_window.as_millis().get(),
            injects_zero_samples: config.created_timestamp_zero_samples,
            gate: RwLock::new(()),
            shards: std::array::from_fn(|number| Mutex::new(Shard::new(number))),
            index: RwLock::default(),
            exemplars: Mutex::new(ExemplarRing::new(config.limits.exemplars_max)),
            metadata: RwLock::new(MetadataTable::new(config.limits.metadata_families_max)),
            in_order_min: AtomicI64::new(i64::MIN),
            newest: AtomicI64::new(i64::MIN),
            oldest: AtomicI64::new(i64::MAX),
            series: AtomicU64::new(0),
            series_created: AtomicU64::new(0),
        }
    }

    /// The series that match and have samples in `range`, each at one moment.
    pub(crate) fn capture(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        series_max: usize,
        cancel: &Cancel,
    ) -> Result<Vec<CapturedSeries>, StoreError> {
        let _gate = self.gate.read();
        let by_shard = self.resolve_by_shard(matchers);
        let mut captured = Vec::new();
        for (shard, members) in self.shards.iter().zip(by_shard) {
            for some in members.chunks(SERIES_PER_LOCK) {
                cancel.check()?;
                let shard = shard.lock();
                captured
                    .extend(some.iter().filter_map(|series| shard.get(*series)?.capture(range)));
            }
            if captured.len() > series_max {
                return Err(StoreError::TooManySeries { max: series_max });
            }
        }
        Ok(captured)
    }

    /// One series at one moment.
    pub(crate) fn capture_one(
        &self,
        series: SeriesRef,
        range: TimeRange,
    ) -> Option<CapturedSeries> {
        self.shards[series.shard()].lock().get(series)?.capture(range)
    }

    /// No sample is older than this; `None` where there is none.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        let oldest = self.oldest.load(Ordering::Relaxed);
        (oldest < i64::MAX).then(|| Timestamp::from_millis(oldest))
    }

    /// Widens the known times by those of a series that is put back.
    pub(super) fn widen(&self, range: Option<TimeRange>) {
        if let Some(range) = range {
            self.oldest.fetch_min(range.start.as_millis(), Ordering::Relaxed);
            self.newest.fetch_max(range.end.as_millis(), Ordering::Relaxed);
        }
    }

    /// Runs `read` on the index.
    pub(crate) fn with_index<T>(&self, read: impl FnOnce(&MemIndex) -> T) -> T {
        read(&self.index.read())
    }

    pub(crate) fn exemplars(&self) -> &Mutex<ExemplarRing> {
        &self.exemplars
    }

    pub(crate) fn metadata(&self) -> &RwLock<MetadataTable> {
        &self.metadata
    }

    /// Forgets the samples in `range` of the series that match, and queues that in `wal`.
    pub(crate) fn delete(&self, matchers: &[Matcher], range: TimeRange, wal: &Wal) -> LogPosition {
        let _gate = self.gate.read();
        let by_shard = self.resolve_by_shard(matchers);
        let mut position = LogPosition::default();
        for (number, members) in by_shard.into_iter().enumerate() {
            for some in members.chunks(SERIES_PER_LOCK) {
                let mut shard = self.shards[number].lock();
                let mut slots = Vec::new();
                for found in some {
                    let Some(series) = shard.get_mut(*found) else { continue };
                    if series.range().is_some_and(|all| all.overlaps(&range)) {
                        series.remove(range);
                        slots.push(found.slot() as u32);
                    }
                }
                if !slots.is_empty() {
                    position = wal.push(|sequence, out| {
                        record::encode_delete(number, &slots, range, sequence, out);
                    });
                }
            }
        }
        position
    }

    /// Writes all of the head to `checkpoint`.
    pub(crate) fn write_checkpoint(
        &self,
        checkpoint: &mut CheckpointWriter,
        wal: &Wal,
    ) -> io::Result<()> {
        let mut encoded = Vec::new();
        let mut ends = Vec::new();
        for (number, shard) in self.shards.iter().enumerate() {
            encoded.clear();
            ends.clear();
            let mut shard = shard.lock();
            let sequence = wal.next_sequence();
            for (found, series) in shard.iter() {
                series.encode(found.slot() as u32, &mut encoded);
                if encoded.len() - ends.last().unwrap_or(&0) > CHECKPOINT_FRAME_BYTES {
                    ends.push(encoded.len());
                }
            }
            shard.begin_checkpoint();
            drop(shard);
            ends.push(encoded.len());
            let mut start = 0;
            for end in &ends {
                if *end > start {
                    checkpoint.series(number, &encoded[start..*end])?;
                }
                start = *end;
            }
            checkpoint.end_shard(number, sequence)?;
        }
        let exemplars = self.exemplars.lock();
        let all: Vec<_> = exemplars.iter().collect();
        for some in all.chunks(SERIES_PER_LOCK) {
            checkpoint.log_record(|out| record::encode_exemplars(some.iter().copied(), 0, out))?;
        }
        drop(all);
        drop(exemplars);
        let metadata: Vec<_> = self.metadata.read().iter().cloned().collect();
        for some in metadata.chunks(SERIES_PER_LOCK) {
            checkpoint.log_record(|out| record::encode_metadata(some.iter(), 0, out))?;
        }
        Ok(())
    }

    /// Samples in order are taken from here on, and the newest sample; ms.
    pub(crate) fn bounds_ms(&self) -> (i64, i64) {
        (self.in_order_min.load(Ordering::Relaxed), self.newest.load(Ordering::Relaxed))
    }

    fn resolve_by_shard(&self, matchers: &[Matcher]) -> [Vec<SeriesRef>; SHARDS] {
        let mut by_shard: [Vec<SeriesRef>; SHARDS] = Default::default();
        for series in resolve(&*self.index.read(), matchers).iter().map(SeriesRef) {
            by_shard[series.shard()].push(series);
        }
        by_shard
    }

    pub(crate) fn status(&self) -> HeadStatus {
        let mut status =
            HeadStatus { label_pairs: self.index.read().pairs(), ..Default::default() };
        for shard in &self.shards {
            let shard = shard.lock();
            status.series += shard.len() as u64;
            for (_, series) in shard.iter() {
                let (chunks, bytes) = series.chunk_stats();
                status.chunks += chunks;
                status.chunk_bytes += bytes;
                status.range = match (status.range, series.range()) {
                    (Some(a), Some(b)) => {
                        Some(TimeRange::new(a.start.min(b.start), a.end.max(b.end)))
                    }
                    (a, b) => a.or(b),
                };
            }
        }
        status
    }

    pub(crate) fn series_len(&self) -> u64 {
        self.series.load(Ordering::Relaxed)
    }

    pub(crate) fn series_created(&self) -> u64 {
        self.series_created.load(Ordering::Relaxed)
    }
}

/// A shard's lock is held for no more series than this at a time.
const SERIES_PER_LOCK: usize = 512;

/// A frame of a checkpoint is closed once it is larger: damage takes one frame.
const CHECKPOINT_FRAME_BYTES: usize = 64 << 10;
