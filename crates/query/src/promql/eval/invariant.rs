//! Which parts of a query are the same at every step.
//!
//! `x @ 100` does not depend on the step, so it is evaluated once and repeated.

use crate::promql::ast::Expr;

/// Functions that depend on the step whatever their arguments are: on the
/// evaluation time itself, or on the time of their argument's samples.
const STEP_DEPENDENT: [&str; 15] = [
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "end",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "range",
    "start",
    "step",
    "time",
    "timestamp",
    "year",
];

/// Whether anything in the expression is fixed by `@`.
pub(crate) fn has_at(expr: &Expr) -> bool {
    let here = match expr {
        Expr::Selector(selector) => selector.at.is_some(),
        Expr::Range(range) => range.selector.at.is_some(),
        Expr::Subquery(subquery) => subquery.at.is_some(),
        _ => false,
    };
    here || expr.children().into_iter().any(has_at)
}

/// Whether the expression has the same value at every step.
pub(crate) fn is_step_invariant(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::String(_) => true,
        Expr::Selector(selector) => selector.at.is_some(),
        Expr::Range(range) => range.selector.at.is_some(),
        Expr::Subquery(subquery) => subquery.at.is_some(),
        Expr::Paren(paren) => is_step_invariant(&paren.expr),
        Expr::Unary(unary) => is_step_invariant(&unary.expr),
        Expr::Aggregate(aggregate) => {
            let is_param_fixed = aggregate.param.as_deref().is_none_or(is_step_invariant);
            is_param_fixed && is_step_invariant(&aggregate.expr)
        }
        Expr::Binary(binary) => is_step_invariant(&binary.lhs) && is_step_invariant(&binary.rhs),
        Expr::Call(call) => {
            let is_timestamp_of_selector = call.function.name == "timestamp"
                && matches!(call.args.first().map(Expr::unparenthesised), Some(Expr::Selector(_)));
            (is_timestamp_of_selector || !STEP_DEPENDENT.contains(&call.function.name))
                && call.args.iter().all(is_step_invariant)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::{ParseOptions, parse};

    #[test]
    fn only_what_is_fixed_is_the_same_at_every_step() {
        for (text, expected) in [
            ("x @ 10", true),
            ("x", false),
            ("sum(rate(x[5m] @ 10)) / 2", true),
            ("x @ 10 + x", false),
            ("timestamp(x @ 10)", true),
            ("timestamp(abs(x @ 10))", false),
            ("predict_linear(x[5m] @ 10, 60)", false),
            ("sum_over_time(x[5m:1m] @ 10)", true),
            ("sum_over_time((x @ 10)[5m:1m])", false),
            ("vector(time())", false),
            ("topk(time(), x @ 10)", false),
        ] {
            let expr = parse(text, ParseOptions { experimental: true }).unwrap();
            assert_eq!(is_step_invariant(&expr), expected, "{text}");
        }
    }
}
