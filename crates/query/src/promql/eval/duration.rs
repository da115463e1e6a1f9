//! Durations that a query computes: `rate(x[step() * 4])`.

use model::Millis;

use super::QueryError;
use super::evaluator::QueryRange;
use crate::promql::ast::{BinaryOp, DurationExpr, RangeSelector, Subquery, VectorSelector};

/// The offset of a selector.
pub(crate) fn of_selector(
    query: &QueryRange,
    selector: &VectorSelector,
) -> Result<Millis, QueryError> {
    resolve(query, selector.offset_expr.as_ref(), selector.offset, true)
}

/// The length of a range selector.
pub(crate) fn of_range(query: &QueryRange, range: &RangeSelector) -> Result<Millis, QueryError> {
    resolve(query, range.range_expr.as_ref(), range.range, false)
}

/// Length, step and offset of a subquery.
pub(crate) fn of_subquery(
    query: &QueryRange,
    subquery: &Subquery,
    default_step: Millis,
) -> Result<(Millis, Millis, Millis), QueryError> {
    let range = resolve(query, subquery.range_expr.as_ref(), subquery.range, false)?;
    let step = match (&subquery.step_expr, subquery.step) {
        (None, None) => default_step,
        (expr, step) => resolve(query, expr.as_ref(), step.unwrap_or(default_step), false)?,
    };
    let offset = resolve(query, subquery.offset_expr.as_ref(), subquery.offset, true)?;
    Ok((range, step, offset))
}

fn resolve(
    query: &QueryRange,
    expr: Option<&DurationExpr>,
    written: Millis,
    may_be_negative: bool,
) -> Result<Millis, QueryError> {
    let Some(expr) = expr else { return Ok(written) };
    let secs = secs(query, expr)?;
    if !may_be_negative && secs <= 0.0 {
        return Err(QueryError::Execution("duration must be greater than 0".to_owned()));
    }
    if !secs.is_finite() || secs.abs() >= (1i64 << 53) as f64 {
        return Err(QueryError::Execution("duration is out of range".to_owned()));
    }
    Ok(Millis::new((secs * 1000.0) as i64))
}

fn secs(query: &QueryRange, expr: &DurationExpr) -> Result<f64, QueryError> {
    Ok(match expr {
        DurationExpr::Literal(number) => number.value,
        DurationExpr::Step => query.step_secs(),
        DurationExpr::Range => query.length_secs(),
        DurationExpr::MinOf(a, b) => secs(query, a)?.min(secs(query, b)?),
        DurationExpr::MaxOf(a, b) => secs(query, a)?.max(secs(query, b)?),
        DurationExpr::Negate(inner) => -secs(query, inner)?,
        DurationExpr::Paren(inner) => secs(query, inner)?,
        DurationExpr::Arithmetic(op, a, b) => {
            let (a, b) = (secs(query, a)?, secs(query, b)?);
            if matches!(op, BinaryOp::Div | BinaryOp::Mod) && b == 0.0 {
                let what = if *op == BinaryOp::Div { "division" } else { "modulo" };
                return Err(QueryError::Execution(format!("{what} by zero")));
            }
            super::operator::arithmetic(*op, a, b)
        }
    })
}

impl QueryRange {
    /// What `step()` gives: 0 for an instant query.
    pub(crate) fn step_secs(&self) -> f64 {
        if self.start == self.end { 0.0 } else { self.step.as_secs_f64() }
    }

    /// What `range()` gives.
    pub(crate) fn length_secs(&self) -> f64 {
        self.end.since(self.start).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;
    use crate::promql::ast::NumberLiteral;

    #[test]
    fn durations_are_computed_from_the_query() {
        let at = Timestamp::from_millis;
        let query = QueryRange { start: at(0), end: at(60_000), step: Millis::new(15_000) };
        let literal = |value| {
            let span = crate::promql::ast::Span::default();
            Box::new(DurationExpr::Literal(NumberLiteral { value, is_duration: true, span }))
        };
        let product =
            DurationExpr::Arithmetic(BinaryOp::Mul, Box::new(DurationExpr::Step), literal(4.0));
        assert_eq!(resolve(&query, Some(&product), Millis::ZERO, false).unwrap().get(), 60_000);
        let longest = DurationExpr::MaxOf(Box::new(DurationExpr::Range), literal(70.0));
        assert_eq!(resolve(&query, Some(&longest), Millis::ZERO, false).unwrap().get(), 70_000);
        let negative = DurationExpr::Negate(literal(5.0));
        assert!(resolve(&query, Some(&negative), Millis::ZERO, false).is_err());
        assert_eq!(resolve(&query, Some(&negative), Millis::ZERO, true).unwrap().get(), -5000);
        let zero = DurationExpr::Arithmetic(BinaryOp::Div, literal(1.0), literal(0.0));
        assert!(resolve(&query, Some(&zero), Millis::ZERO, true).is_err());
    }
}
