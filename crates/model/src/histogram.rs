//! Native histograms: exponential buckets, and custom ones.
//!
//! One type serves integer and float histograms: counts are held as absolute
//! `f64`, which is exact up to 2^53, and [`CountFlavor`] remembers what they
//! were, so that they leave as they came. Bucket boundaries follow Prometheus'
//! native histogram specification: with schema `s` bucket `i` covers
//! `(2^((i-1)·2^-s), 2^(i·2^-s)]`; schema [`CUSTOM_BUCKETS_SCHEMA`] lists its
//! upper bounds in `custom_bounds`.

mod arithmetic;
mod bounds;
mod custom;
mod merge;
mod reset;
mod trim;
mod validate;

pub use arithmetic::{HistogramSum, IncompatibleSchemas, Reconciliation};
pub use bounds::Bucket;
pub use trim::Trim;
pub use validate::HistogramError;

use crate::sample::is_stale_nan;

/// The schema that says "the bounds are listed".
pub const CUSTOM_BUCKETS_SCHEMA: i8 = -53;
/// The coarsest exponential schema: each bucket is 65,536 times as wide as the one before.
pub const EXPONENTIAL_SCHEMA_MIN: i8 = -4;
/// The finest exponential schema: 256 buckets for each doubling.
pub const EXPONENTIAL_SCHEMA_MAX: i8 = 8;

/// A native histogram sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Whether the counts were integers or floats when they came.
    pub flavor: CountFlavor,
    /// What is known of resets between this sample and the one before.
    pub reset_hint: ResetHint,
    /// The resolution: -4..=8, or [`CUSTOM_BUCKETS_SCHEMA`].
    pub schema: i8,
    /// Observations with `|x| <= zero_threshold` are in the zero bucket.
    pub zero_threshold: f64,
    /// Observations in the zero bucket.
    pub zero_count: f64,
    /// All observations, NaN ones too.
    pub count: f64,
    /// The sum of all observations; the stale NaN marks staleness.
    pub sum: f64,
    /// Buckets of positive observations.
    pub positive: Buckets,
    /// Buckets of negative observations, by absolute value.
    pub negative: Buckets,
    /// Upper bounds of the custom buckets, rising strictly, without +Inf;
    /// empty for exponential schemas.
    pub custom_bounds: Vec<f64>,
}

/// Sparse buckets: runs of neighbours and one count for each bucket in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buckets {
    /// The runs, by rising index.
    pub spans: Vec<BucketSpan>,
    /// Absolute counts, one for each bucket of each span.
    pub counts: Vec<f64>,
}

/// A run of neighbouring buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BucketSpan {
    /// The gap to the run before; for the first run, the index of its first bucket.
    pub offset: i32,
    /// The number of buckets in the run.
    pub length: u32,
}

/// Whether counts were integers or floats when they came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CountFlavor {
    /// As an instrumented program counts.
    #[default]
    Integer,
    /// As the result of a rate or an aggregation.
    Float,
}

/// What is known of counter resets, as Prometheus' `ResetHint` says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResetHint {
    /// Nothing: compare with the sample before.
    #[default]
    Unknown,
    /// The counter was reset since the sample before.
    Reset,
    /// It was not.
    NotReset,
    /// A gauge histogram: resets mean nothing.
    Gauge,
}

impl Histogram {
    /// An empty histogram of the given schema.
    pub fn new(schema: i8) -> Self {
        Self {
            flavor: CountFlavor::default(),
            reset_hint: ResetHint::default(),
            schema,
            zero_threshold: 0.0,
            zero_count: 0.0,
            count: 0.0,
            sum: 0.0,
            positive: Buckets::default(),
            negative: Buckets::default(),
            custom_bounds: Vec::new(),
        }
    }

    /// Whether the bounds are listed rather than computed.
    pub fn uses_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// Whether this sample says that the series ended.
    pub fn is_stale(&self) -> bool {
        is_stale_nan(self.sum)
    }

    /// The heap bytes of this histogram.
    pub fn size_bytes(&self) -> usize {
        let buckets = |b: &Buckets| {
            b.spans.len() * size_of::<BucketSpan>() + b.counts.len() * size_of::<f64>()
        };
        size_of::<Self>()
            + buckets(&self.positive)
            + buckets(&self.negative)
            + self.custom_bounds.len() * size_of::<f64>()
    }
}

impl Buckets {
    /// The buckets as `(index, count)`, by rising index.
    pub fn iter(&self) -> impl Iterator<Item = (i32, f64)> + '_ {
        let mut next = 0i32;
        self.spans
            .iter()
            .flat_map(move |span| {
                let first = next.saturating_add(span.offset);
                next = first.saturating_add_unsigned(span.length);
                first..next
            })
            .zip(self.counts.iter().copied())
    }

    /// Whether there is no bucket.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Adds a bucket behind all others. `index` must be higher than all before.
    pub fn push(&mut self, index: i32, count: f64) {
        let end = self.spans.iter().fold(0i32, |end, span| {
            end.saturating_add(span.offset).saturating_add_unsigned(span.length)
        });
        match self.spans.last_mut() {
            Some(last) if index == end => last.length += 1,
            _ => self.spans.push(BucketSpan { offset: index - end, length: 1 }),
        }
        self.counts.push(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_pushed_are_buckets_read() {
        let pushed = [(-3, 1.0), (-2, 2.0), (0, 5.0), (7, 1.0), (8, 0.0)];
        let mut buckets = Buckets::default();
        for (index, count) in pushed {
            buckets.push(index, count);
        }
        assert_eq!(buckets.iter().collect::<Vec<_>>(), pushed);
        assert_eq!(
            buckets.spans,
            [(-3, 2), (1, 1), (6, 2)].map(|(offset, length)| BucketSpan { offset, length })
        );
    }
}
