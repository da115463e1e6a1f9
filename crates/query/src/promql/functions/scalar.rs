//! `scalar`: the value of a vector's only series.

use super::{Call, Evaluator, QueryError, Scope};
use crate::promql::eval::call::first;
use crate::promql::eval::table::is_absent;

pub(super) const DOC: &str =
    "The value of the only series of a vector; NaN where there is none or more than one.";

pub(super) fn scalar(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Vec<f64>, QueryError> {
    let mut values = vec![f64::NAN; scope.steps()];
    let mut counts = vec![0u8; scope.steps()];
    let table = evaluator.vector(first(call)?, scope)?;
    for row in table.iter() {
        for (step, value) in row.floats.iter().enumerate().filter(|(_, value)| !is_absent(**value))
        {
            counts[step] = counts[step].saturating_add(1);
            values[step] = if counts[step] == 1 { *value } else { f64::NAN };
        }
    }
    Ok(values)
}
