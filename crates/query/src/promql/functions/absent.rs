//! `absent` and `absent_over_time`: one where nothing is.

use model::{Labels, LabelsBuilder, METRIC_NAME, MatchOp, Matcher};

use super::{Call, Evaluator, Kernel, QueryError, Scope, Table, kernel};
use crate::promql::ast::Expr;
use crate::promql::eval::call::first;
use crate::promql::eval::window::{self, RangeCall};

pub(super) const DOC: &str = "1 where the vector has no series, with the labels that its selector asks for; otherwise \
     nothing. For alerts on what is missing.";
pub(super) const OVER_TIME_DOC: &str = "1 where no series has a sample in the range, with the labels that the selector asks for; \
     otherwise nothing.";

pub(super) fn absent(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let arg = first(call)?;
    let mut is_present = vec![false; scope.steps()];
    evaluator.batches(arg, scope, &mut |batch| {
        mark(&batch, &mut is_present);
        Ok(())
    })?;
    ones(evaluator, arg, scope, &is_present)
}

pub(super) fn absent_over_time(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let arg = first(call)?;
    let mut is_present = vec![false; scope.steps()];
    let Some(Kernel::Range { kernel, .. }) = kernel("present_over_time") else {
        return Ok(evaluator.empty(scope));
    };
    let name = call.function.name;
    let span = arg.span();
    let call = RangeCall { name, kernel: *kernel, keeps_name: true, args: &[], span };
    window::evaluate(evaluator, &call, arg, scope, 1024, &mut |batch| {
        mark(&batch, &mut is_present);
        Ok(())
    })?;
    ones(evaluator, arg, scope, &is_present)
}

fn mark(table: &Table, is_present: &mut [bool]) {
    for row in table.iter() {
        for (step, is_present) in is_present.iter_mut().enumerate() {
            *is_present |= row.is_present(step);
        }
    }
}

fn ones(
    evaluator: &Evaluator<'_>,
    arg: &Expr,
    scope: &Scope,
    is_present: &[bool],
) -> Result<Table, QueryError> {
    let mut table = evaluator.empty(scope);
    let row = table.push(labels_of(arg))?;
    for (value, is_present) in row.floats.iter_mut().zip(is_present) {
        if !is_present {
            *value = 1.0;
        }
    }
    table.finish()
}

/// The labels that a selector asks for with `=`, each once.
fn labels_of(expr: &Expr) -> Labels {
    let matchers: &[Matcher] = match expr.unparenthesised() {
        Expr::Selector(selector) => &selector.matchers,
        Expr::Range(range) => &range.selector.matchers,
        _ => return Labels::empty(),
    };
    let mut builder = LabelsBuilder::default();
    for (at, matcher) in matchers.iter().enumerate() {
        let name = matcher.name();
        if name == METRIC_NAME {
            continue;
        }
        // A label asked for in two ways has no certain value.
        let had_equal = matchers[..at].iter().any(|m| m.name() == name && m.op() == MatchOp::Equal);
        if matcher.op() == MatchOp::Equal && !had_equal {
            builder.set(name, matcher.value());
        } else {
            builder.remove(name);
        }
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::{ParseOptions, parse};

    #[test]
    fn only_certain_labels_are_shown() {
        for (text, labels) in [
            ("up{job=\"a\", x!=\"b\"}", "{job=\"a\"}"),
            ("(up{job=\"a\"}[5m])", "{job=\"a\"}"),
            ("up{job=\"a\", job=\"b\", y=\"c\"}", "{y=\"c\"}"),
            ("up{job=\"a\", job=~\"a.*\"}", "{}"),
            ("sum(up{job=\"a\"})", "{}"),
        ] {
            let expr = parse(text, ParseOptions::default()).unwrap();
            assert_eq!(labels_of(&expr).to_string(), labels, "{text}");
        }
    }
}
