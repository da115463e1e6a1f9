//! `sort`, `sort_desc`, `sort_by_label`, `sort_by_label_desc`. They only matter
//! to an instant query: the series of a range query are ordered by their labels.

use std::cmp::Ordering;

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::eval::call::first;
use crate::promql::eval::evaluator::string;

pub(super) const DOC: &str = "The series by rising value; only in instant queries.";
pub(super) const DESC_DOC: &str = "The series by falling value; only in instant queries.";
pub(super) const BY_LABEL_DOC: &str =
    "The series by the values of these labels, numbers in them by size; only in instant queries.";
pub(super) const BY_LABEL_DESC_DOC: &str =
    "The series by the values of these labels, in reverse order; only in instant queries.";

pub(super) fn sort(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    by_value(evaluator, call, scope, |a, b| a < b)
}

pub(super) fn sort_desc(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    by_value(evaluator, call, scope, |a, b| a > b)
}

pub(super) fn sort_by_label(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    by_label(evaluator, call, scope, false)
}

pub(super) fn sort_by_label_desc(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    by_label(evaluator, call, scope, true)
}

/// Sorts floats, NaN last; histograms are left out.
fn by_value(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
    is_before: fn(f64, f64) -> bool,
) -> Result<Table, QueryError> {
    let mut table = evaluator.vector(first(call)?, scope)?;
    table.drop_histograms();
    let mut table = table.finish()?;
    if is_range_query(evaluator, call, scope) {
        return Ok(table);
    }
    let value = |index: usize| table.row(index).floats[0];
    let mut order: Vec<usize> = (0..table.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (value(*a), value(*b));
        match (a.is_nan(), b.is_nan()) {
            (false, false) => is_before(b, a).cmp(&is_before(a, b)),
            (a, b) => a.cmp(&b),
        }
    });
    table.reorder(&order);
    Ok(table)
}

fn by_label(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
    is_descending: bool,
) -> Result<Table, QueryError> {
    let mut table = evaluator.vector(first(call)?, scope)?;
    if is_range_query(evaluator, call, scope) {
        return Ok(table);
    }
    let names: Vec<&str> = call.args.iter().skip(1).map(string).collect();
    let labels = table.labels();
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&labels[*a], &labels[*b]);
        let differing = names.iter().find_map(|name| {
            let (a, b) = (a.get(name).unwrap_or(""), b.get(name).unwrap_or(""));
            (a != b).then(|| natural_order(a, b))
        });
        let ordering = differing.unwrap_or_else(|| a.cmp(b));
        if is_descending { ordering.reverse() } else { ordering }
    });
    table.reorder(&order);
    Ok(table)
}

fn is_range_query(evaluator: &Evaluator<'_>, call: &Call, scope: &Scope) -> bool {
    if scope.steps() > 1 {
        evaluator.note_with(|notes| notes.sort_in_range_query(call.span));
    }
    scope.steps() != 1
}

/// Compares texts, runs of digits in them by their value: `cpu2` before `cpu10`.
fn natural_order(a: &str, b: &str) -> Ordering {
    let mut a_parts = parts(a);
    let mut b_parts = parts(b);
    loop {
        let ordering = match (a_parts.next(), b_parts.next()) {
            (None, None) => return a.cmp(b),
            (a, b) => match (a.and_then(number), b.and_then(number)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.cmp(&b),
            },
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
}

/// Runs of digits and runs of anything else, by turns.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_digit = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

/// A run of digits as something that is ordered by its value, however long it is.
fn number(part: &str) -> Option<(usize, &str)> {
    let digits = part.trim_start_matches('0');
    part.starts_with(|c: char| c.is_ascii_digit()).then_some((digits.len(), digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_texts_count_by_size() {
        let mut texts = ["cpu10", "cpu2", "cpu", "cpu02", "4", "200", "30", "a1b2", "a1b10"];
        texts.sort_by(|a, b| natural_order(a, b));
        assert_eq!(texts, ["4", "30", "200", "a1b2", "a1b10", "cpu", "cpu02", "cpu2", "cpu10"]);
    }
}
