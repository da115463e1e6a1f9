//! `time`, and the query's own range: `start`, `end`, `range`, `step`.

use super::{Call, Evaluator, QueryError, Scope};

pub(super) const DOC: &str =
    "The evaluation time in seconds since 1970-01-01 UTC; not the present time.";
pub(super) const START_DOC: &str = "The start of the query's range, in seconds since 1970.";
pub(super) const END_DOC: &str = "The end of the query's range, in seconds since 1970.";
pub(super) const RANGE_DOC: &str = "The length of the query's range, in seconds.";
pub(super) const STEP_DOC: &str = "The query's step, in seconds; 0 for an instant query.";

pub(super) fn time(_: &Evaluator<'_>, _: &Call, scope: &Scope) -> Result<Vec<f64>, QueryError> {
    Ok(scope.grid.iter().map(|at| at.as_secs_f64()).collect())
}

pub(super) fn start(e: &Evaluator<'_>, _: &Call, scope: &Scope) -> Result<Vec<f64>, QueryError> {
    Ok(vec![e.query.start.as_secs_f64(); scope.steps()])
}

pub(super) fn end(e: &Evaluator<'_>, _: &Call, scope: &Scope) -> Result<Vec<f64>, QueryError> {
    Ok(vec![e.query.end.as_secs_f64(); scope.steps()])
}

pub(super) fn range(e: &Evaluator<'_>, _: &Call, scope: &Scope) -> Result<Vec<f64>, QueryError> {
    Ok(vec![e.query.length_secs(); scope.steps()])
}

pub(super) fn step(e: &Evaluator<'_>, _: &Call, scope: &Scope) -> Result<Vec<f64>, QueryError> {
    Ok(vec![e.query.step_secs(); scope.steps()])
}
