//! `clamp`, `clamp_min`, `clamp_max`: samples held within bounds.

use super::min_max_of::{larger, smaller};
use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::ast::Expr;
use crate::promql::eval::call::{arg, first};
use crate::promql::eval::table::{ABSENT, is_absent};

pub(super) const DOC: &str =
    "Each sample, but not below the minimum nor above the maximum. Nothing where these cross.";
pub(super) const MAX_DOC: &str = "Each sample, but not above the maximum.";
pub(super) const MIN_DOC: &str = "Each sample, but not below the minimum.";

pub(super) fn clamp(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    within(evaluator, call, scope, Some(arg(call, 1)?), Some(arg(call, 2)?))
}

pub(super) fn clamp_max(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    within(evaluator, call, scope, None, Some(arg(call, 1)?))
}

pub(super) fn clamp_min(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    within(evaluator, call, scope, Some(arg(call, 1)?), None)
}

fn within(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
    min: Option<&Expr>,
    max: Option<&Expr>,
) -> Result<Table, QueryError> {
    let mut table = evaluator.vector(first(call)?, scope)?;
    let bound = |expr: Option<&Expr>, none: f64| match expr {
        Some(expr) => evaluator.scalar(expr, scope),
        None => Ok(vec![none; scope.steps()]),
    };
    let min = bound(min, f64::NEG_INFINITY)?;
    let max = bound(max, f64::INFINITY)?;
    let steps = scope.steps().max(1);
    for row in table.floats_mut().chunks_exact_mut(steps) {
        for ((value, min), max) in row.iter_mut().zip(&min).zip(&max) {
            let result = larger(*min, smaller(*max, *value));
            *value = if is_absent(*value) || max < min { ABSENT } else { result };
        }
    }
    table.drop_histograms();
    table.drop_names()?;
    table.finish()
}
