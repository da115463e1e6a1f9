//! `histogram_stddev` and `histogram_stdvar` of native histograms, as if all
//! observations lay in the middle of their buckets.

use model::Histogram;
use model::histogram::Bucket;
use model::kahan::kahan_add;

pub(super) const STDDEV_DOC: &str =
    "The estimated standard deviation of a native histogram's observations.";
pub(super) const STDVAR_DOC: &str = "The estimated variance of a native histogram's observations.";

pub(super) fn stddev(histogram: &Histogram) -> f64 {
    stdvar(histogram).sqrt()
}

pub(super) fn stdvar(histogram: &Histogram) -> f64 {
    let mean = histogram.sum / histogram.count;
    let is_custom = histogram.uses_custom_buckets();
    let (mut sum, mut compensation) = (0.0, 0.0);
    for bucket in histogram.all_buckets().iter().filter(|bucket| bucket.count != 0.0) {
        let distance = middle(bucket, is_custom) - mean;
        (sum, compensation) = kahan_add(bucket.count * distance * distance, sum, compensation);
    }
    (sum + compensation) / histogram.count
}

/// The arithmetic mean of custom bounds, the geometric mean of exponential ones.
fn middle(bucket: &Bucket, is_custom: bool) -> f64 {
    if is_custom {
        (bucket.upper + bucket.lower) / 2.0
    } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
        0.0
    } else {
        let mean = (bucket.upper * bucket.lower).sqrt();
        if bucket.upper < 0.0 { -mean } else { mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_buckets_count_in_their_middle() {
        let mut histogram = Histogram::new(model::histogram::CUSTOM_BUCKETS_SCHEMA);
        histogram.custom_bounds = vec![0.0, 2.0, 4.0];
        histogram.positive.push(1, 1.0);
        histogram.positive.push(2, 1.0);
        histogram.count = 2.0;
        histogram.sum = 4.0;
        assert_eq!(stdvar(&histogram), 1.0);
        assert_eq!(stddev(&histogram), 1.0);
    }
}
