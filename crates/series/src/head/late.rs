//! Samples that came out of order, and native histograms in order: what most
//! series never have.

use std::sync::Arc;

use model::{Histogram, SampleColumns, TimeRange, Timestamp};
use storage::RejectReason;

use super::histograms::HistogramSeries;
use crate::codec::histogram;
use crate::merge::merge_into;
use crate::wal::varint::{Input, Malformed, put_f64, put_i64, put_u64};

/// Histograms by time, none twice; times in ms.
pub(super) type Histograms = Vec<(i64, Arc<Histogram>)>;

/// The part of a series that is seldom there.
#[derive(Clone, Debug, Default)]
pub(super) struct Rare {
    /// Native histograms that came in order.
    pub(super) histograms: HistogramSeries,
    /// What came out of order.
    pub(super) late: Late,
    /// What came out of order and was taken by a running cut.
    pub(super) cutting: Late,
}

/// Samples out of order, sorted by time. No time stands in both columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Late {
    floats: Vec<(i64, f64)>,
    histograms: Histograms,
}

/// Whether a sample was stored or had been before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inserted {
    New,
    Repeated,
}

impl Late {
    pub(super) fn is_empty(&self) -> bool {
        self.floats.is_empty() && self.histograms.is_empty()
    }

    pub(super) fn insert(&mut self, at: i64, value: f64) -> Result<Inserted, RejectReason> {
        if self.histograms.binary_search_by_key(&at, |(at, _)| *at).is_ok() {
            return Err(RejectReason::DuplicateForTimestamp);
        }
        match self.floats.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(found) if self.floats[found].1.to_bits() == value.to_bits() => {
                Ok(Inserted::Repeated)
            }
            Ok(_) => Err(RejectReason::DuplicateForTimestamp),
            Err(place) => {
                self.floats.insert(place, (at, value));
                Ok(Inserted::New)
            }
        }
    }

    pub(super) fn insert_histogram(
        &mut self,
        at: i64,
        histogram: &Arc<Histogram>,
    ) -> Result<Inserted, RejectReason> {
        if self.floats.binary_search_by_key(&at, |(at, _)| *at).is_ok() {
            return Err(RejectReason::DuplicateForTimestamp);
        }
        match self.histograms.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(found) if is_same(&self.histograms[found].1, histogram) => Ok(Inserted::Repeated),
            Ok(_) => Err(RejectReason::DuplicateForTimestamp),
            Err(place) => {
                self.histograms.insert(place, (at, Arc::clone(histogram)));
                Ok(Inserted::New)
            }
        }
    }

    /// Takes out what is older than `before`.
    fn take_before(&mut self, before: i64) -> Self {
        Self {
            floats: take_front(&mut self.floats, before),
            histograms: take_front(&mut self.histograms, before),
        }
    }

    fn retain(&mut self, keep: impl Fn(i64) -> bool) {
        self.floats.retain(|(at, _)| keep(*at));
        self.histograms.retain(|(at, _)| keep(*at));
    }

    fn columns(&self, range: TimeRange) -> SampleColumns {
        let mut columns = SampleColumns::default();
        for (at, value) in &self.floats[within(&self.floats, range)] {
            columns.floats.push(Timestamp::from_millis(*at), *value);
        }
        for (at, histogram) in &self.histograms[within(&self.histograms, range)] {
            columns.histograms.push(Timestamp::from_millis(*at), Arc::clone(histogram));
        }
        columns
    }

    fn clipped(&self, range: TimeRange) -> Self {
        Self {
            floats: self.floats[within(&self.floats, range)].to_vec(),
            histograms: self.histograms[within(&self.histograms, range)].to_vec(),
        }
    }
}

impl Rare {
    pub(super) fn is_empty(&self) -> bool {
        self.histograms.is_empty() && self.late.is_empty() && self.cutting.is_empty()
    }

    pub(super) fn size_bytes(&self) -> usize {
        let late = self.late.histograms.iter().chain(&self.cutting.histograms);
        self.histograms.size_bytes()
            + late.map(|(_, histogram)| 16 + histogram.size_bytes()).sum::<usize>()
            + (self.late.floats.len() + self.cutting.floats.len()) * 16
    }

    pub(super) fn range(&self) -> Option<TimeRange> {
        let spans = [
            self.histograms.range(),
            span(&self.late.floats),
            span(&self.late.histograms),
            span(&self.cutting.floats),
            span(&self.cutting.histograms),
        ];
        spans.into_iter().flatten().reduce(hull)
    }

    pub(super) fn remove(&mut self, range: TimeRange) {
        let keep = |at: i64| !range.contains(Timestamp::from_millis(at));
        self.histograms.remove(range);
        self.late.retain(keep);
        self.cutting.retain(keep);
    }

    /// Marks what is older than `before` as taken by a cut.
    pub(super) fn begin_cut(&mut self, before: i64) {
        self.abandon_cut();
        self.histograms.begin_cut(before);
        self.cutting = self.late.take_before(before);
    }

    /// Drops what the cut has taken.
    pub(super) fn end_cut(&mut self) {
        self.histograms.end_cut();
        self.cutting = Late::default();
    }

    /// Puts back what a cut took that did not succeed.
    pub(super) fn abandon_cut(&mut self) {
        self.histograms.abandon_cut();
        if self.cutting.is_empty() {
            return;
        }
        let mut all = std::mem::take(&mut self.cutting);
        for (at, value) in &self.late.floats {
            // What the cut had taken was there first.
            let _ = all.insert(*at, *value);
        }
        for (at, histogram) in &self.late.histograms {
            let _ = all.insert_histogram(*at, histogram);
        }
        self.late = all;
    }

    /// The part of a copy that a reader of `range` needs.
    pub(super) fn clipped(&self, range: TimeRange) -> Self {
        Self {
            histograms: self.histograms.clipped(range),
            late: self.late.clipped(range),
            cutting: self.cutting.clipped(range),
        }
    }

    /// Only what the running cut has taken.
    pub(super) fn taken(&self) -> Self {
        Self {
            histograms: self.histograms.taken(),
            late: Late::default(),
            cutting: self.cutting.clone(),
        }
    }

    /// Adds the samples in `range` to `into`: in order before late, and of the
    /// late ones those that came first.
    pub(super) fn read(&self, range: TimeRange, into: &mut SampleColumns) {
        self.histograms.read(range, &mut into.histograms);
        merge_into(into, &self.cutting.columns(range));
        merge_into(into, &self.late.columns(range));
    }

    /// Appends all state to `out`. No cut is running.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        self.histograms.encode(out);
        put_u64(out, self.late.floats.len() as u64);
        for (at, value) in &self.late.floats {
            put_i64(out, *at);
            put_f64(out, *value);
        }
        put_histograms(out, &self.late.histograms);
    }

    /// Reads what [`Rare::encode`] wrote.
    pub(super) fn decode(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let histograms = HistogramSeries::decode(input)?;
        let floats = (0..input.count()?)
            .map(|_| Ok((input.i64()?, input.f64()?)))
            .collect::<Result<_, Malformed>>()?;
        let late = Late { floats, histograms: take_histograms(input)? };
        Ok(Self { histograms, late, ..Self::default() })
    }
}

/// Whether two histograms are the same sample; the sums by their bits, for the
/// staleness marker is a NaN.
pub(super) fn is_same(a: &Histogram, b: &Histogram) -> bool {
    a.sum.to_bits() == b.sum.to_bits()
        && (a == b || {
            let (mut a, mut b) = (a.clone(), b.clone());
            (a.sum, b.sum) = (0.0, 0.0);
            a == b
        })
}

/// The smallest range that holds both.
pub(super) fn hull(a: TimeRange, b: TimeRange) -> TimeRange {
    TimeRange::new(a.start.min(b.start), a.end.max(b.end))
}

pub(super) fn span<T>(column: &[(i64, T)]) -> Option<TimeRange> {
    let (first, last) = (column.first()?.0, column.last()?.0);
    Some(TimeRange::new(Timestamp::from_millis(first), Timestamp::from_millis(last)))
}

pub(super) fn within<T>(column: &[(i64, T)], range: TimeRange) -> std::ops::Range<usize> {
    let start = column.partition_point(|(at, _)| *at < range.start.as_millis());
    start..column.partition_point(|(at, _)| *at <= range.end.as_millis()).max(start)
}

fn take_front<T>(column: &mut Vec<(i64, T)>, before: i64) -> Vec<(i64, T)> {
    let end = column.partition_point(|(at, _)| *at < before);
    column.drain(..end).collect()
}

pub(super) fn put_histograms(out: &mut Vec<u8>, column: &[(i64, Arc<Histogram>)]) {
    put_u64(out, column.len() as u64);
    for (at, value) in column {
        put_i64(out, *at);
        histogram::encode_single(value, out);
    }
}

pub(super) fn take_histograms(input: &mut Input<'_>) -> Result<Histograms, Malformed> {
    (0..input.count()?)
        .map(|_| Ok((input.i64()?, Arc::new(histogram::decode_single(&mut input.0)?))))
        .collect()
}
