//! Writing the classic text format (0.0.4) for what this process exposes itself.
//!
//! An [`Exposition`] takes samples in any order and renders families sorted by
//! name and samples sorted by labels. It keeps what it renders sound: a sample
//! that comes twice, or in a family of another type, is turned away and can be
//! asked for with [`Exposition::rejected`].

mod family;
mod format;

use std::collections::BTreeMap;

pub use family::{ExpositionError, FamilyKind};
use family::{Family, LabelText};
use format::write_help;

/// Label pairs as the callers have them at hand.
pub type LabelPairs<'a> = [(&'a str, &'a str)];

/// Rejected samples whose reason is kept; the rest is only counted.
const REJECTED_KEPT_MAX: usize = 32;

/// The state of a classic histogram of one label set.
#[derive(Clone, Copy, Debug)]
pub struct HistogramState<'a> {
    /// Upper bounds in rising order and how many observations were at most that;
    /// the bucket of `+Inf` is added where it is missing.
    pub buckets: &'a [(f64, u64)],
    /// The sum of all observations.
    pub sum: f64,
    /// How many observations there were.
    pub count: u64,
}

/// The state of a summary of one label set.
#[derive(Clone, Copy, Debug)]
pub struct SummaryState<'a> {
    /// Quantiles, `0.0..=1.0`, and their values.
    pub quantiles: &'a [(f64, f64)],
    /// The sum of all observations.
    pub sum: f64,
    /// How many observations there were.
    pub count: u64,
}

/// Metric families by name, each with its samples.
#[derive(Debug, Default)]
pub struct Exposition {
    families: BTreeMap<String, Family>,
    labels: LabelText,
    rejected: Vec<ExpositionError>,
    rejected_count: usize,
}

impl Exposition {
    /// Adds a sample of a counter.
    pub fn counter(&mut self, name: &str, help: &str, labels: &LabelPairs<'_>, value: f64) {
        self.number(FamilyKind::Counter, name, help, labels, value);
    }

    /// Adds a sample of a gauge.
    pub fn gauge(&mut self, name: &str, help: &str, labels: &LabelPairs<'_>, value: f64) {
        self.number(FamilyKind::Gauge, name, help, labels, value);
    }

    /// Adds a sample without a type.
    pub fn untyped(&mut self, name: &str, help: &str, labels: &LabelPairs<'_>, value: f64) {
        self.number(FamilyKind::Untyped, name, help, labels, value);
    }

    /// Adds a sample of a family of plain numbers; the kind is known at run time.
    pub fn number(
        &mut self,
        kind: FamilyKind,
        name: &str,
        help: &str,
        labels: &LabelPairs<'_>,
        value: f64,
    ) {
        let result = self.try_number(kind, name, help, labels, value);
        self.note(result);
    }

    /// As [`Exposition::number`], for callers that report a conflict themselves.
    ///
    /// # Errors
    /// Where the family has another type or the labels are there already; nothing
    /// is added then.
    pub fn try_number(
        &mut self,
        kind: FamilyKind,
        name: &str,
        help: &str,
        labels: &LabelPairs<'_>,
        value: f64,
    ) -> Result<(), ExpositionError> {
        self.labels.set(labels);
        family(&mut self.families, name, kind, help)?.insert(name, &self.labels, |lines| {
            lines.sample("", None, value);
        })
    }

    /// Adds the buckets, the sum and the count of a histogram.
    pub fn histogram(
        &mut self,
        name: &str,
        help: &str,
        labels: &LabelPairs<'_>,
        state: &HistogramState<'_>,
    ) {
        let result = self.try_histogram(name, help, labels, state);
        self.note(result);
    }

    /// As [`Exposition::histogram`], for callers that report a conflict themselves.
    ///
    /// # Errors
    /// As [`Exposition::try_number`].
    pub fn try_histogram(
        &mut self,
        name: &str,
        help: &str,
        labels: &LabelPairs<'_>,
        state: &HistogramState<'_>,
    ) -> Result<(), ExpositionError> {
        self.labels.set(labels);
        let family = family(&mut self.families, name, FamilyKind::Histogram, help)?;
        family.insert(name, &self.labels, |lines| {
            for (bound, count) in state.buckets {
                lines.sample("_bucket", Some(("le", *bound)), *count as f64);
            }
            if state.buckets.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
                lines.sample("_bucket", Some(("le", f64::INFINITY)), state.count as f64);
            }
            lines.sample("_sum", None, state.sum);
            lines.sample("_count", None, state.count as f64);
        })
    }

    /// Adds the quantiles, the sum and the count of a summary.
    pub fn summary(
        &mut self,
        name: &str,
        help: &str,
        labels: &LabelPairs<'_>,
        state: &SummaryState<'_>,
    ) {
        let result = self.try_summary(name, help, labels, state);
        self.note(result);
    }

    /// As [`Exposition::summary`], for callers that report a conflict themselves.
    ///
    /// # Errors
    /// As [`Exposition::try_number`].
    pub fn try_summary(
        &mut self,
        name: &str,
        help: &str,
        labels: &LabelPairs<'_>,
        state: &SummaryState<'_>,
    ) -> Result<(), ExpositionError> {
        self.labels.set(labels);
        let family = family(&mut self.families, name, FamilyKind::Summary, help)?;
        family.insert(name, &self.labels, |lines| {
            for (quantile, value) in state.quantiles {
                lines.sample("", Some(("quantile", *quantile)), *value);
            }
            lines.sample("_sum", None, state.sum);
            lines.sample("_count", None, state.count as f64);
        })
    }

    /// The type and the help of a family that has samples.
    pub fn family(&self, name: &str) -> Option<(FamilyKind, &str)> {
        self.families.get(name).map(|family| (family.kind, family.help.as_str()))
    }

    /// How many samples were turned away, and why the first of them were.
    pub fn rejected(&self) -> (usize, &[ExpositionError]) {
        (self.rejected_count, &self.rejected)
    }

    /// The text.
    pub fn render(&self) -> String {
        let size_bytes: usize = self.families.values().map(Family::size_bytes).sum();
        let mut out = String::with_capacity(size_bytes);
        for (name, family) in &self.families {
            write_help(&mut out, name, &family.help, family.kind);
            family.render(&mut out);
        }
        out
    }

    fn note(&mut self, result: Result<(), ExpositionError>) {
        let Err(error) = result else { return };
        self.rejected_count += 1;
        if self.rejected.len() < REJECTED_KEPT_MAX {
            self.rejected.push(error);
        }
    }
}

/// The family of that name, made where it is new.
fn family<'a>(
    families: &'a mut BTreeMap<String, Family>,
    name: &str,
    kind: FamilyKind,
    help: &str,
) -> Result<&'a mut Family, ExpositionError> {
    // Looked up twice where it exists: the entry API would want an owned name for each sample.
    if !families.contains_key(name) {
        families.insert(name.to_owned(), Family::new(kind, help));
    }
    let family = families.get_mut(name).expect("invariant: the family is there by now");
    if family.kind == kind {
        Ok(family)
    } else {
        Err(ExpositionError::Kind { name: name.to_owned(), is: family.kind, wanted: kind })
    }
}

#[cfg(test)]
mod tests;
