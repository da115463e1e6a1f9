//! Native histograms of one series that came in order: the newest as they are,
//! older ones packed as differences.

use std::sync::Arc;

use model::{Histogram, HistogramColumn, TimeRange, Timestamp};

use super::late::{Histograms, hull, put_histograms, span, take_histograms, within};
use crate::codec::histogram;
use crate::wal::varint::{Input, Malformed, put_i64, put_u64};

/// The open histograms are packed at this many.
const OPEN_MAX: usize = 32;

/// Histograms by strictly rising time.
#[derive(Clone, Debug, Default)]
pub(super) struct HistogramSeries {
    closed: Vec<ClosedHistograms>,
    /// How many of the closed ones a running cut has taken.
    cutting: usize,
    open: Histograms,
}

/// Packed histograms, shared with readers.
#[derive(Clone, Debug)]
struct ClosedHistograms {
    range: TimeRange,
    bytes: Arc<[u8]>,
}

impl ClosedHistograms {
    fn pack(open: &[(i64, Arc<Histogram>)]) -> Option<Self> {
        let range = span(open)?;
        let mut bytes = Vec::new();
        let (timestamps, histograms): (Vec<_>, Vec<_>) = open
            .iter()
            .map(|(at, histogram)| (Timestamp::from_millis(*at), Arc::clone(histogram)))
            .unzip();
        histogram::encode(&timestamps, &histograms, &mut bytes);
        Some(Self { range, bytes: Arc::from(bytes) })
    }

    fn all(&self) -> Histograms {
        let mut column = HistogramColumn::default();
        let decoded = histogram::decode(&self.bytes, &mut column);
        debug_assert!(decoded.is_ok(), "this process packed the histograms");
        column.timestamps.iter().map(|at| at.as_millis()).zip(column.histograms).collect()
    }
}

impl HistogramSeries {
    pub(super) fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.open.is_empty()
    }

    pub(super) fn size_bytes(&self) -> usize {
        let open = self.open.iter().map(|(_, histogram)| 16 + histogram.size_bytes());
        open.sum::<usize>() + self.closed.iter().map(|chunk| chunk.bytes.len()).sum::<usize>()
    }

    pub(super) fn range(&self) -> Option<TimeRange> {
        let closed = self.closed.first().zip(self.closed.last());
        let closed = closed.map(|(first, last)| hull(first.range, last.range));
        closed.into_iter().chain(span(&self.open)).reduce(hull)
    }

    /// The time of the newest, in ms.
    pub(super) fn newest(&self) -> Option<i64> {
        self.range().map(|range| range.end.as_millis())
    }

    /// Adds one that is newer than all. Packed ones lie in one block's span.
    pub(super) fn push(&mut self, at: i64, histogram: Arc<Histogram>, block_ms: i64) {
        let is_over = |(first, _): &(i64, _)| first.div_euclid(block_ms) != at.div_euclid(block_ms);
        if self.open.len() >= OPEN_MAX || self.open.first().is_some_and(is_over) {
            self.close();
        }
        self.open.push((at, histogram));
    }

    fn close(&mut self) {
        self.closed.extend(ClosedHistograms::pack(&self.open));
        self.open.clear();
    }

    /// Forgets those in `range`. No cut is running.
    pub(super) fn remove(&mut self, range: TimeRange) {
        let keep = |at: i64| !range.contains(Timestamp::from_millis(at));
        for chunk in std::mem::take(&mut self.closed) {
            if chunk.range.overlaps(&range) {
                let mut all = chunk.all();
                all.retain(|(at, _)| keep(*at));
                self.closed.extend(ClosedHistograms::pack(&all));
            } else {
                self.closed.push(chunk);
            }
        }
        self.open.retain(|(at, _)| keep(*at));
    }

    /// Marks those before `before` as taken by a cut.
    pub(super) fn begin_cut(&mut self, before: i64) {
        if self.open.last().is_some_and(|(at, _)| *at < before) {
            self.close();
        }
        let is_before = |chunk: &ClosedHistograms| chunk.range.end.as_millis() < before;
        self.cutting = self.closed.partition_point(is_before);
    }

    /// Drops what the cut has taken.
    pub(super) fn end_cut(&mut self) {
        self.closed.drain(..self.cutting);
        self.cutting = 0;
    }

    /// Keeps what a cut took that did not succeed.
    pub(super) fn abandon_cut(&mut self) {
        self.cutting = 0;
    }

    /// Only what the running cut has taken.
    pub(super) fn taken(&self) -> Self {
        Self { closed: self.closed[..self.cutting].to_vec(), ..Self::default() }
    }

    /// The part that a reader of `range` needs.
    pub(super) fn clipped(&self, range: TimeRange) -> Self {
        let is_wanted = |chunk: &&ClosedHistograms| chunk.range.overlaps(&range);
        Self {
            closed: self.closed.iter().filter(is_wanted).cloned().collect(),
            cutting: 0,
            open: self.open[within(&self.open, range)].to_vec(),
        }
    }

    /// Appends those in `range` to `into`.
    pub(super) fn read(&self, range: TimeRange, into: &mut HistogramColumn) {
        let mut push = |column: &[(i64, Arc<Histogram>)]| {
            for (at, histogram) in &column[within(column, range)] {
                into.push(Timestamp::from_millis(*at), Arc::clone(histogram));
            }
        };
        for chunk in self.closed.iter().filter(|chunk| chunk.range.overlaps(&range)) {
            push(&chunk.all());
        }
        push(&self.open);
    }

    /// Appends all state to `out`. No cut is running.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_u64(out, self.closed.len() as u64);
        for chunk in &self.closed {
            put_i64(out, chunk.range.start.as_millis());
            put_i64(out, chunk.range.end.as_millis());
            put_u64(out, chunk.bytes.len() as u64);
            out.extend_from_slice(&chunk.bytes);
        }
        put_histograms(out, &self.open);
    }

    /// Reads what [`HistogramSeries::encode`] wrote.
    pub(super) fn decode(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let closed = (0..input.count()?)
            .map(|_| {
                let start = Timestamp::from_millis(input.i64()?);
                let end = Timestamp::from_millis(input.i64()?);
                let length = input.count()?;
                let bytes = Arc::from(input.bytes(length)?);
                Ok(ClosedHistograms { range: TimeRange::new(start, end), bytes })
            })
            .collect::<Result<_, Malformed>>()?;
        Ok(Self { closed, cutting: 0, open: take_histograms(input)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(count: i64) -> Arc<Histogram> {
        let mut histogram = Histogram::new(0);
        for bucket in 0..20 {
            histogram.positive.push(bucket, (count * i64::from(bucket)) as f64);
            histogram.count += (count * i64::from(bucket)) as f64;
        }
        Arc::new(histogram)
    }

    #[test]
    fn old_ones_are_packed_and_read_as_they_were() {
        let mut series = HistogramSeries::default();
        let expected: Vec<_> = (0..500).map(|i| (i * 15_000, histogram(i))).collect();
        for (at, histogram) in &expected {
            series.push(*at, Arc::clone(histogram), 7_200_000);
        }
        let plain: usize = expected.iter().map(|(_, histogram)| histogram.size_bytes()).sum();
        assert!(series.size_bytes() * 4 < plain, "{} of {plain}", series.size_bytes());
        let read = |series: &HistogramSeries, range| {
            let mut column = HistogramColumn::default();
            series.read(range, &mut column);
            column
                .timestamps
                .iter()
                .map(|at| at.as_millis())
                .zip(column.histograms)
                .collect::<Vec<_>>()
        };
        assert_eq!(read(&series, TimeRange::ALL), expected);
        let at = Timestamp::from_millis;
        let part = TimeRange::new(at(100 * 15_000), at(199 * 15_000));
        assert_eq!(read(&series, part), expected[100..200]);

        let mut bytes = Vec::new();
        series.encode(&mut bytes);
        let mut restored = HistogramSeries::decode(&mut Input(&bytes)).unwrap();
        assert_eq!(read(&restored, TimeRange::ALL), expected);

        restored.begin_cut(7_200_000);
        assert_eq!(read(&restored.taken(), TimeRange::ALL), expected[..480]);
        restored.end_cut();
        assert_eq!(read(&restored, TimeRange::ALL), expected[480..]);

        series.remove(part);
        assert_eq!(read(&series, part), []);
        assert_eq!(read(&series, TimeRange::ALL).len(), 400);
    }
}
