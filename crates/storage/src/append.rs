//! Writing: options, and what became of each sample.

use model::{Labels, Timestamp};

/// How many rejected samples an outcome describes one by one; the rest is only counted.
pub const REJECTION_EXAMPLES_MAX: usize = 8;

/// How a batch is to be appended.
#[derive(Clone, Debug, Default)]
pub struct AppendOptions {
    /// Samples later than this are refused as [`RejectReason::TooFarInFuture`].
    pub timestamp_max: Option<Timestamp>,
}

/// What became of a batch that the store took.
#[derive(Clone, Debug, Default)]
pub struct AppendOutcome {
    /// Samples stored, native histograms included. A sample that repeats a
    /// stored one to the bit is neither stored again nor rejected.
    pub samples_appended: u64,
    /// Of those, native histograms.
    pub histograms_appended: u64,
    /// Exemplars stored.
    pub exemplars_appended: u64,
    /// Series that did not exist before.
    pub series_created: u64,
    /// What was refused.
    pub rejections: Rejections,
}

/// Why one sample, exemplar or series was refused. The texts are Prometheus'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum RejectReason {
    /// Older than the newest sample of its series, and no out-of-order window.
    #[error("out of order sample")]
    OutOfOrder,
    /// Older than the out-of-order window allows.
    #[error("too old sample")]
    TooOld,
    /// Another value for a timestamp that has one.
    #[error("duplicate sample for timestamp")]
    DuplicateForTimestamp,
    /// Before everything that the store keeps.
    #[error("out of bounds")]
    OutOfBounds,
    /// Later than [`AppendOptions::timestamp_max`].
    #[error("out of bounds: the timestamp is too far in the future")]
    TooFarInFuture,
    /// A new series over a limit of the store.
    #[error("the limit of active series is reached")]
    SeriesLimit,
    /// A new series of a metric that has too many.
    #[error("the limit of series for this metric is reached")]
    MetricSeriesLimit,
    /// No metric name, an invalid name, too many labels, or one too long.
    #[error("invalid labels")]
    InvalidLabels,
    /// A native histogram that [`model::Histogram::validate`] refuses.
    #[error("invalid native histogram")]
    InvalidHistogram,
    /// An exemplar that is older than the newest one of its series.
    #[error("out of order exemplar")]
    ExemplarOutOfOrder,
    /// An exemplar whose labels are longer than 128 characters.
    #[error("exemplar labels are too long")]
    ExemplarTooLong,
}

impl RejectReason {
    /// All reasons, for metrics that name them.
    pub const ALL: [Self; 11] = [
        Self::OutOfOrder,
        Self::TooOld,
        Self::DuplicateForTimestamp,
        Self::OutOfBounds,
        Self::TooFarInFuture,
        Self::SeriesLimit,
        Self::MetricSeriesLimit,
        Self::InvalidLabels,
        Self::InvalidHistogram,
        Self::ExemplarOutOfOrder,
        Self::ExemplarTooLong,
    ];

    /// The reason as a label value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfOrder => "out_of_order",
            Self::TooOld => "too_old",
            Self::DuplicateForTimestamp => "duplicate_for_timestamp",
            Self::OutOfBounds => "out_of_bounds",
            Self::TooFarInFuture => "too_far_in_future",
            Self::SeriesLimit => "series_limit",
            Self::MetricSeriesLimit => "metric_series_limit",
            Self::InvalidLabels => "invalid_labels",
            Self::InvalidHistogram => "invalid_histogram",
            Self::ExemplarOutOfOrder => "exemplar_out_of_order",
            Self::ExemplarTooLong => "exemplar_too_long",
        }
    }
}

/// One refused sample.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// Its series.
    pub labels: Labels,
    /// Its time.
    pub timestamp: Timestamp,
    /// Why it was refused.
    pub reason: RejectReason,
}

/// All that was refused of a batch: counted in full, described in part.
#[derive(Clone, Debug, Default)]
pub struct Rejections {
    counts: [u64; RejectReason::ALL.len()],
    examples: Vec<Rejection>,
}

impl Rejections {
    /// Counts one refused sample and, while there is room, keeps it as an example.
    pub fn add(&mut self, reason: RejectReason, timestamp: Timestamp, labels: &model::LabelsRef) {
        self.counts[reason as usize] += 1;
        if self.examples.len() < REJECTION_EXAMPLES_MAX {
            self.examples.push(Rejection { labels: labels.to_labels(), timestamp, reason });
        }
    }

    /// How many were refused for `reason`.
    pub fn count(&self, reason: RejectReason) -> u64 {
        self.counts[reason as usize]
    }

    /// How many were refused.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.total() == 0
    }

    /// The first few that were refused.
    pub fn examples(&self) -> &[Rejection] {
        &self.examples
    }

    /// Takes over what another part of the same batch refused.
    pub fn merge(&mut self, other: Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        let room = REJECTION_EXAMPLES_MAX.saturating_sub(self.examples.len());
        self.examples.extend(other.examples.into_iter().take(room));
    }
}

impl AppendOutcome {
    /// Takes over what became of another part of the same batch.
    pub fn merge(&mut self, other: Self) {
        self.samples_appended += other.samples_appended;
        self.histograms_appended += other.histograms_appended;
        self.exemplars_appended += other.exemplars_appended;
        self.series_created += other.series_created;
        self.rejections.merge(other.rejections);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_index_their_own_counter() {
        for (index, reason) in RejectReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
        }
    }

    #[test]
    fn examples_are_capped_and_counts_are_not() {
        let mut all = Rejections::default();
        for _ in 0..3 {
            let mut part = Rejections::default();
            for t in 0..5 {
                part.add(RejectReason::TooOld, Timestamp::from_millis(t), &Labels::empty());
            }
            all.merge(part);
        }
        assert_eq!(all.count(RejectReason::TooOld), 15);
        assert_eq!(all.total(), 15);
        assert_eq!(all.examples().len(), REJECTION_EXAMPLES_MAX);
    }
}
