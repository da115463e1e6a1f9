//! Classic histograms: series that differ in `le` only, put together; and native
//! ones beside them.

use std::collections::HashMap;
use std::sync::Arc;

use model::labels::BUCKET_LABEL;
use model::{Histogram, Labels};

use crate::promql::ast::Span;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::{Table, is_absent, without_name};

/// One bucket of a classic histogram: how many observations are not above `upper`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ClassicBucket {
    pub(super) upper: f64,
    pub(super) count: f64,
}

/// The histograms of a table, by labels.
pub(super) struct Histograms {
    /// Each label set, without `le`, with the rows that belong to it.
    pub(super) groups: Vec<Group>,
}

/// The rows that make one histogram.
pub(super) struct Group {
    /// The labels of the result: without `le` and without the name.
    pub(super) labels: Labels,
    /// Rows with a classic bucket, and where it ends.
    buckets: Vec<(usize, f64)>,
    /// The row with native histograms.
    native: Vec<usize>,
}

/// What a group holds at one step.
pub(super) enum AtStep<'a> {
    /// Nothing, or what cannot be used.
    Nothing,
    /// The buckets of a classic histogram, in no order.
    Classic(&'a mut Vec<ClassicBucket>),
    /// A native histogram.
    Native(&'a Arc<Histogram>),
}

impl Histograms {
    /// Finds the histograms of a table. Buckets whose `le` is no number are
    /// noted and left out.
    pub(super) fn find(table: &mut Table, notes: &mut Notes, span: Span) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let mut position: HashMap<Labels, usize> = HashMap::new();
        table.labels();
        for (index, labels) in table.stored_labels().iter().enumerate() {
            let row = table.row(index);
            let has_native = row.histograms.iter().any(Option::is_some);
            let has_float = row.floats.iter().any(|value| !is_absent(*value));
            let mut group_of = |key: Labels, groups: &mut Vec<Group>| {
                *position.entry(key).or_insert_with_key(|key| {
                    groups.push(Group {
                        labels: without_name(key),
                        buckets: Vec::new(),
                        native: Vec::new(),
                    });
                    groups.len() - 1
                })
            };
            if has_native {
                let group = group_of(labels.clone(), &mut groups);
                groups[group].native.push(index);
            }
            if !has_float {
                continue;
            }
            let bound = labels.get(BUCKET_LABEL).unwrap_or("");
            let Some(upper) = parse_bound(bound) else {
                notes.bad_bucket_label(bound, span);
                continue;
            };
            let group = group_of(labels.filtered(|name| name != BUCKET_LABEL), &mut groups);
            groups[group].buckets.push((index, upper));
        }
        Self { groups }
    }
}

impl Group {
    /// What the group holds at `step`. Classic and native at once cannot be
    /// told apart, which is noted.
    pub(super) fn at<'a>(
        &self,
        table: &'a Table,
        step: usize,
        buckets: &'a mut Vec<ClassicBucket>,
        notes: &mut Notes,
        span: Span,
    ) -> AtStep<'a> {
        buckets.clear();
        for (index, upper) in &self.buckets {
            let count = table.row(*index).floats[step];
            if !is_absent(count) {
                buckets.push(ClassicBucket { upper: *upper, count });
            }
        }
        let row_with = |index: &&usize| table.row(**index).histogram(step).is_some();
        let native = self.native.iter().find(row_with);
        let native = native
            .and_then(|index| table.row(*index).histograms.get(step).and_then(Option::as_ref));
        match (native, buckets.is_empty()) {
            (Some(_), false) => {
                notes.mixed_classic_native(span);
                AtStep::Nothing
            }
            (Some(native), true) => AtStep::Native(native),
            (None, false) => AtStep::Classic(buckets),
            (None, true) => AtStep::Nothing,
        }
    }
}

/// A bound as Go reads a float: `+Inf`, `0.5`, `1e3`.
fn parse_bound(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Sorts buckets and joins those with the same bound. Gives false where the
/// last one does not end at infinity.
pub(super) fn tidy(buckets: &mut Vec<ClassicBucket>) -> bool {
    buckets.sort_by(|a, b| a.upper.total_cmp(&b.upper));
    if buckets.last().is_none_or(|last| last.upper != f64::INFINITY) {
        return false;
    }
    buckets.dedup_by(|next, bucket| {
        let is_same = next.upper == bucket.upper;
        if is_same {
            bucket.count += next.count;
        }
        is_same
    });
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_sorted_and_joined() {
        let bucket = |upper, count| ClassicBucket { upper, count };
        let mut buckets = vec![bucket(f64::INFINITY, 5.0), bucket(1.0, 1.0), bucket(1.0, 2.0)];
        assert!(tidy(&mut buckets));
        assert_eq!(buckets, [bucket(1.0, 3.0), bucket(f64::INFINITY, 5.0)]);
        assert!(!tidy(&mut vec![bucket(1.0, 1.0)]));
        assert_eq!(parse_bound("+Inf"), Some(f64::INFINITY));
        assert_eq!(parse_bound(""), None);
    }
}
