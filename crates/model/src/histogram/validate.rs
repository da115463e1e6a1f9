//! Which native histograms are sound enough to store.

use super::{
    Buckets, CUSTOM_BUCKETS_SCHEMA, CountFlavor, EXPONENTIAL_SCHEMA_MAX, EXPONENTIAL_SCHEMA_MIN,
    Histogram,
};

/// Why a native histogram is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HistogramError {
    /// The schema is none that exists.
    #[error("native histogram has unknown schema {0}; -4 to 8 and -53 are known")]
    Schema(i8),
    /// Spans and counts disagree.
    #[error("native histogram has {counts} {side} bucket counts, but its spans ask for {spanned}")]
    SpanMismatch {
        /// `positive` or `negative`.
        side: &'static str,
        /// How many counts there are.
        counts: usize,
        /// How many the spans need.
        spanned: u64,
    },
    /// A span other than the first goes backward.
    #[error("native histogram has a {side} span with negative offset {offset}")]
    NegativeOffset {
        /// `positive` or `negative`.
        side: &'static str,
        /// The offset.
        offset: i32,
    },
    /// A bucket, the zero bucket or the count is below zero or no number.
    #[error("native histogram has a negative or undefined count in its {0}")]
    NegativeCount(&'static str),
    /// The buckets add up to more or less than the count.
    #[error("native histogram counts {count} observations, but its buckets hold {buckets}")]
    CountMismatch {
        /// What it says.
        count: f64,
        /// What the buckets add up to.
        buckets: f64,
    },
    /// Custom bounds do not rise, or are infinite or NaN.
    #[error("native histogram has custom bounds that do not rise or are not finite")]
    CustomBounds,
    /// Negative buckets, a zero bucket, or more buckets than bounds with custom buckets.
    #[error("native histogram with custom buckets has {0}")]
    CustomBuckets(&'static str),
}

impl Histogram {
    /// Checks what a store relies on: known schema, spans that fit the counts,
    /// no negative counts, integer counts that add up, custom bounds that rise.
    pub fn validate(&self) -> Result<(), HistogramError> {
        if self.uses_custom_buckets() {
            self.validate_custom()?;
        } else if !(EXPONENTIAL_SCHEMA_MIN..=EXPONENTIAL_SCHEMA_MAX).contains(&self.schema) {
            return Err(HistogramError::Schema(self.schema));
        } else if !self.custom_bounds.is_empty() {
            return Err(HistogramError::CustomBounds);
        }
        validate_side("positive", &self.positive)?;
        validate_side("negative", &self.negative)?;
        if self.is_stale() {
            return Ok(());
        }
        if is_negative(self.zero_count) {
            return Err(HistogramError::NegativeCount("zero bucket"));
        }
        if is_negative(self.count) {
            return Err(HistogramError::NegativeCount("total"));
        }
        if self.flavor == CountFlavor::Integer {
            self.validate_sum_of_buckets()?;
        }
        Ok(())
    }

    /// NaN observations are counted but fall into no bucket, and only they make the sum NaN.
    fn validate_sum_of_buckets(&self) -> Result<(), HistogramError> {
        let buckets = self.zero_count
            + self.positive.counts.iter().sum::<f64>()
            + self.negative.counts.iter().sum::<f64>();
        let fits = if self.sum.is_nan() { buckets <= self.count } else { buckets == self.count };
        if fits {
            Ok(())
        } else {
            Err(HistogramError::CountMismatch { count: self.count, buckets })
        }
    }

    fn validate_custom(&self) -> Result<(), HistogramError> {
        debug_assert_eq!(self.schema, CUSTOM_BUCKETS_SCHEMA);
        let rises = self.custom_bounds.windows(2).all(|pair| pair[0] < pair[1]);
        if !rises || self.custom_bounds.iter().any(|bound| !bound.is_finite()) {
            return Err(HistogramError::CustomBounds);
        }
        if !self.negative.is_empty() {
            return Err(HistogramError::CustomBuckets("negative buckets"));
        }
        if self.zero_count != 0.0 || self.zero_threshold != 0.0 {
            return Err(HistogramError::CustomBuckets("a zero bucket"));
        }
        let bounds = i64::try_from(self.custom_bounds.len()).unwrap_or(i64::MAX);
        let outside = |index: i32| index < 0 || i64::from(index) > bounds;
        if self.positive.iter().any(|(index, _)| outside(index)) {
            return Err(HistogramError::CustomBuckets("more buckets than bounds"));
        }
        Ok(())
    }
}

fn validate_side(side: &'static str, buckets: &Buckets) -> Result<(), HistogramError> {
    if let Some(span) = buckets.spans.iter().skip(1).find(|span| span.offset < 0) {
        return Err(HistogramError::NegativeOffset { side, offset: span.offset });
    }
    let spanned = buckets.spans.iter().map(|span| u64::from(span.length)).sum();
    if spanned != buckets.counts.len() as u64 {
        let counts = buckets.counts.len();
        return Err(HistogramError::SpanMismatch { side, counts, spanned });
    }
    if buckets.counts.iter().copied().any(is_negative) {
        return Err(HistogramError::NegativeCount(side));
    }
    Ok(())
}

fn is_negative(count: f64) -> bool {
    count < 0.0 || count.is_nan()
}

#[cfg(test)]
mod tests {
    use super::super::BucketSpan;
    use super::*;

    fn sound() -> Histogram {
        let mut histogram = Histogram::new(2);
        histogram.positive.push(1, 3.0);
        histogram.positive.push(4, 2.0);
        histogram.zero_count = 1.0;
        histogram.count = 6.0;
        histogram.sum = 12.5;
        histogram
    }

    #[test]
    fn a_sound_one_passes() {
        assert_eq!(sound().validate(), Ok(()));
    }

    #[test]
    fn each_fault_is_named() {
        let fault = |change: fn(&mut Histogram)| {
            let mut histogram = sound();
            change(&mut histogram);
            histogram.validate().unwrap_err()
        };
        assert_eq!(fault(|h| h.schema = 9), HistogramError::Schema(9));
        assert_eq!(
            fault(|h| h.count = 7.0),
            HistogramError::CountMismatch { count: 7.0, buckets: 6.0 }
        );
        assert_eq!(fault(|h| h.zero_count = -1.0), HistogramError::NegativeCount("zero bucket"));
        assert_eq!(
            fault(|h| h.positive.counts[0] = -1.0),
            HistogramError::NegativeCount("positive")
        );
        assert_eq!(
            fault(|h| h.positive.spans[1].offset = -1),
            HistogramError::NegativeOffset { side: "positive", offset: -1 }
        );
        assert_eq!(
            fault(|h| h.negative.spans.push(BucketSpan { offset: 0, length: u32::MAX })),
            HistogramError::SpanMismatch {
                side: "negative",
                counts: 0,
                spanned: u64::from(u32::MAX)
            }
        );
    }

    #[test]
    fn nan_observations_may_fall_into_no_bucket() {
        let mut histogram = sound();
        histogram.count = 7.0;
        histogram.sum = f64::NAN;
        assert_eq!(histogram.validate(), Ok(()));
        histogram.count = 5.0;
        assert!(histogram.validate().is_err());
    }

    #[test]
    fn custom_buckets_need_rising_bounds_and_nothing_below_zero() {
        let mut histogram = Histogram::new(CUSTOM_BUCKETS_SCHEMA);
        histogram.custom_bounds = vec![1.0, 2.0];
        histogram.positive.push(2, 4.0);
        histogram.count = 4.0;
        assert_eq!(histogram.validate(), Ok(()));
        histogram.custom_bounds = vec![2.0, 2.0];
        assert_eq!(histogram.validate(), Err(HistogramError::CustomBounds));
        histogram.custom_bounds = vec![1.0];
        assert!(matches!(histogram.validate(), Err(HistogramError::CustomBuckets(_))));
    }
}
