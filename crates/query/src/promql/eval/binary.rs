//! Binary operators and signs.

mod matching;
mod sets;

use std::sync::Arc;

use super::evaluator::{Evaluator, Scope};
use super::notes::Notes;
use super::table::{ABSENT, RowMut, Table, is_absent};
use super::{QueryError, SampleValue, operator};
use crate::promql::ast::{Binary, BinaryOp, Expr, ValueType};

/// An operator on two scalars.
pub(crate) fn scalars(
    evaluator: &Evaluator<'_>,
    binary: &Binary,
    scope: &Scope,
) -> Result<Vec<f64>, QueryError> {
    let mut left = evaluator.scalar(&binary.lhs, scope)?;
    let right = evaluator.scalar(&binary.rhs, scope)?;
    for (left, right) in left.iter_mut().zip(right) {
        *left = operator::arithmetic(binary.op, *left, right);
    }
    Ok(left)
}

/// An operator with an instant vector on at least one side.
pub(crate) fn vectors(
    evaluator: &Evaluator<'_>,
    binary: &Binary,
    scope: &Scope,
) -> Result<Table, QueryError> {
    if let Some((vector, scalar, is_swapped)) = sides(binary) {
        let table = evaluator.vector(vector, scope)?;
        let scalar = evaluator.scalar(scalar, scope)?;
        return with_scalar(evaluator, binary, table, &scalar, is_swapped);
    }
    let left = evaluator.vector(&binary.lhs, scope)?;
    let right = evaluator.vector(&binary.rhs, scope)?;
    let matching = binary.matching.clone().unwrap_or_default();
    match binary.op {
        BinaryOp::And => sets::and(left, right, &matching),
        BinaryOp::Or => sets::or(left, right, &matching),
        BinaryOp::Unless => sets::unless(left, right, &matching),
        _ => matching::evaluate(evaluator, binary, &matching, left, right),
    }
}

/// Evaluates an operator on a vector and a scalar, and hands the series on in batches.
pub(crate) fn batches(
    evaluator: &Evaluator<'_>,
    binary: &Binary,
    scope: &Scope,
    sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let Some((vector, scalar, is_swapped)) = sides(binary) else {
        return sink(vectors(evaluator, binary, scope)?);
    };
    let scalar = evaluator.scalar(scalar, scope)?;
    evaluator.batches(vector, scope, &mut |batch| {
        sink(with_scalar(evaluator, binary, batch, &scalar, is_swapped)?)
    })
}

/// The vector, the scalar, and whether the scalar stands on the left; nothing
/// where both are vectors.
pub(crate) fn sides(binary: &Binary) -> Option<(&Expr, &Expr, bool)> {
    match (binary.lhs.value_type(), binary.rhs.value_type()) {
        (ValueType::Vector, ValueType::Scalar) => Some((&binary.lhs, &binary.rhs, false)),
        (ValueType::Scalar, ValueType::Vector) => Some((&binary.rhs, &binary.lhs, true)),
        _ => None,
    }
}

/// An operator on each series and a scalar.
pub(crate) fn with_scalar(
    evaluator: &Evaluator<'_>,
    binary: &Binary,
    mut table: Table,
    scalar: &[f64],
    is_swapped: bool,
) -> Result<Table, QueryError> {
    let steps = table.steps();
    let op = binary.op;
    if steps == 0 {
        return Ok(table);
    }
    if table.iter().any(|row| !row.histograms.is_empty()) {
        let mut notes = Notes::default();
        for index in 0..table.len() {
            let mut row = table.row_mut(index);
            with_scalar_mixed(binary, &mut row, scalar, is_swapped, &mut notes);
        }
        evaluator.note(notes);
    } else if matches!(op, BinaryOp::TrimUpper | BinaryOp::TrimLower) {
        if !table.is_empty() {
            evaluator.note_with(|notes| {
                notes.incompatible_types(["float"; 2], op.as_str(), binary.span);
            });
        }
        return Ok(Table::new(steps, table.budget()));
    } else {
        let ordered = |value, scalar| if is_swapped { (scalar, value) } else { (value, scalar) };
        for row in table.floats_mut().chunks_exact_mut(steps) {
            if op.is_comparison() && !binary.is_bool {
                update(row, scalar, |value, scalar| {
                    let (left, right) = ordered(value, scalar);
                    if operator::holds(op, left, right) { value } else { ABSENT }
                });
            } else {
                combine(op, row, scalar, is_swapped);
            }
        }
    }
    if operator::changes_meaning(op) || binary.is_bool {
        table.drop_names()?;
    }
    table.finish()
}

/// Applies an operator to a whole row. The operator is chosen once, so that the
/// loops are simple enough to be vectorised.
fn combine(op: BinaryOp, row: &mut [f64], scalar: &[f64], is_swapped: bool) {
    match (op, is_swapped) {
        (BinaryOp::Add, _) => update(row, scalar, |value, scalar| value + scalar),
        (BinaryOp::Mul, _) => update(row, scalar, |value, scalar| value * scalar),
        (BinaryOp::Sub, false) => update(row, scalar, |value, scalar| value - scalar),
        (BinaryOp::Sub, true) => update(row, scalar, |value, scalar| scalar - value),
        (BinaryOp::Div, false) => update(row, scalar, |value, scalar| value / scalar),
        (BinaryOp::Div, true) => update(row, scalar, |value, scalar| scalar / value),
        (_, false) => update(row, scalar, |value, scalar| operator::arithmetic(op, value, scalar)),
        (_, true) => update(row, scalar, |value, scalar| operator::arithmetic(op, scalar, value)),
    }
}

#[inline]
fn update(row: &mut [f64], with: &[f64], f: impl Fn(f64, f64) -> f64) {
    for (value, other) in row.iter_mut().zip(with) {
        let result = f(*value, *other);
        *value = if is_absent(*value) { ABSENT } else { result };
    }
}

fn with_scalar_mixed(
    binary: &Binary,
    row: &mut RowMut<'_>,
    scalar: &[f64],
    is_swapped: bool,
    notes: &mut Notes,
) {
    for (step, scalar) in scalar.iter().enumerate() {
        let histogram = row.histograms.get_mut(step).and_then(Option::take);
        let value = match histogram {
            Some(histogram) => SampleValue::Histogram(histogram),
            None if is_absent(row.floats[step]) => continue,
            None => SampleValue::Float(row.floats[step]),
        };
        row.floats[step] = ABSENT;
        let scalar = SampleValue::Float(*scalar);
        let (left, right) = if is_swapped { (&scalar, &value) } else { (&value, &scalar) };
        let Some(outcome) = operator::samples(binary.op, left, right, notes, binary.span) else {
            continue;
        };
        if binary.is_bool {
            row.floats[step] = f64::from(u8::from(outcome.holds));
        } else if outcome.holds {
            let is_kept = binary.op.is_comparison() && is_swapped;
            row.set(step, if is_kept { value } else { outcome.value });
        }
    }
}

/// A minus sign before an instant vector.
pub(crate) fn negate(mut table: Table) -> Result<Table, QueryError> {
    let (floats, histograms) = table.parts_mut();
    for value in floats {
        *value = if is_absent(*value) { ABSENT } else { -*value };
    }
    for histogram in histograms.iter_mut().flatten().flatten() {
        let mut negated = histogram.as_ref().clone();
        negated.scale(-1.0);
        *histogram = Arc::new(negated);
    }
    table.drop_names()?;
    Ok(table)
}
