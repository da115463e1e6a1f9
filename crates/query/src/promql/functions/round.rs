//! `round`: to the nearest integer or multiple.

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::eval::call::first;
use crate::promql::eval::table::{ABSENT, is_absent};

pub(super) const DOC: &str = "Each sample rounded to the nearest integer, or to the nearest multiple of the second \
     argument. Halves are rounded up.";

pub(super) fn round(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let mut table = evaluator.vector(first(call)?, scope)?;
    let nearest = match call.args.get(1) {
        Some(nearest) => evaluator.scalar(nearest, scope)?,
        None => vec![1.0; scope.steps()],
    };
    for row in table.floats_mut().chunks_exact_mut(scope.steps().max(1)) {
        for (value, nearest) in row.iter_mut().zip(&nearest) {
            let result = round_to(*value, *nearest);
            *value = if is_absent(*value) { ABSENT } else { result };
        }
    }
    table.drop_histograms();
    table.drop_names()?;
    table.finish()
}

/// The inverse is multiplied and divided by, as Prometheus does it: 0.1 has no
/// exact inverse of its own, but 10 has.
fn round_to(value: f64, nearest: f64) -> f64 {
    let inverse = 1.0 / nearest;
    (value * inverse + 0.5).floor() / inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_up() {
        assert_eq!([2.5, -2.5, 0.4].map(|value| round_to(value, 1.0)), [3.0, -2.0, 0.0]);
        assert_eq!(round_to(1.26, 0.1), 1.3);
        assert_eq!(round_to(17.0, 5.0), 15.0);
    }
}
