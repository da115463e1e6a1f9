//! `timestamp` and `start_timestamp`: when samples were taken, and since when they count.

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::ast::Expr;
use crate::promql::eval::call::first;
use crate::promql::eval::select;

pub(super) const DOC: &str = "When each sample of a selector was taken, in seconds since 1970; of any other expression, \
     the evaluation time.";

pub(super) const START_DOC: &str = "Since when each sample counts, in seconds since 1970. Start times are not stored, so there \
     is none, as in Prometheus without its flag for them.";

pub(super) fn start_timestamp(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    // Evaluated all the same, so that a faulty argument is an error.
    evaluator.vector(first(call)?, scope)?;
    Ok(evaluator.empty(scope))
}

pub(super) fn timestamp(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let arg = first(call)?;
    let mut table = match arg.unparenthesised() {
        Expr::Selector(selector) => select::times(evaluator, selector, scope)?,
        _ => {
            let mut table = evaluator.vector(arg, scope)?;
            for index in 0..table.len() {
                for (step, at) in scope.grid.iter().enumerate() {
                    if table.row(index).is_present(step) {
                        table.row_mut(index).floats[step] = at.as_secs_f64();
                    }
                }
            }
            table.drop_histograms();
            table
        }
    };
    table.drop_names()?;
    table.finish()
}
