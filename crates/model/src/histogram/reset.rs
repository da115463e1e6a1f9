//! Whether a counter histogram was reset between two samples.

use super::custom::{OnBounds, shared_bounds};
use super::merge::coarser;
use super::{Buckets, Histogram, ResetHint, bounds};

impl Histogram {
    /// Whether the counter was reset between `previous` and this sample: it says
    /// so, or a count fell, or a populated bucket is gone, or the resolution
    /// rose, or the zero bucket became narrower.
    ///
    /// A gauge is judged as if it were a counter; callers warn of that.
    pub fn detect_reset(&self, previous: &Self) -> bool {
        match self.reset_hint {
            ResetHint::Reset => return true,
            ResetHint::NotReset => return false,
            ResetHint::Unknown | ResetHint::Gauge => {}
        }
        if self.count < previous.count {
            return true;
        }
        if self.uses_custom_buckets() && previous.uses_custom_buckets() {
            return self.custom_counts_fell(previous);
        }
        if self.uses_custom_buckets()
            || self.schema > previous.schema
            || self.zero_threshold < previous.zero_threshold
        {
            return true;
        }
        let (zero_count, threshold) = previous.zero_count_within(self.zero_threshold);
        if threshold != self.zero_threshold || self.zero_count < zero_count {
            return true;
        }
        self.counts_fell(&self.positive, &previous.positive, previous.schema)
            || self.counts_fell(&self.negative, &previous.negative, previous.schema)
    }

    fn custom_counts_fell(&self, previous: &Self) -> bool {
        if self.custom_bounds == previous.custom_bounds {
            return fell(self.positive.iter(), previous.positive.iter());
        }
        let bounds = shared_bounds(&self.custom_bounds, &previous.custom_bounds);
        let on_bounds = |histogram: &Self| {
            let mut sums = OnBounds::new(&bounds);
            sums.add(&bounds, &histogram.positive, &[], &histogram.custom_bounds, 1.0);
            sums.counts
        };
        on_bounds(self).iter().zip(on_bounds(previous)).any(|(now, before)| *now < before)
    }

    fn counts_fell(&self, now: &Buckets, before: &Buckets, schema_before: i8) -> bool {
        let coarsened;
        let before = if schema_before == self.schema {
            before
        } else {
            coarsened = coarser(before, None, u32::from(schema_before.abs_diff(self.schema))).0;
            &coarsened
        };
        let (schema, threshold) = (self.schema, self.zero_threshold);
        let is_zero =
            |index: i32| threshold > 0.0 && bounds::exponential_bound(index, schema) <= threshold;
        fell(now.iter(), before.iter().skip_while(|(index, _)| is_zero(*index)))
    }
}

/// Whether a bucket counts less than before, missing ones counting nothing.
fn fell(
    now: impl Iterator<Item = (i32, f64)>,
    mut before: impl Iterator<Item = (i32, f64)>,
) -> bool {
    let mut now = now.peekable();
    before.any(|(index, count)| {
        while now.next_if(|(other, _)| *other < index).is_some() {}
        match now.peek() {
            Some((other, current)) if *other == index => *current < count,
            _ => count != 0.0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(buckets: &[(i32, f64)]) -> Histogram {
        let mut histogram = Histogram::new(1);
        for (index, count) in buckets {
            histogram.positive.push(*index, *count);
            histogram.count += count;
        }
        histogram
    }

    #[test]
    fn growing_counts_are_no_reset() {
        let before = counter(&[(1, 2.0), (4, 1.0)]);
        assert!(!counter(&[(1, 2.0), (3, 9.0), (4, 1.0)]).detect_reset(&before));
        assert!(!before.detect_reset(&before));
    }

    #[test]
    fn a_bucket_that_falls_or_goes_is_one() {
        let before = counter(&[(1, 2.0), (4, 1.0)]);
        assert!(counter(&[(1, 1.0), (4, 9.0)]).detect_reset(&before));
        assert!(counter(&[(1, 9.0)]).detect_reset(&before));
        assert!(counter(&[(1, 9.0), (5, 9.0)]).detect_reset(&before));
        assert!(!counter(&[(1, 9.0)]).detect_reset(&counter(&[(1, 2.0), (4, 0.0)])));
    }

    #[test]
    fn hints_win() {
        let before = counter(&[(1, 2.0)]);
        let mut now = counter(&[(1, 1.0)]);
        now.reset_hint = ResetHint::NotReset;
        assert!(!now.detect_reset(&before));
        now = counter(&[(1, 3.0)]);
        now.reset_hint = ResetHint::Reset;
        assert!(now.detect_reset(&before));
    }

    #[test]
    fn a_coarser_schema_is_none_and_a_finer_one_is() {
        let fine = counter(&[(1, 1.0), (2, 1.0), (3, 1.0)]);
        let mut coarse = counter(&[(1, 2.0), (2, 1.0)]);
        coarse.schema = 0;
        assert!(!coarse.detect_reset(&fine));
        coarse.count = 99.0;
        assert!(fine.detect_reset(&Histogram { count: 0.0, ..coarse }));
    }

    #[test]
    fn a_wider_zero_bucket_swallows_buckets() {
        let mut before = counter(&[(0, 2.0), (3, 1.0)]);
        before.zero_count = 1.0;
        let mut now = counter(&[(3, 1.0)]);
        now.zero_threshold = 1.0;
        now.zero_count = 3.0;
        now.count = 4.0;
        assert!(!now.detect_reset(&before));
        now.zero_count = 2.0;
        assert!(now.detect_reset(&before));
        // 1.2 lies within the populated bucket (1, sqrt 2].
        let before = counter(&[(1, 2.0)]);
        let now = Histogram { zero_threshold: 1.2, zero_count: 9.0, count: 9.0, ..counter(&[]) };
        assert!(now.detect_reset(&before));
    }

    #[test]
    fn custom_buckets_are_compared_at_shared_bounds() {
        let custom = |bounds: &[f64], buckets: &[(i32, f64)]| Histogram {
            schema: super::super::CUSTOM_BUCKETS_SCHEMA,
            custom_bounds: bounds.to_vec(),
            ..counter(buckets)
        };
        let before = custom(&[1.0, 2.0, 3.0], &[(0, 1.0), (1, 1.0)]);
        assert!(!custom(&[2.0, 3.0], &[(0, 2.0)]).detect_reset(&before));
        assert!(custom(&[2.0, 3.0], &[(0, 1.0), (1, 5.0)]).detect_reset(&before));
        assert!(before.detect_reset(&counter(&[(1, 1.0)])));
    }
}
