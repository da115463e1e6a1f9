//! Arithmetic of native histograms.

use super::*;
use crate::histogram::CUSTOM_BUCKETS_SCHEMA;

fn exponential(schema: i8, buckets: &[(i32, f64)]) -> Histogram {
    let mut histogram = Histogram::new(schema);
    for (index, count) in buckets {
        histogram.positive.push(*index, *count);
        histogram.count += count;
    }
    histogram
}

fn custom(bounds: &[f64], buckets: &[(i32, f64)]) -> Histogram {
    let mut histogram = exponential(CUSTOM_BUCKETS_SCHEMA, buckets);
    histogram.custom_bounds = bounds.to_vec();
    histogram
}

fn buckets(histogram: &Histogram) -> Vec<(i32, f64)> {
    histogram.positive.iter().collect()
}

#[test]
fn sums_and_differences() {
    let mut sum = exponential(0, &[(1, 2.0), (3, 4.0)]);
    sum.sum = 10.0;
    let mut other = exponential(0, &[(0, 1.0), (3, 5.0)]);
    other.sum = 3.0;
    sum.add(&other).unwrap();
    assert_eq!(buckets(&sum), [(0, 1.0), (1, 2.0), (3, 9.0)]);
    assert_eq!((sum.count, sum.sum), (12.0, 13.0));
    sum.sub(&other).unwrap();
    sum.compact();
    assert_eq!(buckets(&sum), [(1, 2.0), (3, 4.0)]);
    assert_eq!(sum.flavor, CountFlavor::Float);
}

#[test]
fn the_coarser_schema_wins_on_either_side() {
    let fine = exponential(1, &[(1, 1.0), (2, 2.0), (3, 4.0)]);
    let coarse = exponential(0, &[(2, 8.0)]);
    let expected = [(1, 3.0), (2, 12.0)];
    let mut sum = fine.clone();
    sum.add(&coarse).unwrap();
    assert_eq!((sum.schema, buckets(&sum)), (0, expected.to_vec()));
    let mut sum = coarse;
    sum.add(&fine).unwrap();
    assert_eq!((sum.schema, buckets(&sum)), (0, expected.to_vec()));
}

#[test]
fn the_wider_zero_bucket_wins_on_either_side() {
    let mut wide = exponential(0, &[(3, 1.0)]);
    wide.zero_threshold = 2.0;
    wide.zero_count = 5.0;
    let narrow = exponential(0, &[(0, 1.0), (1, 2.0), (3, 4.0)]);
    for (mut sum, other) in [(wide.clone(), narrow.clone()), (narrow.clone(), wide.clone())] {
        sum.add(&other).unwrap();
        assert_eq!((sum.zero_threshold, sum.zero_count), (2.0, 8.0));
        assert_eq!(buckets(&sum), [(3, 5.0)]);
        let mut compensated = HistogramSum::new(narrow.clone());
        compensated.add(&wide).unwrap();
        assert!(compensated.finish().same_data(&sum));
    }
    // 1.5 lies within the populated bucket (1, 2]: the zero bucket grows up to 2.
    wide.zero_threshold = 1.5;
    let mut sum = narrow;
    sum.add(&wide).unwrap();
    assert_eq!((sum.zero_threshold, sum.zero_count), (2.0, 8.0));
}

#[test]
fn custom_bounds_are_reconciled() {
    let mut sum = custom(&[1.0, 2.0, 3.0], &[(0, 1.0), (1, 2.0), (3, 4.0)]);
    let same = sum.clone();
    assert!(!sum.add(&same).unwrap().bounds_differed);
    assert!(sum.add(&custom(&[2.0, 5.0], &[(0, 10.0), (1, 20.0)])).unwrap().bounds_differed);
    assert_eq!(sum.custom_bounds, [2.0]);
    assert_eq!(buckets(&sum), [(0, 16.0), (1, 28.0)]);
    assert_eq!(sum.count, 44.0);
}

#[test]
fn exponential_and_custom_do_not_mix() {
    let mut sum = exponential(0, &[(1, 1.0)]);
    assert_eq!(sum.add(&custom(&[1.0], &[])), Err(IncompatibleSchemas));
    assert_eq!(buckets(&sum), [(1, 1.0)]);
}

#[test]
fn reset_hints() {
    use ResetHint::{Gauge, NotReset, Reset, Unknown};
    for (a, b, hint, collide) in [
        (Reset, Reset, Reset, false),
        (Reset, NotReset, Unknown, true),
        (Unknown, Reset, Unknown, false),
        (NotReset, Unknown, Unknown, false),
        (Gauge, Reset, Gauge, false),
        (Reset, Gauge, Gauge, false),
    ] {
        let mut sum = exponential(0, &[]);
        sum.reset_hint = a;
        let mut other = exponential(0, &[]);
        other.reset_hint = b;
        let done = sum.add(&other).unwrap();
        assert_eq!((sum.reset_hint, done.reset_hints_collide), (hint, collide), "{a:?} {b:?}");
    }
}

#[test]
fn scaling_and_dividing() {
    let mut histogram = exponential(0, &[(1, 2.0), (3, 4.0)]);
    histogram.scale(-2.0);
    assert_eq!(buckets(&histogram), [(1, -4.0), (3, -8.0)]);
    assert_eq!(histogram.reset_hint, ResetHint::Gauge);
    histogram.divide(0.0);
    assert!(histogram.positive.is_empty());
    assert_eq!(histogram.count, f64::NEG_INFINITY);
    assert!(histogram.has_overflow());
}

#[test]
fn a_compensated_sum_keeps_small_terms() {
    let of = |count: f64| exponential(0, &[(1, count)]);
    let mut sum = HistogramSum::new(of(1e100));
    sum.add(&of(1.0)).unwrap();
    sum.add(&exponential(1, &[(2, 1.0)])).unwrap();
    sum.add(&of(-1e100)).unwrap();
    let sum = sum.finish();
    assert_eq!((sum.count, buckets(&sum)), (2.0, vec![(1, 2.0)]));
}

#[test]
fn equality_ignores_hints_and_runs() {
    let histogram = exponential(0, &[(1, 2.0), (2, 4.0)]);
    let mut other = histogram.clone();
    other.reset_hint = ResetHint::Reset;
    other.positive.spans = vec![
        crate::histogram::BucketSpan { offset: 1, length: 1 },
        crate::histogram::BucketSpan { offset: 0, length: 1 },
    ];
    assert!(histogram.same_data(&other));
    other.positive.counts[1] = 5.0;
    assert!(!histogram.same_data(&other));
}
