//! Histograms: exponential ones become native, explicit ones may.

use model::Histogram;
use model::histogram::{
    Buckets, CUSTOM_BUCKETS_SCHEMA, EXPONENTIAL_SCHEMA_MAX, EXPONENTIAL_SCHEMA_MIN,
};
use model::sample::STALE_NAN;

use super::message::{self, ExponentialPoint, HistogramPoint};

/// The width of the zero bucket where the sender gives none; as Prometheus' translator.
const ZERO_THRESHOLD_DEFAULT: f64 = 1e-128;

/// A point that can't be a native histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PointFault {
    #[error("scale {0} is coarser than -4, the coarsest that a native histogram has")]
    Scale(i32),
    #[error("bucket indices overflow")]
    Offset,
    #[error("{counts} bucket counts do not fit {bounds} bounds")]
    Bounds { counts: usize, bounds: usize },
}

/// A native histogram from an exponential one. Scales above 8 are made coarser.
pub(super) fn exponential(point: &ExponentialPoint<'_>) -> Result<Histogram, PointFault> {
    if point.scale < i32::from(EXPONENTIAL_SCHEMA_MIN) {
        return Err(PointFault::Scale(point.scale));
    }
    let schema = point.scale.min(i32::from(EXPONENTIAL_SCHEMA_MAX));
    let steps = point.scale.abs_diff(schema);
    let mut histogram = Histogram::new(schema as i8);
    histogram.zero_threshold =
        if point.zero_threshold > 0.0 { point.zero_threshold } else { ZERO_THRESHOLD_DEFAULT };
    if point.at.has_no_value() {
        histogram.sum = STALE_NAN;
        return Ok(histogram);
    }
    histogram.zero_count = point.zero_count as f64;
    histogram.count = point.count as f64;
    histogram.sum = point.sum.unwrap_or(0.0);
    histogram.positive = merged(&point.positive, steps)?;
    histogram.negative = merged(&point.negative, steps)?;
    Ok(histogram)
}

/// Sparse buckets from dense ones, `2^steps` of them merged into one.
///
/// OTLP's bucket 0 starts at 1, Prometheus' ends there: indices differ by one.
fn merged(dense: &message::Buckets, steps: u32) -> Result<Buckets, PointFault> {
    let mut buckets = Buckets::default();
    let mut last: Option<(i32, u64)> = None;
    for (position, count) in dense.bucket_counts.iter().enumerate() {
        if *count == 0 {
            continue;
        }
        let index = i64::from(dense.offset) + position as i64;
        // Arithmetic shift rounds down for negative indices too.
        let index = (index >> steps.min(62)) + 1;
        let index = i32::try_from(index).map_err(|_| PointFault::Offset)?;
        match &mut last {
            Some((before, sum)) if *before == index => *sum = sum.saturating_add(*count),
            _ => {
                if let Some((before, sum)) = last.replace((index, *count)) {
                    buckets.push(before, sum as f64);
                }
            }
        }
    }
    if let Some((index, sum)) = last {
        buckets.push(index, sum as f64);
    }
    Ok(buckets)
}

/// A native histogram with custom buckets from one with explicit bounds.
pub(super) fn custom(point: &HistogramPoint<'_>) -> Result<Histogram, PointFault> {
    check_bounds(point)?;
    let mut histogram = Histogram::new(CUSTOM_BUCKETS_SCHEMA);
    histogram.custom_bounds = finite_bounds(point).to_vec();
    if point.at.has_no_value() {
        histogram.sum = STALE_NAN;
        return Ok(histogram);
    }
    histogram.count = point.count as f64;
    histogram.sum = point.sum.unwrap_or(0.0);
    if point.bucket_counts.is_empty() && point.count > 0 {
        histogram.positive.push(0, histogram.count);
    }
    for (index, count) in point.bucket_counts.iter().enumerate() {
        if *count > 0 {
            let index = i32::try_from(index).map_err(|_| PointFault::Offset)?;
            histogram.positive.push(index, *count as f64);
        }
    }
    Ok(histogram)
}

/// Refuses counts that do not fit the bounds: there is one more count than
/// bounds, or there are neither.
pub(super) fn check_bounds(point: &HistogramPoint<'_>) -> Result<(), PointFault> {
    let (counts, bounds) = (point.bucket_counts.len(), point.explicit_bounds.len());
    let is_bare = counts == 0 && bounds == 0;
    if is_bare || counts == bounds + 1 || point.at.has_no_value() {
        Ok(())
    } else {
        Err(PointFault::Bounds { counts, bounds })
    }
}

/// The bounds without a last one of +Inf, which custom buckets have implied.
fn finite_bounds<'a>(point: &'a HistogramPoint<'_>) -> &'a [f64] {
    match point.explicit_bounds.split_last() {
        Some((last, bounds)) if *last == f64::INFINITY => bounds,
        _ => &point.explicit_bounds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(scale: i32, offset: i32, bucket_counts: &[u64]) -> ExponentialPoint<'static> {
        ExponentialPoint {
            scale,
            count: bucket_counts.iter().sum(),
            positive: message::Buckets { offset, bucket_counts: bucket_counts.to_vec() },
            ..Default::default()
        }
    }

    #[test]
    fn indices_are_shifted_by_one() {
        let histogram = exponential(&point(0, -2, &[1, 0, 2])).unwrap();
        assert_eq!(histogram.positive.iter().collect::<Vec<_>>(), [(-1, 1.0), (1, 2.0)]);
        assert_eq!(histogram.validate(), Ok(()));
        // OTLP's bucket 0 of scale 0 covers (1, 2].
        let histogram = exponential(&point(0, 0, &[3])).unwrap();
        let bucket = histogram.positive_buckets().next().unwrap();
        assert_eq!((bucket.lower, bucket.upper, bucket.count), (1.0, 2.0, 3.0));
    }

    #[test]
    fn finer_scales_are_merged_to_the_finest_there_is() {
        let histogram = exponential(&point(10, -5, &[1, 2, 3, 4, 5, 6, 7, 8])).unwrap();
        assert_eq!(histogram.schema, 8);
        // -5 | -4 -3 -2 -1 | 0 1 2 shifted right by two, plus one.
        assert_eq!(
            histogram.positive.iter().collect::<Vec<_>>(),
            [(-1, 1.0), (0, 14.0), (1, 21.0)]
        );
        assert_eq!(histogram.validate(), Ok(()));
    }

    #[test]
    fn scales_that_do_not_exist_are_refused() {
        assert_eq!(exponential(&point(-5, 0, &[1])), Err(PointFault::Scale(-5)));
        assert_eq!(exponential(&point(i32::MAX, 0, &[1])).unwrap().schema, 8);
        assert_eq!(exponential(&point(0, i32::MAX, &[1, 1])), Err(PointFault::Offset));
    }

    #[test]
    fn explicit_bounds_become_custom_ones() {
        let mut point = HistogramPoint {
            count: 6,
            sum: Some(9.0),
            explicit_bounds: vec![0.5, 1.0],
            bucket_counts: vec![1, 0, 5],
            ..Default::default()
        };
        let histogram = custom(&point).unwrap();
        assert_eq!(histogram.positive.iter().collect::<Vec<_>>(), [(0, 1.0), (2, 5.0)]);
        assert_eq!(histogram.validate(), Ok(()));
        point.bucket_counts.pop();
        assert_eq!(custom(&point), Err(PointFault::Bounds { counts: 2, bounds: 2 }));
        point.at.flags = 1;
        assert!(custom(&point).unwrap().is_stale());
    }
}
