//! `min_of` and `max_of`: of two scalars.

use super::{Call, Evaluator, QueryError, Scope};
use crate::promql::eval::call::{arg, first};

pub(super) const MAX_DOC: &str = "The larger one of two scalars.";
pub(super) const MIN_DOC: &str = "The smaller one of two scalars.";

pub(super) fn max_of(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Vec<f64>, QueryError> {
    of_two(evaluator, call, scope, larger)
}

pub(super) fn min_of(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Vec<f64>, QueryError> {
    of_two(evaluator, call, scope, smaller)
}

fn of_two(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
    choose: fn(f64, f64) -> f64,
) -> Result<Vec<f64>, QueryError> {
    let mut values = evaluator.scalar(first(call)?, scope)?;
    let others = evaluator.scalar(arg(call, 1)?, scope)?;
    values.iter_mut().zip(others).for_each(|(value, other)| *value = choose(*value, other));
    Ok(values)
}

/// The larger one; a NaN wins over everything but infinity.
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// The smaller one; a NaN wins over everything but minus infinity.
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    -larger(-a, -b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_stays() {
        assert_eq!(larger(1.0, 2.0), 2.0);
        assert_eq!(smaller(1.0, 2.0), 1.0);
        assert!(larger(f64::NEG_INFINITY, smaller(5.0, f64::NAN)).is_nan());
        assert_eq!(larger(f64::NAN, f64::INFINITY), f64::INFINITY);
    }
}
