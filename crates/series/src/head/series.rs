//! One series in memory.

use std::sync::Arc;

use model::{FloatColumn, Histogram, Labels, SampleColumns, SeriesHash, TimeRange, Timestamp};
use storage::RejectReason;

use super::chunk::OpenChunk;
use super::closed::ClosedChunk;
use super::late::{Inserted, Rare, hull, is_same};
use crate::wal::record::Order;

/// An open chunk is closed at this many samples.
const CHUNK_SAMPLES_MAX: u32 = 120;

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
    /// How many of them a running cut has taken.
    pub(super) closed_cutting: u32,
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
    Stored(Order),
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
            closed_cutting: 0,
            last_timestamp: i64::MIN,
            last_value: LastValue::Float(0),
            rare: None,
        }
    }

    /// Reads all memory that the next sample is judged by and written to.
    #[inline]
    pub(super) fn touch(&self) -> u8 {
        self.open.touch() ^ self.last_timestamp as u8 ^ self.hash.0 as u8
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
                Ok(Appended::Stored(Order::InOrder))
            }
            Place::SameTime => match self.last_value {
                LastValue::Float(bits) if bits == value.to_bits() => Ok(Appended::Repeated),
                _ => Err(RejectReason::DuplicateForTimestamp),
            },
            Place::OutOfOrder => self.insert_late(timestamp, value),
        }
    }

    /// Stores a zero where a counter says that it started, so that its first
    /// increase counts: only in order, and before the sample at `first`. Returns
    /// whether it was stored. A series of histograms gets none.
    pub(crate) fn append_created(
        &mut self,
        created: Timestamp,
        first: Timestamp,
        bounds: Bounds,
        block_ms: i64,
    ) -> bool {
        let at = created.as_millis();
        let is_float = matches!(self.last_value, LastValue::Float(_));
        let place = bounds.place(at, self.last_timestamp);
        let fits = is_float && created < first && matches!(place, Ok(Place::InOrder));
        if fits {
            self.push(at, 0.0, block_ms);
        }
        fits
    }

    /// Stores a native histogram.
    pub(crate) fn append_histogram(
        &mut self,
        timestamp: i64,
        histogram: &Arc<Histogram>,
        bounds: Bounds,
        block_ms: i64,
    ) -> Result<Appended, RejectReason> {
        match bounds.place(timestamp, self.last_timestamp)? {
            Place::InOrder => {
                self.push_histogram(timestamp, Arc::clone(histogram), block_ms);
                Ok(Appended::Stored(Order::InOrder))
            }
            Place::SameTime => match &self.last_value {
                LastValue::Histogram(last) if is_same(last, histogram) => Ok(Appended::Repeated),
                _ => Err(RejectReason::DuplicateForTimestamp),
            },
            Place::OutOfOrder => self.insert_late_histogram(timestamp, histogram),
        }
    }

    /// Stores a sample that was judged when it came. One that is there already,
    /// because a write was repeated, is left out.
    ///
    /// A portion has floats before histograms, so order holds within each kind.
    pub(super) fn replay(&mut self, timestamp: i64, value: f64, order: Order, block_ms: i64) {
        match order {
            Order::InOrder => {
                if self.newest_float().is_none_or(|newest| timestamp > newest) {
                    let (newest, last) = (self.last_timestamp, self.last_value.clone());
                    self.push(timestamp, value, block_ms);
                    if newest > timestamp {
                        (self.last_timestamp, self.last_value) = (newest, last);
                    }
                }
            }
            Order::Late => {
                let _ = self.insert_late(timestamp, value);
            }
        }
    }

    /// Like [`MemSeries::replay`] for a native histogram.
    pub(super) fn replay_histogram(
        &mut self,
        timestamp: i64,
        histogram: Arc<Histogram>,
        order: Order,
        block_ms: i64,
    ) {
        match order {
            Order::InOrder => {
                let column = &mut self.rare().histograms;
                if column.newest().is_none_or(|newest| timestamp > newest) {
                    column.push(timestamp, Arc::clone(&histogram), block_ms);
                }
                if timestamp > self.last_timestamp {
                    self.last_timestamp = timestamp;
                    self.last_value = LastValue::Histogram(histogram);
                }
            }
            Order::Late => {
                let _ = self.insert_late_histogram(timestamp, &histogram);
            }
        }
    }

    fn newest_float(&self) -> Option<i64> {
        let open = (!self.open.is_empty()).then(|| self.open.range());
        let newest = open.or(self.closed.last().map(ClosedChunk::range));
        newest.map(|range| range.end.as_millis())
    }

    fn push_histogram(&mut self, timestamp: i64, histogram: Arc<Histogram>, block_ms: i64) {
        self.rare().histograms.push(timestamp, Arc::clone(&histogram), block_ms);
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
        self.closed.push(ClosedChunk::pack(&self.open));
        self.open.clear();
    }

    fn insert_late(&mut self, timestamp: i64, value: f64) -> Result<Appended, RejectReason> {
        self.rare().late.insert(timestamp, value).map(Appended::from)
    }

    fn insert_late_histogram(
        &mut self,
        timestamp: i64,
        histogram: &Arc<Histogram>,
    ) -> Result<Appended, RejectReason> {
        self.rare().late.insert_histogram(timestamp, histogram).map(Appended::from)
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Forgets the samples in `range`. What was the newest sample stays the
    /// measure of order. No cut is running.
    pub(crate) fn remove(&mut self, range: TimeRange) {
        if self.closed.iter().any(|chunk| chunk.range().overlaps(&range)) {
            let closed = std::mem::take(&mut self.closed);
            self.closed = closed
                .into_iter()
                .filter_map(|chunk| {
                    if chunk.range().overlaps(&range) { chunk.without(range) } else { Some(chunk) }
                })
                .collect();
        }
        if !self.open.is_empty() && self.open.range().overlaps(&range) {
            let mut all = FloatColumn::default();
            self.open.read(TimeRange::ALL, &mut all);
            self.open = OpenChunk::of(&all, range);
        }
        if let Some(rare) = &mut self.rare {
            rare.remove(range);
        }
        self.drop_empty_rare();
    }

    /// Marks the samples before `before` as taken by a cut and returns them. They
    /// stay readable. What comes later, however old, is not taken.
    pub(crate) fn begin_cut(&mut self, before: Timestamp) -> CapturedSeries {
        if !self.open.is_empty() && self.open.range().end < before {
            self.close();
        }
        // Chunks end at the bounds of blocks, so that a cut takes them whole.
        let taken = self.closed.partition_point(|chunk| chunk.range().end < before);
        self.closed_cutting = taken as u32;
        let rare = self.rare.as_mut().map(|rare| {
            rare.begin_cut(before.as_millis());
            Box::new(rare.taken())
        });
        CapturedSeries { labels: self.labels.clone(), chunks: self.closed[..taken].to_vec(), rare }
    }

    /// Drops what the running cut has taken.
    pub(crate) fn end_cut(&mut self) {
        self.closed.drain(..self.closed_cutting as usize);
        self.closed.shrink_to_fit();
        self.closed_cutting = 0;
        if let Some(rare) = &mut self.rare {
            rare.end_cut();
        }
        self.drop_empty_rare();
    }

    /// Keeps what a cut took that did not succeed.
    pub(crate) fn abandon_cut(&mut self) {
        self.closed_cutting = 0;
        if let Some(rare) = &mut self.rare {
            rare.abandon_cut();
        }
    }

    fn drop_empty_rare(&mut self) {
        if self.rare.as_ref().is_some_and(|rare| rare.is_empty()) {
            self.rare = None;
        }
    }

    /// Whether there is no sample.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
            && self.closed.is_empty()
            && self.rare.as_ref().is_none_or(|rare| rare.is_empty())
    }

    /// The times of all samples; `None` where there is none.
    pub(crate) fn range(&self) -> Option<TimeRange> {
        let floats = match (self.closed.first(), self.closed.last()) {
            (Some(first), Some(last)) => Some(hull(first.range(), last.range())),
            _ => None,
        };
        let open = (!self.open.is_empty()).then(|| self.open.range());
        let rare = self.rare.as_ref().and_then(|rare| rare.range());
        [floats, open, rare].into_iter().flatten().reduce(hull)
    }

    /// Chunks and their bytes, the open one included.
    pub(crate) fn chunk_stats(&self) -> (u64, u64) {
        let chunks = self.closed.len() + usize::from(!self.open.is_empty());
        let closed: usize = self.closed.iter().map(ClosedChunk::size_bytes).sum();
        let rare = self.rare.as_ref().map_or(0, |rare| rare.size_bytes());
        (chunks as u64, (closed + self.open.size_bytes() + rare) as u64)
    }

    /// What a reader needs for the samples in `range`: shared chunks, and copies
    /// of what still changes. `None` where nothing lies in the range.
    pub(crate) fn capture(&self, range: TimeRange) -> Option<CapturedSeries> {
        if !self.range()?.overlaps(&range) {
            return None;
        }
        let is_wanted = |chunk: &&ClosedChunk| chunk.range().overlaps(&range);
        let mut chunks: Vec<_> = self.closed.iter().filter(is_wanted).cloned().collect();
        if !self.open.is_empty() && self.open.range().overlaps(&range) {
            chunks.push(ClosedChunk::copy_of(&self.open));
        }
        let rare = self.rare.as_ref().map(|rare| Box::new(rare.clipped(range)));
        Some(CapturedSeries { labels: self.labels.clone(), chunks, rare })
    }
}

impl From<Inserted> for Appended {
    fn from(inserted: Inserted) -> Self {
        match inserted {
            Inserted::New => Self::Stored(Order::Late),
            Inserted::Repeated => Self::Repeated,
        }
    }
}

/// A series at one moment, for reading outside of the shard's lock.
#[derive(Debug)]
pub(crate) struct CapturedSeries {
    pub(crate) labels: Labels,
    chunks: Vec<ClosedChunk>,
    rare: Option<Box<Rare>>,
}

impl CapturedSeries {
    /// Adds the samples in `range` to `into`, which is empty; a sample in order
    /// wins over a late one of the same time.
    pub(crate) fn read(&self, range: TimeRange, into: &mut SampleColumns) {
        debug_assert!(into.is_empty(), "sources are merged by the caller");
        for chunk in self.chunks.iter().filter(|chunk| chunk.range().overlaps(&range)) {
            chunk.read(range, &mut into.floats);
        }
        if let Some(rare) = &self.rare {
            rare.read(range, into);
        }
    }

    /// Chunks held and their bytes.
    pub(crate) fn chunk_stats(&self) -> (u64, u64) {
        let bytes: usize = self.chunks.iter().map(ClosedChunk::size_bytes).sum();
        (self.chunks.len() as u64, bytes as u64)
    }
}
