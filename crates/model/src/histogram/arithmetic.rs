//! Adding, subtracting, scaling and comparing native histograms.
//!
//! The rules are those of Prometheus' `FloatHistogram`: the coarser schema and
//! the wider zero bucket win, custom bounds that differ are reduced to the ones
//! that both have, and exponential and custom buckets do not mix.

use super::custom::{OnBounds, shared_bounds};
use super::merge::{add_buckets, coarser, drop_empty};
use super::{Buckets, CountFlavor, Histogram, ResetHint, bounds};
use crate::kahan::kahan_add;

/// Exponential and custom buckets can't be added or subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas"
)]
pub struct IncompatibleSchemas;

/// What was remarkable when two histograms were brought together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// One said that its counter was reset, the other that it was not.
    pub reset_hints_collide: bool,
    /// Their custom bounds differed.
    pub bounds_differed: bool,
}

/// The compensations of a histogram's numbers.
#[derive(Clone, Debug, Default)]
struct Compensation {
    zero_count: f64,
    count: f64,
    sum: f64,
    positive: Vec<f64>,
    negative: Vec<f64>,
}

/// A sum of histograms that keeps the bits which plain addition loses.
#[derive(Clone, Debug)]
pub struct HistogramSum {
    value: Histogram,
    compensation: Compensation,
}

impl Histogram {
    /// Adds `other`. Empty buckets may result; see [`Histogram::compact`].
    ///
    /// # Errors
    /// Where one has exponential and the other custom buckets.
    pub fn add(&mut self, other: &Self) -> Result<Reconciliation, IncompatibleSchemas> {
        self.combine(other, None, 1.0)
    }

    /// Subtracts `other`; counts below zero may result.
    ///
    /// # Errors
    /// Where one has exponential and the other custom buckets.
    pub fn sub(&mut self, other: &Self) -> Result<Reconciliation, IncompatibleSchemas> {
        self.combine(other, None, -1.0)
    }

    /// Multiplies all counts and the sum. A negative factor makes a gauge of it.
    pub fn scale(&mut self, factor: f64) {
        self.change_numbers(|number| number * factor);
        if factor < 0.0 {
            self.reset_hint = ResetHint::Gauge;
        }
    }

    /// Divides all counts and the sum. A division by zero removes all buckets,
    /// a negative divisor makes a gauge of it.
    pub fn divide(&mut self, divisor: f64) {
        self.change_numbers(|number| number / divisor);
        if divisor == 0.0 {
            self.positive = Buckets::default();
            self.negative = Buckets::default();
        } else if divisor < 0.0 {
            self.reset_hint = ResetHint::Gauge;
        }
    }

    /// Drops buckets that count nothing, and joins runs that touch.
    pub fn compact(&mut self) {
        drop_empty(&mut self.positive, None);
        drop_empty(&mut self.negative, None);
    }

    /// Lowers the resolution to `schema`, which is an exponential one and not
    /// higher than the histogram's own; otherwise nothing happens.
    pub fn reduce_resolution(&mut self, schema: i8) {
        let Some(steps) = self.steps_down_to(schema) else { return };
        self.positive = coarser(&self.positive, None, steps).0;
        self.negative = coarser(&self.negative, None, steps).0;
        self.schema = schema;
    }

    /// Whether any number is infinite, as after too large a sum.
    pub fn has_overflow(&self) -> bool {
        [self.zero_count, self.count, self.sum].iter().any(|number| number.is_infinite())
            || self.positive.counts.iter().any(|count| count.is_infinite())
            || self.negative.counts.iter().any(|count| count.is_infinite())
    }

    /// Whether both hold the same data to the bit. Reset hints and the flavor do not count,
    /// nor does how buckets are grouped into runs.
    pub fn same_data(&self, other: &Self) -> bool {
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
        let same_buckets = |a: &Buckets, b: &Buckets| {
            a.counts.len() == b.counts.len()
                && a.iter().zip(b.iter()).all(|((i, a), (j, b))| i == j && same(a, b))
        };
        self.schema == other.schema
            && same(self.count, other.count)
            && same(self.sum, other.sum)
            && self.zero_threshold == other.zero_threshold
            && same(self.zero_count, other.zero_count)
            && self.custom_bounds == other.custom_bounds
            && same_buckets(&self.negative, &other.negative)
            && same_buckets(&self.positive, &other.positive)
    }

    fn steps_down_to(&self, schema: i8) -> Option<u32> {
        let is_lower = schema < self.schema && !self.uses_custom_buckets();
        let exponential = schema >= super::EXPONENTIAL_SCHEMA_MIN;
        (is_lower && exponential).then(|| u32::from(self.schema.abs_diff(schema)))
    }

    fn change_numbers(&mut self, change: impl Fn(f64) -> f64) {
        self.flavor = CountFlavor::Float;
        for number in [&mut self.zero_count, &mut self.count, &mut self.sum] {
            *number = change(*number);
        }
        for count in self.positive.counts.iter_mut().chain(&mut self.negative.counts) {
            *count = change(*count);
        }
    }

    fn combine(
        &mut self,
        other: &Self,
        mut compensation: Option<&mut Compensation>,
        sign: f64,
    ) -> Result<Reconciliation, IncompatibleSchemas> {
        if self.uses_custom_buckets() != other.uses_custom_buckets() {
            return Err(IncompatibleSchemas);
        }
        self.flavor = CountFlavor::Float;
        let mut done = Reconciliation {
            reset_hints_collide: self.combine_reset_hints(other.reset_hint),
            bounds_differed: false,
        };
        if !self.uses_custom_buckets() {
            let zero_count = self.reconcile_zero_buckets(other, compensation.as_deref_mut());
            let rest = compensation.as_deref_mut().map(|c| &mut c.zero_count);
            add_number(&mut self.zero_count, rest, sign * zero_count);
        }
        let rest = compensation.as_deref_mut().map(|c| &mut c.count);
        add_number(&mut self.count, rest, sign * other.count);
        let rest = compensation.as_deref_mut().map(|c| &mut c.sum);
        add_number(&mut self.sum, rest, sign * other.sum);
        if self.uses_custom_buckets() {
            done.bounds_differed = self.combine_custom(other, compensation, sign);
        } else {
            self.combine_exponential(other, compensation, sign);
        }
        Ok(done)
    }

    /// Returns whether the bounds differed.
    fn combine_custom(
        &mut self,
        other: &Self,
        compensation: Option<&mut Compensation>,
        sign: f64,
    ) -> bool {
        if self.custom_bounds == other.custom_bounds {
            let rest = compensation.map(|c| &mut c.positive);
            add_buckets(&mut self.positive, rest, &other.positive, &[], sign, |_| false);
            return false;
        }
        let bounds = shared_bounds(&self.custom_bounds, &other.custom_bounds);
        let mut sums = OnBounds::new(&bounds);
        let rest: &[f64] = compensation.as_deref().map_or(&[], |c| &c.positive);
        sums.add(&bounds, &self.positive, rest, &self.custom_bounds, 1.0);
        sums.add(&bounds, &other.positive, &[], &other.custom_bounds, sign);
        let (buckets, rest) = sums.into_buckets();
        self.positive = buckets;
        self.custom_bounds = bounds;
        if let Some(compensation) = compensation {
            compensation.positive = rest;
        }
        true
    }

    fn combine_exponential(
        &mut self,
        other: &Self,
        mut compensation: Option<&mut Compensation>,
        sign: f64,
    ) {
        if let Some(steps) = self.steps_down_to(other.schema) {
            match &mut compensation {
                None => self.reduce_resolution(other.schema),
                Some(c) => {
                    (self.positive, c.positive) = coarser(&self.positive, Some(&c.positive), steps);
                    (self.negative, c.negative) = coarser(&self.negative, Some(&c.negative), steps);
                    self.schema = other.schema;
                }
            }
        }
        let (schema, threshold) = (self.schema, self.zero_threshold);
        let is_below = |index| bounds::exponential_bound(index, schema) <= threshold;
        let steps = other.steps_down_to(schema);
        let is_compensated = compensation.is_some();
        let add = |into: &mut Buckets, rest: Option<&mut Vec<f64>>, side: &Buckets| {
            let Some(steps) = steps else {
                return add_buckets(into, rest, side, &[], sign, is_below);
            };
            let none = vec![0.0; if is_compensated { side.counts.len() } else { 0 }];
            let (side, side_rest) = coarser(side, is_compensated.then_some(&none), steps);
            add_buckets(into, rest, &side, &side_rest, sign, is_below);
        };
        let (positive, negative) = match compensation {
            None => (None, None),
            Some(c) => (Some(&mut c.positive), Some(&mut c.negative)),
        };
        add(&mut self.positive, positive, &other.positive);
        add(&mut self.negative, negative, &other.negative);
    }

    /// Widens the zero bucket so far that its bound lies in no populated bucket
    /// of either. Returns the zero count that `other` has then.
    fn reconcile_zero_buckets(
        &mut self,
        other: &Self,
        mut compensation: Option<&mut Compensation>,
    ) -> f64 {
        let (mut zero_count, mut threshold) = (other.zero_count, other.zero_threshold);
        while threshold != self.zero_threshold {
            if self.zero_threshold > threshold {
                (zero_count, threshold) = other.zero_count_within(self.zero_threshold);
            }
            if threshold > self.zero_threshold {
                self.widen_zero_bucket(threshold, compensation.as_deref_mut());
            }
            if threshold.is_nan() || self.zero_threshold.is_nan() {
                break;
            }
        }
        zero_count
    }

    /// The zero count with a wider zero bucket of at least `threshold`, and how
    /// wide it must be so as not to end within a populated bucket.
    pub(super) fn zero_count_within(&self, mut threshold: f64) -> (f64, f64) {
        if threshold <= self.zero_threshold {
            return (self.zero_count, threshold);
        }
        'again: loop {
            let mut sum = (self.zero_count, 0.0);
            for side in [&self.positive, &self.negative] {
                for (index, count) in side.iter() {
                    if self.upper_bound(index.saturating_sub(1)) >= threshold {
                        break;
                    }
                    sum = kahan_add(count, sum.0, sum.1);
                    let upper = self.upper_bound(index);
                    if upper > threshold {
                        if count != 0.0 {
                            threshold = upper;
                            continue 'again;
                        }
                        break;
                    }
                }
            }
            return (sum.0, threshold);
        }
    }

    fn widen_zero_bucket(&mut self, threshold: f64, compensation: Option<&mut Compensation>) {
        let (plain, threshold) = self.zero_count_within(threshold);
        let schema = self.schema;
        let is_inside =
            |index: i32| bounds::exponential_bound(index.saturating_sub(1), schema) < threshold;
        self.zero_threshold = threshold;
        let clear = |side: &mut Buckets, rest: &mut [f64], sum: &mut (f64, f64)| {
            let indexes: Vec<i32> = side.iter().map(|(index, _)| index).collect();
            for (position, _) in indexes.iter().enumerate().take_while(|(_, i)| is_inside(**i)) {
                *sum = kahan_add(side.counts[position], sum.0, sum.1);
                side.counts[position] = 0.0;
                if let Some(rest) = rest.get_mut(position) {
                    *sum = kahan_add(*rest, sum.0, sum.1);
                    *rest = 0.0;
                }
            }
        };
        match compensation {
            None => {
                let mut unused = (0.0, 0.0);
                clear(&mut self.positive, &mut [], &mut unused);
                clear(&mut self.negative, &mut [], &mut unused);
                self.zero_count = plain;
                self.compact();
            }
            Some(c) => {
                let mut sum = (self.zero_count, c.zero_count);
                clear(&mut self.positive, &mut c.positive, &mut sum);
                clear(&mut self.negative, &mut c.negative, &mut sum);
                (self.zero_count, c.zero_count) = sum;
                drop_empty(&mut self.positive, Some(&mut c.positive));
                drop_empty(&mut self.negative, Some(&mut c.negative));
            }
        }
    }

    /// Returns whether one was reset and the other not.
    fn combine_reset_hints(&mut self, other: ResetHint) -> bool {
        use ResetHint::{Gauge, NotReset, Reset, Unknown};
        let (hint, collide) = match (self.reset_hint, other) {
            (own, other) if own == other => (own, false),
            (Gauge, _) | (_, Gauge) => (Gauge, false),
            (Unknown, _) | (_, Unknown) => (Unknown, false),
            (Reset | NotReset, _) => (Unknown, true),
        };
        self.reset_hint = hint;
        collide
    }
}

impl HistogramSum {
    /// A sum that starts with one histogram.
    pub fn new(first: Histogram) -> Self {
        let compensation = Compensation {
            positive: vec![0.0; first.positive.counts.len()],
            negative: vec![0.0; first.negative.counts.len()],
            ..Compensation::default()
        };
        Self { value: first, compensation }
    }

    /// Adds `other`.
    ///
    /// # Errors
    /// Where one has exponential and the other custom buckets.
    pub fn add(&mut self, other: &Histogram) -> Result<Reconciliation, IncompatibleSchemas> {
        self.value.combine(other, Some(&mut self.compensation), 1.0)
    }

    /// Multiplies the sum.
    pub fn scale(&mut self, factor: f64) {
        self.value.scale(factor);
        self.compensation.change(|number| number * factor);
    }

    /// Divides the sum.
    pub fn divide(&mut self, divisor: f64) {
        self.value.divide(divisor);
        self.compensation.change(|number| number / divisor);
    }

    /// The sum so far, uncompensated.
    pub fn value(&self) -> &Histogram {
        &self.value
    }

    /// The sum.
    pub fn finish(self) -> Histogram {
        let Self { mut value, compensation } = self;
        value.zero_count += compensation.zero_count;
        value.count += compensation.count;
        value.sum += compensation.sum;
        let add = |counts: &mut [f64], rest: &[f64]| {
            counts.iter_mut().zip(rest).for_each(|(count, rest)| *count += rest);
        };
        add(&mut value.positive.counts, &compensation.positive);
        add(&mut value.negative.counts, &compensation.negative);
        value
    }
}

impl Compensation {
    fn change(&mut self, change: impl Fn(f64) -> f64) {
        for number in [&mut self.zero_count, &mut self.count, &mut self.sum] {
            *number = change(*number);
        }
        for rest in self.positive.iter_mut().chain(&mut self.negative) {
            *rest = change(*rest);
        }
    }
}

fn add_number(sum: &mut f64, compensation: Option<&mut f64>, increment: f64) {
    match compensation {
        None => *sum += increment,
        Some(c) => (*sum, *c) = kahan_add(increment, *sum, *c),
    }
}

#[cfg(test)]
mod tests;
