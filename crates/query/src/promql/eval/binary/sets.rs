//! The set operators `and`, `or` and `unless`.

use std::collections::HashMap;

use super::super::QueryError;
use super::super::signature::Counted;
use super::super::table::{ABSENT, Row, RowMut, Table};
use crate::promql::ast::VectorMatching;

/// The samples on the left that have a match on the right.
pub(super) fn and(
    left: Table,
    right: Table,
    matching: &VectorMatching,
) -> Result<Table, QueryError> {
    filter(left, &right, matching, true)
}

/// The samples on the left that have no match on the right.
pub(super) fn unless(
    left: Table,
    right: Table,
    matching: &VectorMatching,
) -> Result<Table, QueryError> {
    filter(left, &right, matching, false)
}

/// The samples on the left, and those on the right that have no match on the left.
pub(super) fn or(
    mut left: Table,
    right: Table,
    matching: &VectorMatching,
) -> Result<Table, QueryError> {
    let mut rest = filter(right, &left, matching, false)?;
    rest.labels();
    left.labels();
    let are_one = left.is_empty() || rest.is_empty();
    let were_one = left.names_are_one() && rest.names_are_one();
    left.append(rest)?;
    if !(are_one && were_one) {
        left.set_names_are_one(false);
        left.join_same_labels()?;
    }
    left.finish()
}

fn filter(
    mut table: Table,
    other: &Table,
    matching: &VectorMatching,
    keep_matched: bool,
) -> Result<Table, QueryError> {
    let counted = Counted::of_matching(matching);
    let presence = presence_by_signature(other, &counted);
    for (index, signature) in counted.signatures(&table).into_iter().enumerate() {
        let row = table.row_mut(index);
        match presence.get(&signature) {
            None if keep_matched => clear(row, |_| true),
            None => {}
            Some(present) => clear(row, |step| present[step] != keep_matched),
        }
    }
    table.finish()
}

/// For each signature, the steps at which any of its series has a sample.
fn presence_by_signature(table: &Table, counted: &Counted) -> HashMap<u128, Vec<bool>> {
    let mut presence: HashMap<u128, Vec<bool>> = HashMap::new();
    for (row, signature) in table.iter().zip(counted.signatures(table)) {
        let present = presence.entry(signature).or_insert_with(|| vec![false; table.steps()]);
        mark(row, present);
    }
    presence
}

fn mark(row: Row<'_>, present: &mut [bool]) {
    for (step, present) in present.iter_mut().enumerate() {
        *present |= row.is_present(step);
    }
}

fn clear(row: RowMut<'_>, is_gone: impl Fn(usize) -> bool) {
    for (step, value) in row.floats.iter_mut().enumerate() {
        if is_gone(step) {
            *value = ABSENT;
            if let Some(histogram) = row.histograms.get_mut(step) {
                *histogram = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::table::tests::{budget, table_in};
    use super::*;

    fn values(table: &Table) -> Vec<Vec<Option<f64>>> {
        let value = |v: &f64| (v.to_bits() != ABSENT.to_bits()).then_some(*v);
        table.iter().map(|row| row.floats.iter().map(value).collect()).collect()
    }

    #[test]
    fn matches_are_made_step_by_step() {
        let budget = budget();
        let left = || table_in(&budget, &[("x", &[1.0, 2.0, ABSENT])]);
        let right = || table_in(&budget, &[("y", &[ABSENT, 5.0, 6.0])]);
        let matching = VectorMatching::default();
        assert_eq!(values(&and(left(), right(), &matching).unwrap()), [[None, Some(2.0), None]]);
        assert_eq!(values(&unless(left(), right(), &matching).unwrap()), [[Some(1.0), None, None]]);
        assert_eq!(
            values(&or(left(), right(), &matching).unwrap()),
            [[Some(1.0), Some(2.0), None], [None, None, Some(6.0)]]
        );
    }
}
