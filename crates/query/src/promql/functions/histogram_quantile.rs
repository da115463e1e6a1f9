//! `histogram_quantile` and `histogram_quantiles`, of classic and native histograms.
//!
//! Within a bucket observations are taken to lie evenly: on a straight line for
//! classic and custom buckets and the zero bucket, on a logarithmic scale for
//! exponential ones.

use model::Histogram;
use model::histogram::Bucket;

use super::classic::{AtStep, ClassicBucket, Histograms, tidy};
use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::ast::{Expr, Span};
use crate::promql::eval::call::{arg, first};
use crate::promql::eval::evaluator::string;
use crate::promql::eval::go_float::open_metrics;
use crate::promql::eval::notes::{Monotonicity, Notes};

pub(super) const DOC: &str =
    "The quantile, 0 to 1, of the observations of a classic or native histogram.";
pub(super) const SEVERAL_DOC: &str = "Several quantiles of the observations of a classic or native histogram, told apart by the \
     given label.";

/// Counts of neighbouring buckets that differ by less than this part are equal
/// but for rounding.
const TOLERANCE: f64 = 1e-12;

pub(super) fn histogram_quantile(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let q = evaluator.scalar(first(call)?, scope)?;
    let mut table = evaluator.vector(arg(call, 1)?, scope)?;
    let mut notes = Notes::default();
    let span = arg(call, 1)?.span();
    note_invalid(&q, first(call)?, &mut notes);
    let histograms = Histograms::find(&mut table, &mut notes, span);
    let mut out = evaluator.empty(scope);
    quantiles(&table, &histograms, &q, None, (scope, span), &mut notes, &mut out)?;
    evaluator.note(notes);
    out.join_same_labels()?;
    out.finish()
}

pub(super) fn histogram_quantiles(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let mut table = evaluator.vector(first(call)?, scope)?;
    let label = string(arg(call, 1)?);
    let mut notes = Notes::default();
    let span = first(call)?.span();
    let histograms = Histograms::find(&mut table, &mut notes, span);
    let mut out = evaluator.empty(scope);
    for arg in call.args.iter().skip(2) {
        let q = evaluator.scalar(arg, scope)?;
        note_invalid(&q, arg, &mut notes);
        quantiles(&table, &histograms, &q, Some(label), (scope, span), &mut notes, &mut out)?;
    }
    evaluator.note(notes);
    out.join_same_labels()?;
    out.finish()
}

fn note_invalid(q: &[f64], arg: &Expr, notes: &mut Notes) {
    for q in q.iter().filter(|q| !(0.0..=1.0).contains(*q)) {
        notes.invalid_quantile(*q, arg.span());
    }
}

fn quantiles(
    table: &Table,
    histograms: &Histograms,
    q: &[f64],
    label: Option<&str>,
    (scope, span): (&Scope, Span),
    notes: &mut Notes,
    out: &mut Table,
) -> Result<(), QueryError> {
    let mut buckets = Vec::new();
    for group in &histograms.groups {
        table.budget().check()?;
        let mut values = vec![crate::promql::eval::table::ABSENT; q.len()];
        for (step, value) in values.iter_mut().enumerate() {
            match group.at(table, step, &mut buckets, notes, span) {
                AtStep::Nothing => {}
                AtStep::Native(histogram) => {
                    *value = of_native(q[step], histogram, "", notes, span);
                }
                AtStep::Classic(buckets) => {
                    let (quantile, repaired) = of_classic(q[step], buckets);
                    *value = quantile;
                    if let Some(repaired) = repaired {
                        let at = scope.grid.at(step);
                        let Repair { bucket_min, bucket_max, difference_max } = repaired;
                        notes.forced_monotonicity(
                            Monotonicity {
                                bucket_min,
                                bucket_max,
                                difference_max,
                                first: at,
                                last: at,
                                samples: 1,
                            },
                            span,
                        );
                    }
                }
            }
        }
        let Some(label) = label else {
            out.push(group.labels.clone())?.floats.copy_from_slice(&values);
            continue;
        };
        // The quantile may change from step to step, and the label with it.
        let mut different: Vec<u64> = q.iter().map(|q| q.to_bits()).collect();
        different.sort_unstable();
        different.dedup();
        for bits in different {
            let text = open_metrics(f64::from_bits(bits));
            let row = out.push(group.labels.to_builder().set(label, &text).build())?;
            for ((out, value), q) in row.floats.iter_mut().zip(&values).zip(q) {
                if q.to_bits() == bits {
                    *out = *value;
                }
            }
        }
    }
    Ok(())
}

/// Where counts fell from one bucket to the next, which cannot be.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Repair {
    bucket_min: f64,
    bucket_max: f64,
    difference_max: f64,
}

fn of_classic(q: f64, buckets: &mut Vec<ClassicBucket>) -> (f64, Option<Repair>) {
    if q.is_nan() {
        return (f64::NAN, None);
    }
    if q < 0.0 {
        return (f64::NEG_INFINITY, None);
    }
    if q > 1.0 {
        return (f64::INFINITY, None);
    }
    if !tidy(buckets) {
        return (f64::NAN, None);
    }
    let repaired = make_monotonic(buckets);
    let last = buckets.len() - 1;
    let observations = buckets[last].count;
    if last == 0 || observations == 0.0 {
        return (f64::NAN, repaired);
    }
    let rank = q * observations;
    let at = lower_bound(last, |at| buckets[at].count >= rank);
    let quantile = if at == last {
        buckets[last - 1].upper
    } else if at == 0 && buckets[0].upper <= 0.0 {
        buckets[0].upper
    } else {
        let (start, below) = match at.checked_sub(1) {
            Some(before) => (buckets[before].upper, buckets[before].count),
            None => (0.0, 0.0),
        };
        let ClassicBucket { upper, count } = buckets[at];
        start + (upper - start) * ((rank - below) / (count - below))
    };
    (quantile, repaired)
}

/// The first of `0..len` for which `holds`, or `len`, by bisection.
fn lower_bound(len: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// Lifts counts that fall. Differences as small as rounding makes them are
/// levelled without a word.
fn make_monotonic(buckets: &mut [ClassicBucket]) -> Option<Repair> {
    let mut before = buckets[0].count;
    let mut repair: Option<Repair> = None;
    for bucket in &mut buckets[1..] {
        let count = bucket.count;
        if count == before {
            continue;
        }
        if is_almost_equal(before, count) {
            bucket.count = before;
        } else if count < before {
            bucket.count = before;
            let found = repair.get_or_insert(Repair {
                bucket_min: bucket.upper,
                bucket_max: bucket.upper,
                difference_max: 0.0,
            });
            found.bucket_min = found.bucket_min.min(bucket.upper);
            found.bucket_max = found.bucket_max.max(bucket.upper);
            found.difference_max = found.difference_max.max(before - count);
        } else {
            before = count;
        }
    }
    repair
}

fn is_almost_equal(a: f64, b: f64) -> bool {
    if a.is_nan() && b.is_nan() || a == b {
        return true;
    }
    let sum = a.abs() + b.abs();
    let difference = (a - b).abs();
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < TOLERANCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < TOLERANCE
}

fn of_native(q: f64, histogram: &Histogram, metric: &str, notes: &mut Notes, span: Span) -> f64 {
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    if histogram.count == 0.0 || q.is_nan() {
        return f64::NAN;
    }
    let buckets = histogram.all_buckets();
    // NaN observations are in no bucket, so only from below the rank is right.
    let has_nan = histogram.sum.is_nan();
    let is_forward = has_nan || q < 0.5;
    let mut rank = if is_forward { q } else { 1.0 - q } * histogram.count;
    let ordered: Box<dyn Iterator<Item = &Bucket>> =
        if is_forward { Box::new(buckets.iter()) } else { Box::new(buckets.iter().rev()) };
    let mut ordered = ordered.filter(|bucket| bucket.count != 0.0);
    let mut bucket = Bucket { lower: 0.0, upper: 0.0, count: 0.0 };
    let mut count = 0.0;
    for next in ordered.by_ref() {
        bucket = *next;
        count += bucket.count;
        if count >= rank {
            break;
        }
    }
    let is_custom = histogram.uses_custom_buckets();
    if is_custom {
        if bucket.lower == f64::NEG_INFINITY {
            if bucket.upper <= 0.0 {
                return bucket.upper;
            }
            bucket.lower = 0.0;
        } else if bucket.upper == f64::INFINITY {
            return bucket.lower;
        }
    } else {
        bucket = one_sided(bucket, histogram);
    }
    let total = count.min(histogram.count);
    if total < rank {
        if has_nan {
            notes.quantile_is_nan(metric, span);
            return f64::NAN;
        }
        return bucket.upper;
    }
    rank = if is_forward { rank - (total - bucket.count) } else { total - rank };
    if has_nan && total + ordered.map(|bucket| bucket.count).sum::<f64>() < histogram.count {
        notes.quantile_is_skewed(metric, span);
    }
    let fraction = rank / bucket.count;
    let Bucket { lower, upper, .. } = bucket;
    if is_custom || lower <= 0.0 && upper >= 0.0 {
        return lower + (upper - lower) * fraction;
    }
    let (log_lower, log_upper) = (lower.abs().log2(), upper.abs().log2());
    if lower > 0.0 {
        (log_lower + (log_upper - log_lower) * fraction).exp2()
    } else {
        -(log_upper + (log_lower - log_upper) * (1.0 - fraction)).exp2()
    }
}

/// The zero bucket of a histogram whose observations all lie on one side ends at zero.
fn one_sided(mut bucket: Bucket, histogram: &Histogram) -> Bucket {
    if bucket.lower < 0.0 && bucket.upper > 0.0 {
        match (histogram.negative.is_empty(), histogram.positive.is_empty()) {
            (true, false) => bucket.lower = 0.0,
            (false, true) => bucket.upper = 0.0,
            _ => {}
        }
    }
    bucket
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classic(q: f64, buckets: &[(f64, f64)]) -> f64 {
        let mut buckets = buckets
            .iter()
            .map(|(upper, count)| ClassicBucket { upper: *upper, count: *count })
            .collect();
        of_classic(q, &mut buckets).0
    }

    #[test]
    fn classic_buckets_are_interpolated() {
        let buckets = [(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 20.0)];
        assert_eq!(classic(0.25, &buckets), 0.5);
        assert_eq!(classic(0.75, &buckets), 1.5);
        assert_eq!(classic(1.0, &buckets), 2.0);
        assert_eq!(classic(0.9, &[(1.0, 1.0), (f64::INFINITY, 10.0)]), 1.0);
        assert_eq!(classic(0.5, &[(-1.0, 10.0), (f64::INFINITY, 10.0)]), -1.0);
        assert!(classic(0.5, &[(1.0, 10.0)]).is_nan());
        assert!(classic(0.5, &[(1.0, 0.0), (f64::INFINITY, 0.0)]).is_nan());
    }

    #[test]
    fn counts_that_fall_are_lifted() {
        let bucket = |upper, count| ClassicBucket { upper, count };
        let mut buckets = [bucket(1.0, 5.0), bucket(2.0, 4.0), bucket(3.0, 3.5), bucket(4.0, 9.0)];
        let repair = make_monotonic(&mut buckets).unwrap();
        assert_eq!(repair, Repair { bucket_min: 2.0, bucket_max: 3.0, difference_max: 1.5 });
        assert_eq!(buckets.map(|bucket| bucket.count), [5.0, 5.0, 5.0, 9.0]);
        let mut nearly = [bucket(1.0, 1.0), bucket(2.0, 1.0 - 1e-15)];
        assert_eq!(make_monotonic(&mut nearly), None);
    }

    #[test]
    fn native_buckets_are_interpolated_on_their_scale() {
        let mut histogram = Histogram::new(0);
        histogram.positive.push(1, 4.0);
        histogram.count = 4.0;
        histogram.sum = 6.0;
        let mut notes = Notes::default();
        let mut q = |q| of_native(q, &histogram, "", &mut notes, Span::default());
        assert_eq!(q(0.5), 2f64.sqrt());
        assert_eq!(q(1.0), 2.0);
        assert_eq!(q(0.0), 1.0);
    }

    #[test]
    fn nan_observations_are_noted() {
        let mut histogram = Histogram::new(0);
        histogram.positive.push(1, 4.0);
        histogram.count = 8.0;
        histogram.sum = f64::NAN;
        let mut notes = Notes::default();
        assert!(of_native(0.9, &histogram, "", &mut notes, Span::default()).is_nan());
        assert_eq!(of_native(0.5, &histogram, "", &mut notes, Span::default()), 2.0);
        assert_eq!(notes.into_annotations("").infos.len(), 2);
    }
}
