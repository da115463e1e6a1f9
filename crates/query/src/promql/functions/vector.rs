//! `vector`: a scalar as a series without labels.

use model::Labels;

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::eval::call::first;

pub(super) const DOC: &str = "A scalar as an instant vector of one series without labels.";

pub(super) fn vector(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let values = evaluator.scalar(first(call)?, scope)?;
    let mut table = evaluator.empty(scope);
    table.push(Labels::empty())?.floats.copy_from_slice(&values);
    table.finish()
}
