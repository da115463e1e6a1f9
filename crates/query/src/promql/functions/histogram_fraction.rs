//! `histogram_fraction`: the part of all observations between two bounds.

use model::Histogram;
use model::histogram::Bucket;

use super::classic::{AtStep, ClassicBucket, Histograms, tidy};
use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::ast::Span;
use crate::promql::eval::call::{arg, first};
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::ABSENT;

pub(super) const DOC: &str = "The part, 0 to 1, of the observations of a classic or native histogram that lie between the \
     first and the second argument.";

pub(super) fn histogram_fraction(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let lower = evaluator.scalar(first(call)?, scope)?;
    let upper = evaluator.scalar(arg(call, 1)?, scope)?;
    let mut table = evaluator.vector(arg(call, 2)?, scope)?;
    let span = arg(call, 2)?.span();
    let mut notes = Notes::default();
    let histograms = Histograms::find(&mut table, &mut notes, span);
    let mut out = evaluator.empty(scope);
    let mut buckets = Vec::new();
    for group in &histograms.groups {
        evaluator.budget.check()?;
        let mut values = vec![ABSENT; scope.steps()];
        for (step, value) in values.iter_mut().enumerate() {
            let (lower, upper) = (lower[step], upper[step]);
            match group.at(&table, step, &mut buckets, &mut notes, span) {
                AtStep::Nothing => {}
                AtStep::Native(h) => *value = of_native(lower, upper, h, &mut notes, span),
                AtStep::Classic(buckets) => *value = of_classic(lower, upper, buckets),
            }
        }
        out.push(group.labels.clone())?.floats.copy_from_slice(&values);
    }
    evaluator.note(notes);
    out.join_same_labels()?;
    out.finish()
}

/// How many observations lie below each of two values.
struct Ranks {
    bounds: [f64; 2],
    ranks: [Option<f64>; 2],
}

impl Ranks {
    fn new(lower: f64, upper: f64) -> Self {
        Self { bounds: [lower, upper], ranks: [None; 2] }
    }

    /// Looks at a bucket below which `rank` observations lie; `within` tells how
    /// many lie below a value inside. Gives true when both ranks are known.
    fn see(&mut self, from: f64, to: f64, rank: f64, within: impl Fn(f64) -> f64) -> bool {
        for (bound, found) in self.bounds.iter().zip(&mut self.ranks) {
            if found.is_none() && from >= *bound {
                *found = Some(rank);
            } else if found.is_none() && from < *bound && to > *bound {
                *found = Some(within(*bound));
            }
        }
        self.ranks.iter().all(Option::is_some)
    }

    /// The observations between both values, of `count`.
    fn between(&self, count: f64) -> f64 {
        let [lower, upper] =
            self.ranks.map(|rank| rank.filter(|rank| *rank <= count).unwrap_or(count));
        upper - lower
    }
}

fn of_native(lower: f64, upper: f64, histogram: &Histogram, notes: &mut Notes, span: Span) -> f64 {
    if histogram.count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let is_custom = histogram.uses_custom_buckets();
    let buckets = histogram.all_buckets();
    let mut ranks = Ranks::new(lower, upper);
    let mut rank = 0.0;
    for bucket in &buckets {
        let is_zero = bucket.lower <= 0.0 && bucket.upper >= 0.0;
        let bucket = if is_zero { one_sided(*bucket, histogram) } else { *bucket };
        let within = |value: f64| {
            if bucket.lower == f64::NEG_INFINITY {
                bucket.count
            } else {
                rank + bucket.count * bucket.fraction_below(value, is_custom || is_zero)
            }
        };
        if ranks.see(bucket.lower, bucket.upper, rank, within) {
            break;
        }
        rank += bucket.count;
    }
    let mut count = histogram.count;
    if histogram.sum.is_nan() {
        count = buckets.iter().map(|bucket| bucket.count).sum();
        if count < histogram.count {
            notes.fraction_excludes_nan("", span);
        }
    }
    ranks.between(count) / histogram.count
}

/// Of a histogram whose observations all lie on one side, a bucket around zero
/// ends at zero. So does a custom one that only touches zero: Prometheus does not
/// tell them apart here.
fn one_sided(mut bucket: Bucket, histogram: &Histogram) -> Bucket {
    match (histogram.negative.is_empty(), histogram.positive.is_empty()) {
        (true, false) => bucket.lower = 0.0,
        (false, true) => bucket.upper = 0.0,
        _ => {}
    }
    bucket
}

fn of_classic(lower: f64, upper: f64, buckets: &mut Vec<ClassicBucket>) -> f64 {
    if !tidy(buckets) {
        return f64::NAN;
    }
    let count = buckets.last().map_or(0.0, |last| last.count);
    if count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let mut ranks = Ranks::new(lower, upper);
    let mut rank = 0.0;
    // Where the first bound is positive, nothing is taken to be negative.
    let mut from = if buckets[0].upper <= 0.0 { f64::NEG_INFINITY } else { 0.0 };
    for bucket in buckets.iter() {
        let within = |value: f64| {
            if from == f64::NEG_INFINITY {
                bucket.count
            } else {
                rank + (bucket.count - rank) * (value - from) / (bucket.upper - from)
            }
        };
        if ranks.see(from, bucket.upper, rank, within) {
            break;
        }
        rank = bucket.count;
        from = bucket.upper;
    }
    ranks.between(count) / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_classic_buckets() {
        let fraction = |lower, upper| {
            let bounds = [(1.0, 10.0), (2.0, 20.0), (f64::INFINITY, 40.0)];
            let bucket = |(upper, count)| ClassicBucket { upper, count };
            of_classic(lower, upper, &mut bounds.map(bucket).to_vec())
        };
        assert_eq!(fraction(0.0, 1.0), 0.25);
        assert_eq!(fraction(0.5, 1.5), 0.25);
        assert_eq!(fraction(f64::NEG_INFINITY, f64::INFINITY), 1.0);
        assert_eq!(fraction(2.0, 2.0), 0.0);
        assert!(fraction(f64::NAN, 2.0).is_nan());
    }

    #[test]
    fn fractions_of_native_buckets() {
        let mut histogram = Histogram::new(0);
        histogram.positive.push(1, 4.0);
        histogram.positive.push(2, 4.0);
        histogram.count = 8.0;
        let mut notes = Notes::default();
        let mut fraction =
            |lower, upper| of_native(lower, upper, &histogram, &mut notes, Span::default());
        assert_eq!(fraction(f64::NEG_INFINITY, 2.0), 0.5);
        assert!((fraction(1.0, 2f64.sqrt()) - 0.25).abs() < 1e-12);
        assert_eq!(fraction(4.0, f64::INFINITY), 0.0);
    }
}
