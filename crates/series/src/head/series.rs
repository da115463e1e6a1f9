//! One series in memory.

use std::sync::Arc;

use model::{FloatColumn, Histogram, Labels, SampleColumns, SeriesHash, TimeRange, Timestamp};
use storage::RejectReason;

use super::chunk::{self, OpenChunk};
use crate::merge::merge_into;

/// An open chunk is closed at this many samples.
const CHUNK_SAMPLES_MAX: u32 = 240;

/// The name of a series within the head: the shard in the low bits, the slot above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SeriesRef(pub(crate) u32);

/// A series and its samples.
#[derive(Debug)]
pub(crate) struct MemSeries {
    pub(crate) hash: SeriesHash,
    pub(crate) labels: Labels,
    pub(super) open: OpenChunk,
    /// Closed chunks of floats, by time.
    pub(super) closed: Vec<ClosedChunk>,
    /// The newest sample in order; its time is `i64::MIN` before the first.
    pub(super) last_timestamp: i64,
    pub(super) last_value: LastValue,
    pub(super) rare: Option<Box<Rare>>,
}

#[derive(Clone, Debug)]
pub(super) enum LastValue {
    Float(u64),
    Histogram(Arc<Histogram>),
}

/// What most series never have.
#[derive(Debug, Default)]
pub(super) struct Rare {
    pub(super) histograms: Vec<(i64, Arc<Histogram>)>,
    /// Out of order, sorted by time.
    pub(super) late_floats: Vec<(i64, f64)>,
    /// Out of order, sorted by time.
    pub(super) late_histograms: Vec<(i64, Arc<Histogram>)>,
}

/// A chunk that takes no more samples.
#[derive(Clone, Debug)]
pub(crate) struct ClosedChunk {
    pub(crate) range: TimeRange,
    pub(crate) count: u32,
    pub(crate) bytes: Arc<[u8]>,
}

/// Which times a batch may write to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Samples in order must not be older.
    pub(crate) in_order_min: i64,
    /// Samples out of order must not be older; `None` where none are taken.
    pub(crate) out_of_order_min: Option<i64>,
    /// No sample may be newer.
    pub(crate) max: i64,
}

/// What a series did with a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    InOrder,
    OutOfOrder,
    /// It is there already, to the bit.
    Repeated,
}

/// Where a sample belongs.
enum Place {
    InOrder,
    OutOfOrder,
    SameTime,
}

impl Bounds {
    /// The rules of Prometheus' `memSeries.appendable` for a sample that is not
    /// the newest of its series.
    fn place(self, timestamp: i64, last: i64) -> Result<Place, RejectReason> {
        if timestamp > self.max {
            return Err(RejectReason::TooFarInFuture);
        }
        if timestamp >= self.in_order_min {
            if timestamp > last {
                return Ok(Place::InOrder);
            }
            if timestamp == last {
                return Ok(Place::SameTime);
            }
        }
        match self.out_of_order_min {
            Some(min) if timestamp >= min => Ok(Place::OutOfOrder),
            Some(_) => Err(RejectReason::TooOld),
            None if timestamp < self.in_order_min => Err(RejectReason::OutOfBounds),
            None => Err(RejectReason::OutOfOrder),
        }
    }
}

impl MemSeries {
    pub(crate) fn new(hash: SeriesHash, labels: Labels) -> Self {
        Self {
            hash,
            labels,
            open: OpenChunk::default(),
            closed: Vec::new(),
            last_timestamp: i64::MIN,
            last_value: LastValue::Float(0),
            rare: None,
        }
    }

    /// Stores a float sample, `block_ms` being the span of a block.
    #[inline]
    pub(crate) fn append(
        &mut self,
        timestamp: i64,
        value: f64,
        bounds: Bounds,
        block_ms: i64,
    ) -> Result<Appended, RejectReason> {
        match bounds.place(timestamp, self.last_timestamp)? {
            Place::InOrder => {
                self.push(timestamp, value, block_ms);
                Ok(Appended::InOrder)
            }
            Place::SameTime => match self.last_value {
                LastValue::Float(bits) if bits == value.to_bits() => Ok(Appended::Repeated),
                _ => Err(RejectReason::DuplicateForTimestamp),
            },
            Place::OutOfOrder => self.insert_late(timestamp, value),
        }
    }

    /// Stores a native histogram.
    pub(crate) fn append_histogram(
        &mut self,
        timestamp: i64,
        histogram: &Arc<Histogram>,
        bounds: Bounds,
    ) -> Result<Appended, RejectReason> {
        match bounds.place(timestamp, self.last_timestamp)? {
            Place::InOrder => {
                self.push_histogram(timestamp, Arc::clone(histogram));
                Ok(Appended::InOrder)
            }
            Place::SameTime => match &self.last_value {
                LastValue::Histogram(last) if is_same_histogram(last, histogram) => {
                    Ok(Appended::Repeated)
                }
                _ => Err(RejectReason::DuplicateForTimestamp),
            },
            Place::OutOfOrder => self.insert_late_histogram(timestamp, histogram),
        }
    }

    /// Stores a sample that was judged when it came.
    pub(super) fn replay(&mut self, timestamp: i64, value: f64, block_ms: i64) {
        if timestamp > self.last_timestamp {
            self.push(timestamp, value, block_ms);
        } else if timestamp < self.last_timestamp {
            // A sample that is there already was logged twice.
            let _ = self.insert_late(timestamp, value);
        }
    }

    /// Like [`MemSeries::replay`] for a native histogram.
    pub(super) fn replay_histogram(&mut self, timestamp: i64, histogram: Arc<Histogram>) {
        if timestamp > self.last_timestamp {
            self.push_histogram(timestamp, histogram);
        } else if timestamp < self.last_timestamp {
            let _ = self.insert_late_histogram(timestamp, &histogram);
        }
    }

    fn push_histogram(&mut self, timestamp: i64, histogram: Arc<Histogram>) {
        self.rare().histograms.push((timestamp, Arc::clone(&histogram)));
        self.last_timestamp = timestamp;
        self.last_value = LastValue::Histogram(histogram);
    }

    #[inline]
    fn push(&mut self, timestamp: i64, value: f64, block_ms: i64) {
        // A chunk lies in one block's span, so that a cut takes whole chunks.
        if self.open.len() >= CHUNK_SAMPLES_MAX
            || (!self.open.is_empty()
                && self.open.first().div_euclid(block_ms) != timestamp.div_euclid(block_ms))
        {
            self.close();
        }
        self.open.push(timestamp, value);
        self.last_timestamp = timestamp;
        self.last_value = LastValue::Float(value.to_bits());
    }

    fn close(&mut self) {
        self.closed.push(ClosedChunk {
            range: self.open.range(),
            count: self.open.len(),
            bytes: Arc::from(self.open.bytes()),
        });
        self.open.clear();
    }

    fn insert_late(&mut self, timestamp: i64, value: f64) -> Result<Appended, RejectReason> {
        let late = &mut self.rare().late_floats;
        match late.binary_search_by_key(&timestamp, |(at, _)| *at) {
            Ok(at) if late[at].1.to_bits() == value.to_bits() => Ok(Appended::Repeated),
            Ok(_) => Err(RejectReason::DuplicateForTimestamp),
            Err(at) => {
                late.insert(at, (timestamp, value));
                Ok(Appended::OutOfOrder)
            }
        }
    }

    fn insert_late_histogram(
        &mut self,
        timestamp: i64,
        histogram: &Arc<Histogram>,
    ) -> Result<Appended, RejectReason> {
        let late = &mut self.rare().late_histograms;
        match late.binary_search_by_key(&timestamp, |(at, _)| *at) {
            Ok(at) if is_same_histogram(&late[at].1, histogram) => Ok(Appended::Repeated),
            Ok(_) => Err(RejectReason::DuplicateForTimestamp),
            Err(at) => {
                late.insert(at, (timestamp, Arc::clone(histogram)));
                Ok(Appended::OutOfOrder)
            }
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Forgets the samples in `range`. What was the newest sample stays the
    /// measure of order.
    pub(crate) fn remove(&mut self, range: TimeRange) {
        for chunk in &mut self.closed {
            if chunk.range.overlaps(&range) {
                *chunk = rebuilt(chunk, range);
            }
        }
        self.closed.retain(|chunk| chunk.count > 0);
        if !self.open.is_empty() && self.open.range().overlaps(&range) {
            let mut kept = FloatColumn::default();
            self.open.read(TimeRange::ALL, &mut kept);
            self.open = OpenChunk::default();
            for (timestamp, value) in kept.timestamps.iter().zip(&kept.values) {
                if !range.contains(*timestamp) {
                    self.open.push(timestamp.as_millis(), *value);
                }
            }
        }
        if let Some(rare) = &mut self.rare {
            let keep = |at: i64| !range.contains(Timestamp::from_millis(at));
            rare.histograms.retain(|(at, _)| keep(*at));
            rare.late_floats.retain(|(at, _)| keep(*at));
            rare.late_histograms.retain(|(at, _)| keep(*at));
            if rare.is_empty() {
                self.rare = None;
            }
        }
    }

    /// Whether there is no sample.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.closed.is_empty() && self.rare.is_none()
    }

    /// The times of all samples; `None` where there is none.
    pub(crate) fn range(&self) -> Option<TimeRange> {
        let floats = self.closed.iter().map(|chunk| chunk.range);
        let open = (!self.open.is_empty()).then(|| self.open.range());
        let rare = self.rare.iter().flat_map(|rare| rare.ranges());
        floats
            .chain(open)
            .chain(rare)
            .reduce(|a, b| TimeRange::new(a.start.min(b.start), a.end.max(b.end)))
    }

    /// Chunks and their bytes, the open one included.
    pub(crate) fn chunk_stats(&self) -> (u64, u64) {
        let chunks = self.closed.len() + usize::from(!self.open.is_empty());
        let closed: usize = self.closed.iter().map(|chunk| chunk.bytes.len()).sum();
        let rare = self.rare.as_ref().map_or(0, |rare| rare.size_bytes());
        (chunks as u64, (closed + self.open.size_bytes() + rare) as u64)
    }

    /// What a reader needs for the samples in `range`: shared chunks, and copies
    /// of what still changes. `None` where nothing lies in the range.
    pub(crate) fn capture(&self, range: TimeRange) -> Option<CapturedSeries> {
        if !self.range()?.overlaps(&range) {
            return None;
        }
        let mut chunks: Vec<_> =
            self.closed.iter().filter(|chunk| chunk.range.overlaps(&range)).cloned().collect();
        if !self.open.is_empty() && self.open.range().overlaps(&range) {
            chunks.push(ClosedChunk {
                range: self.open.range(),
                count: self.open.len(),
                bytes: Arc::from(self.open.bytes()),
            });
        }
        let mut captured =
            CapturedSeries { labels: self.labels.clone(), hash: self.hash, chunks, rare: None };
        if let Some(rare) = &self.rare {
            captured.rare = Some(Box::new(rare.clipped(range)));
        }
        Some(captured)
    }
}

impl Rare {
    fn is_empty(&self) -> bool {
        self.histograms.is_empty() && self.late_floats.is_empty() && self.late_histograms.is_empty()
    }

    fn size_bytes(&self) -> usize {
        let histograms = self.histograms.iter().chain(&self.late_histograms);
        histograms.map(|(_, histogram)| 16 + histogram.size_bytes()).sum::<usize>()
            + self.late_floats.len() * 16
    }

    fn ranges(&self) -> impl Iterator<Item = TimeRange> + '_ {
        let ends = |first: Option<i64>, last: Option<i64>| {
            let at = Timestamp::from_millis;
            Some(TimeRange::new(at(first?), at(last?)))
        };
        let column = |column: &[(i64, Arc<Histogram>)]| {
            ends(column.first().map(|(at, _)| *at), column.last().map(|(at, _)| *at))
        };
        let late = &self.late_floats;
        [
            column(&self.histograms),
            column(&self.late_histograms),
            ends(late.first().map(|(at, _)| *at), late.last().map(|(at, _)| *at)),
        ]
        .into_iter()
        .flatten()
    }

    fn clipped(&self, range: TimeRange) -> Self {
        fn clip<T: Clone>(column: &[(i64, T)], range: TimeRange) -> Vec<(i64, T)> {
            let start = column.partition_point(|(at, _)| *at < range.start.as_millis());
            let end = column.partition_point(|(at, _)| *at <= range.end.as_millis());
            column.get(start..end).unwrap_or_default().to_vec()
        }
        Self {
            histograms: clip(&self.histograms, range),
            late_floats: clip(&self.late_floats, range),
            late_histograms: clip(&self.late_histograms, range),
        }
    }
}

/// A series at one moment, for reading outside of the shard's lock.
#[derive(Debug)]
pub(crate) struct CapturedSeries {
    pub(crate) labels: Labels,
    pub(crate) hash: SeriesHash,
    chunks: Vec<ClosedChunk>,
    rare: Option<Box<Rare>>,
}

impl CapturedSeries {
    /// Appends the samples in `range` to `into`; a sample in order wins over a
    /// late one of the same time.
    pub(crate) fn read(&self, range: TimeRange, into: &mut SampleColumns) {
        let before = into.floats.len();
        debug_assert_eq!(before, 0, "merging wants a cleared column");
        for chunk in self.chunks.iter().filter(|chunk| chunk.range.overlaps(&range)) {
            chunk::decode(&chunk.bytes, chunk.count, range, &mut into.floats);
        }
        let Some(rare) = &self.rare else { return };
        let rare = rare.clipped(range);
        for (at, histogram) in rare.histograms {
            into.histograms.push(Timestamp::from_millis(at), histogram);
        }
        let mut late = SampleColumns::default();
        for (at, value) in rare.late_floats {
            late.floats.push(Timestamp::from_millis(at), value);
        }
        for (at, histogram) in rare.late_histograms {
            late.histograms.push(Timestamp::from_millis(at), histogram);
        }
        merge_into(into, &late);
    }

    /// Chunks held and their bytes.
    pub(crate) fn chunk_stats(&self) -> (u64, u64) {
        let bytes: usize = self.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        (self.chunks.len() as u64, bytes as u64)
    }
}

fn rebuilt(chunk: &ClosedChunk, without: TimeRange) -> ClosedChunk {
    let mut kept = FloatColumn::default();
    chunk::decode(&chunk.bytes, chunk.count, TimeRange::ALL, &mut kept);
    let mut open = OpenChunk::default();
    for (timestamp, value) in kept.timestamps.iter().zip(&kept.values) {
        if !without.contains(*timestamp) {
            open.push(timestamp.as_millis(), *value);
        }
    }
    ClosedChunk { range: open.range(), count: open.len(), bytes: Arc::from(open.bytes()) }
}

/// Whether two histograms are the same sample; the sums by their bits, for the
/// staleness marker is a NaN.
fn is_same_histogram(a: &Histogram, b: &Histogram) -> bool {
    a.sum.to_bits() == b.sum.to_bits()
        && (a == b || {
            let (mut a, mut b) = (a.clone(), b.clone());
            (a.sum, b.sum) = (0.0, 0.0);
            a == b
        })
}
