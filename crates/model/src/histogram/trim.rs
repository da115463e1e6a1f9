//! Cutting a native histogram off at a value: PromQL's `</` and `>/`.

use super::{Bucket, Histogram};

/// Which observations stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trim {
    /// Those below the value.
    KeepBelow,
    /// Those above it.
    KeepAbove,
}

impl Histogram {
    /// Removes the observations beyond `at`. A bucket that holds `at` is split
    /// by interpolation; the sum is then estimated from the buckets that stay.
    pub fn trim(&mut self, at: f64, keep: Trim) {
        let linear = self.uses_custom_buckets();
        let mut estimate = Estimate::default();
        let positive: Vec<Bucket> = self.positive_buckets().collect();
        let negative: Vec<Bucket> = self.negative_buckets().collect();
        let sides = [
            (&positive, &mut self.positive.counts, true),
            (&negative, &mut self.negative.counts, false),
        ];
        for (buckets, counts, is_positive) in sides {
            for (bucket, count) in buckets.iter().zip(counts) {
                if bucket.count != 0.0 {
                    *count = estimate.keep(*bucket, at, keep, is_positive, linear);
                }
            }
        }
        if self.zero_count > 0.0 {
            let populated = |side: &[Bucket]| side.iter().any(|bucket| bucket.count != 0.0);
            let zero = self.zero_bucket();
            let lower =
                if populated(&positive) && !populated(&negative) { 0.0 } else { zero.lower };
            let upper =
                if populated(&negative) && !populated(&positive) { 0.0 } else { zero.upper };
            let (count, middle) = part_of_zero(Bucket { lower, upper, ..zero }, at, keep);
            estimate.add(count, middle, count != self.zero_count);
            self.zero_count = count;
        }
        if estimate.is_trimmed {
            self.count = estimate.count;
            self.sum = estimate.sum;
            self.compact();
        }
    }
}

/// What stays.
#[derive(Default)]
struct Estimate {
    count: f64,
    sum: f64,
    is_trimmed: bool,
}

impl Estimate {
    fn add(&mut self, count: f64, middle: f64, is_trimmed: bool) {
        self.count += count;
        self.sum += middle * count;
        self.is_trimmed |= is_trimmed;
    }

    /// Takes in what stays of `bucket` and returns its count.
    fn keep(&mut self, bucket: Bucket, at: f64, keep: Trim, positive: bool, linear: bool) -> f64 {
        let (all, none) = match keep {
            Trim::KeepBelow => (bucket.upper <= at, bucket.lower >= at),
            Trim::KeepAbove => (bucket.lower >= at, bucket.upper <= at),
        };
        if all {
            self.add(bucket.count, middle(bucket.lower, bucket.upper, positive, linear), false);
            return bucket.count;
        }
        // A NaN is neither below nor above anything: nothing stays.
        if none || at.is_nan() {
            self.is_trimmed = true;
            return 0.0;
        }
        let (count, middle) = part_of(bucket, at, keep, positive, linear);
        self.add(count, middle, count != bucket.count);
        count
    }
}

/// The count and the middle of the part of `bucket` that stays; `at` lies inside.
fn part_of(bucket: Bucket, at: f64, keep: Trim, positive: bool, linear: bool) -> (f64, f64) {
    if bucket.lower == f64::NEG_INFINITY || bucket.upper == f64::INFINITY {
        return part_of_infinite(bucket, at, keep);
    }
    let below = bucket.count * bucket.fraction_below(at, linear);
    match keep {
        Trim::KeepBelow => (below, middle(bucket.lower, at, positive, linear)),
        Trim::KeepAbove => (bucket.count - below, middle(at, bucket.upper, positive, linear)),
    }
}

/// Nothing is known of how observations lie in a bucket without end; only one
/// from minus infinity to a positive bound is taken to begin at zero.
fn part_of_infinite(bucket: Bucket, at: f64, keep: Trim) -> (f64, f64) {
    let finite = |bound: f64| if bound.is_infinite() { 0.0 } else { bound };
    if bucket.lower == f64::NEG_INFINITY {
        let upper = bucket.upper;
        let from_zero = upper > 0.0 && upper.is_finite();
        return match keep {
            Trim::KeepBelow if at > 0.0 && from_zero => (bucket.count * at / upper, at / 2.0),
            Trim::KeepBelow if upper <= 0.0 => (bucket.count, at),
            Trim::KeepAbove if at >= 0.0 && from_zero => {
                (bucket.count * (1.0 - at / upper), (at + upper) / 2.0)
            }
            _ => (0.0, finite(upper)),
        };
    }
    match keep {
        Trim::KeepAbove => (bucket.count, at),
        Trim::KeepBelow => (0.0, finite(bucket.lower)),
    }
}

fn part_of_zero(zero: Bucket, at: f64, keep: Trim) -> (f64, f64) {
    let Bucket { lower, upper, count } = zero;
    let whole = (count, (lower + upper) / 2.0);
    match keep {
        Trim::KeepBelow if at <= lower => (0.0, 0.0),
        Trim::KeepBelow if at >= upper => whole,
        Trim::KeepBelow => (count * ((at - lower) / (upper - lower)), (lower + at) / 2.0),
        Trim::KeepAbove if at <= lower => whole,
        Trim::KeepAbove if at >= upper => (0.0, 0.0),
        Trim::KeepAbove => (count * ((upper - at) / (upper - lower)), (at + upper) / 2.0),
    }
}

/// Where the observations of a range lie on average: the arithmetic mean of
/// its bounds, the geometric one for exponential buckets.
fn middle(lower: f64, upper: f64, positive: bool, linear: bool) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) if upper > 0.0 => upper / 2.0,
        (true, false) => upper,
        (false, true) => lower,
        (false, false) if linear => (lower + upper) / 2.0,
        (false, false) => {
            let mean = (lower * upper).abs().sqrt();
            if positive { mean } else { -mean }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::CUSTOM_BUCKETS_SCHEMA;
    use super::*;

    fn sample() -> Histogram {
        let mut histogram = Histogram::new(0);
        histogram.positive.push(1, 4.0);
        histogram.positive.push(2, 6.0);
        histogram.count = 10.0;
        histogram.sum = 25.0;
        histogram
    }

    #[test]
    fn whole_buckets_stay_or_go() {
        let mut below = sample();
        below.trim(2.0, Trim::KeepBelow);
        assert_eq!(below.positive.iter().collect::<Vec<_>>(), [(1, 4.0)]);
        assert_eq!(below.count, 4.0);
        assert!((below.sum - 4.0 * 2f64.sqrt()).abs() < 1e-12);
        let mut above = sample();
        above.trim(2.0, Trim::KeepAbove);
        assert_eq!(above.positive.iter().collect::<Vec<_>>(), [(2, 6.0)]);
    }

    #[test]
    fn nothing_beyond_leaves_everything() {
        let mut all = sample();
        all.trim(100.0, Trim::KeepBelow);
        assert!(all.same_data(&sample()));
    }

    #[test]
    fn a_split_bucket_is_interpolated() {
        let mut custom = Histogram::new(CUSTOM_BUCKETS_SCHEMA);
        custom.custom_bounds = vec![10.0, 20.0];
        custom.positive.push(0, 5.0);
        custom.positive.push(1, 8.0);
        custom.positive.push(2, 1.0);
        custom.count = 14.0;
        let mut below = custom.clone();
        below.trim(15.0, Trim::KeepBelow);
        assert_eq!(below.positive.counts, [5.0, 4.0]);
        assert_eq!((below.count, below.sum), (9.0, 5.0 * 5.0 + 4.0 * 12.5));
        custom.trim(5.0, Trim::KeepAbove);
        assert_eq!(custom.positive.counts, [2.5, 8.0, 1.0]);
    }

    #[test]
    fn the_zero_bucket_is_one_sided_where_the_histogram_is() {
        let mut histogram = sample();
        histogram.zero_threshold = 1.0;
        histogram.zero_count = 4.0;
        histogram.trim(0.5, Trim::KeepBelow);
        assert_eq!((histogram.zero_count, histogram.count), (2.0, 2.0));
    }
}
