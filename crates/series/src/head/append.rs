//! Writing to the head: a batch is split by shard, judged, stored and logged.
//!
//! Each shard's lock is taken once. What the shard took is queued in the log
//! while the lock is held.

use std::sync::atomic::Ordering;

use model::{LabelsRef, METRIC_NAME, MetricMetadata, SampleBatch, SeriesView, Timestamp};
use storage::{AppendOptions, AppendOutcome, RejectReason};

use super::core::Head;
use super::series::{Appended, Bounds, MemSeries, SeriesRef};
use super::shard::{SHARDS, Shard, shard_of};
use crate::config::LimitsConfig;
use crate::wal::record::{self, Order, PortionEncoder};
use crate::wal::{LogPosition, Wal};

/// How many series of a batch are looked up before the first is written to.
const SERIES_LOOKED_UP_AHEAD: usize = 32;

/// What is carried from series to series while a batch is stored.
struct Appender {
    bounds: Bounds,
    outcome: AppendOutcome,
    /// The newest and oldest sample that were stored, in ms.
    newest: i64,
    oldest: i64,
    log: PortionEncoder,
}

impl Head {
    /// Stores a batch and queues it in `wal`. It is safe once all up to the
    /// returned position is committed.
    pub(crate) fn append(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
        wal: &Wal,
    ) -> (AppendOutcome, LogPosition) {
        let mut appender = Appender {
            bounds: self.bounds(batch, options),
            outcome: AppendOutcome::default(),
            newest: i64::MIN,
            oldest: i64::MAX,
            log: PortionEncoder::default(),
        };
        let mut position = LogPosition::default();
        let portions = Portions::of(batch);
        for (number, members) in portions.iter() {
            let mut shard = self.shards[number].lock();
            for some in members.chunks(SERIES_LOOKED_UP_AHEAD) {
                // Looking all up first lets the cache misses overlap.
                let mut found = [None; SERIES_LOOKED_UP_AHEAD];
                for (found, index) in found.iter_mut().zip(some) {
                    *found = shard.candidate(batch.hash(*index as usize));
                }
                let mut touched = 0;
                for found in found.iter().flatten() {
                    touched ^= shard.get(*found).map_or(0, MemSeries::touch);
                }
                std::hint::black_box(touched);
                for (found, index) in found.iter().zip(some) {
                    self.append_series(
                        &mut shard,
                        &batch.view(*index as usize),
                        *found,
                        &mut appender,
                    );
                }
            }
            if !appender.log.is_empty() {
                // Under the shard's lock: the log has the portions in this order.
                position = wal.push(|sequence, out| appender.log.encode(number, sequence, out));
                appender.log.clear();
            }
        }
        self.newest.fetch_max(appender.newest, Ordering::Relaxed);
        self.oldest.fetch_min(appender.oldest, Ordering::Relaxed);
        let mut outcome = appender.outcome;
        position = position.max(self.append_exemplars(batch, &mut outcome, wal));
        position = position.max(self.set_metadata(batch, wal));
        (outcome, position)
    }

    fn append_series(
        &self,
        shard: &mut Shard,
        view: &SeriesView<'_>,
        found: Option<SeriesRef>,
        appender: &mut Appender,
    ) {
        let Appender { bounds, outcome, newest, oldest, log } = appender;
        let times = view.timestamps.iter().chain(view.histograms.iter().map(|(at, _)| at));
        let found = found.filter(|found| shard.get(*found).is_some_and(|s| s.hash == view.hash));
        // A series may have been created since by the same batch.
        let found = match found.or_else(|| shard.find(view.hash)) {
            Some(found) => found,
            None if view.timestamps.is_empty() && view.histograms.is_empty() => return,
            None => match self.create(shard, view) {
                Ok(created) => {
                    outcome.series_created += 1;
                    log.add_series(created.slot() as u32, view.labels);
                    created
                }
                Err(reason) => {
                    times.for_each(|at| outcome.rejections.add(reason, *at, view.labels));
                    return;
                }
            },
        };
        let slot = found.slot() as u32;
        let series = shard.get_mut(found).expect("a series that was found or created is there");
        if self.injects_zero_samples
            && let Some(created) = view.created
            && let Some(first) = times.clone().min()
            && series.append_created(created, *first, *bounds, self.block_ms)
        {
            log.add_sample(slot, created.as_millis(), 0.0, Order::InOrder);
            outcome.samples_appended += 1;
            *oldest = created.as_millis().min(*oldest);
        }
        for (timestamp, value) in view.timestamps.iter().zip(view.values) {
            let at = timestamp.as_millis();
            match series.append(at, *value, *bounds, self.block_ms) {
                Ok(Appended::Repeated) => {}
                Ok(Appended::Stored(order)) => {
                    log.add_sample(slot, at, *value, order);
                    outcome.samples_appended += 1;
                    *newest = at.max(*newest);
                    *oldest = at.min(*oldest);
                }
                Err(reason) => outcome.rejections.add(reason, *timestamp, view.labels),
            }
        }
        for (timestamp, histogram) in view.histograms {
            let at = timestamp.as_millis();
            let appended = match histogram.validate() {
                Ok(()) => series.append_histogram(at, histogram, *bounds, self.block_ms),
                Err(_) => Err(RejectReason::InvalidHistogram),
            };
            match appended {
                Ok(Appended::Repeated) => {}
                Ok(Appended::Stored(order)) => {
                    log.add_histogram(slot, at, histogram, order);
                    outcome.samples_appended += 1;
                    outcome.histograms_appended += 1;
                    *newest = at.max(*newest);
                    *oldest = at.min(*oldest);
                }
                Err(reason) => outcome.rejections.add(reason, *timestamp, view.labels),
            }
        }
    }

    fn create(&self, shard: &mut Shard, view: &SeriesView<'_>) -> Result<SeriesRef, RejectReason> {
        check_labels(view.labels, &self.limits)?;
        let is_over = |count: u64, max: u64| max > 0 && count >= max;
        if is_over(self.series.load(Ordering::Relaxed), self.limits.series_max as u64) {
            return Err(RejectReason::SeriesLimit);
        }
        let mut index = self.index.write();
        let metric = view.labels.metric_name().unwrap_or_default();
        if is_over(index.series_of_metric(metric), self.limits.series_per_metric_max as u64) {
            return Err(RejectReason::MetricSeriesLimit);
        }
        let created = shard.insert(MemSeries::new(view.hash, view.labels.to_labels()));
        index.insert(created, view.labels);
        self.series.fetch_add(1, Ordering::Relaxed);
        self.series_created.fetch_add(1, Ordering::Relaxed);
        Ok(created)
    }

    fn append_exemplars(
        &self,
        batch: &SampleBatch,
        outcome: &mut AppendOutcome,
        wal: &Wal,
    ) -> LogPosition {
        let mut position = LogPosition::default();
        for view in batch.series().filter(|view| !view.exemplars.is_empty()) {
            if self.shards[shard_of(view.hash)].lock().find(view.hash).is_none() {
                // The series was refused, which the outcome says already.
                continue;
            }
            let mut stored = Vec::new();
            let mut ring = self.exemplars.lock();
            for exemplar in view.exemplars {
                match ring.add(view.hash, view.labels, exemplar) {
                    Ok(true) => stored.push((view.labels, exemplar)),
                    Ok(false) => {}
                    Err(reason) => {
                        outcome.rejections.add(reason, exemplar.timestamp, view.labels);
                    }
                }
            }
            if !stored.is_empty() {
                outcome.exemplars_appended += stored.len() as u64;
                position = wal.push(|sequence, out| {
                    record::encode_exemplars(stored.into_iter(), sequence, out);
                });
            }
        }
        position
    }

    fn set_metadata(&self, batch: &SampleBatch, wal: &Wal) -> LogPosition {
        if batch.metadata().is_empty() {
            return LogPosition::default();
        }
        // Most batches repeat what is known, which takes the lock for reading only.
        let is_news = |metadata: &&MetricMetadata| !self.metadata.read().is_known(metadata);
        if !batch.metadata().iter().any(|metadata| is_news(&metadata)) {
            return LogPosition::default();
        }
        let mut table = self.metadata.write();
        let news: Vec<_> = batch.metadata().iter().filter(|metadata| table.set(metadata)).collect();
        if news.is_empty() {
            return LogPosition::default();
        }
        wal.push(|sequence, out| record::encode_metadata(news.into_iter(), sequence, out))
    }

    /// The times that a batch may write to, fixed as it begins: Prometheus'
    /// `appendableMinValidTime` and out-of-order window.
    fn bounds(&self, batch: &SampleBatch, options: &AppendOptions) -> Bounds {
        let newest = match self.newest.load(Ordering::Relaxed) {
            i64::MIN => first_timestamp(batch).unwrap_or(i64::MIN),
            newest => newest,
        };
        let cut = self.in_order_min.load(Ordering::Relaxed);
        let window = self.out_of_order_window_ms;
        Bounds {
            in_order_min: cut.max(newest.saturating_sub(self.block_ms / 2)),
            out_of_order_min: (window > 0).then(|| newest.saturating_sub(window)),
            max: options.timestamp_max.map_or(i64::MAX, Timestamp::as_millis),
        }
    }
}

/// The series of a batch, sorted by shard.
struct Portions {
    /// Positions in the batch.
    members: Vec<u32>,
    ends: [usize; SHARDS],
}

impl Portions {
    fn of(batch: &SampleBatch) -> Self {
        let mut ends = [0; SHARDS];
        let shards: Vec<u8> =
            (0..batch.series_len()).map(|index| shard_of(batch.hash(index)) as u8).collect();
        for shard in &shards {
            ends[usize::from(*shard)] += 1;
        }
        let mut next = [0; SHARDS];
        let mut sum = 0;
        for (end, next) in ends.iter_mut().zip(&mut next) {
            *next = sum;
            sum += *end;
            *end = sum;
        }
        let mut members = vec![0; shards.len()];
        for (index, shard) in shards.iter().enumerate() {
            let next = &mut next[usize::from(*shard)];
            members[*next] = index as u32;
            *next += 1;
        }
        Self { members, ends }
    }

    /// The shards that have members, with them.
    fn iter(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let mut start = 0;
        self.ends.iter().enumerate().filter_map(move |(number, end)| {
            let members = &self.members[start..*end];
            start = *end;
            (!members.is_empty()).then_some((number, members))
        })
    }
}

fn first_timestamp(batch: &SampleBatch) -> Option<i64> {
    batch.series().find_map(|view| {
        let histogram = view.histograms.first().map(|(at, _)| at);
        view.timestamps.first().or(histogram).map(|at| at.as_millis())
    })
}

fn check_labels(labels: &LabelsRef, limits: &LimitsConfig) -> Result<(), RejectReason> {
    let is_over = |size: usize, max: usize| max > 0 && size > max;
    let mut count = 0;
    let mut has_metric_name = false;
    for (name, value) in labels {
        count += 1;
        has_metric_name |= name == METRIC_NAME;
        if name.is_empty()
            || is_over(name.len(), limits.label_name_bytes_max)
            || is_over(value.len(), limits.label_value_bytes_max)
        {
            return Err(RejectReason::InvalidLabels);
        }
    }
    if !has_metric_name || is_over(count, limits.labels_max) {
        return Err(RejectReason::InvalidLabels);
    }
    Ok(())
}
