//! Function calls: which kernel computes them, and how it gets its arguments.

use super::QueryError;
use super::evaluator::{Evaluator, Scope, unexpected};
use super::table::{ABSENT, Table, is_absent};
use super::window::{self, RangeCall};
use crate::promql::ast::{Call, Expr, ValueType};
use crate::promql::functions::{Kernel, kernel};

/// Evaluates a function that gives a scalar.
pub(crate) fn scalar(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Vec<f64>, QueryError> {
    match kernel(call.function.name) {
        Some(Kernel::Scalar(f)) => f(evaluator, call, scope),
        _ => Err(missing(call)),
    }
}

/// Evaluates a function that gives an instant vector.
pub(crate) fn vector(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    match kernel(call.function.name) {
        Some(Kernel::Vector(f)) => f(evaluator, call, scope),
        Some(Kernel::Float(f)) => floats(evaluator.vector(first(call)?, scope)?, *f),
        Some(Kernel::Histogram(f)) => histograms(evaluator.vector(first(call)?, scope)?, *f),
        Some(Kernel::Range { kernel, keeps_name }) => {
            let mut whole = evaluator.empty(scope);
            let sink = &mut |batch| whole.append(batch);
            range(evaluator, call, *kernel, *keeps_name, scope, usize::MAX, sink)?;
            Ok(whole)
        }
        _ => Err(missing(call)),
    }
}

/// Whether an expression can be evaluated series by series, with the same
/// result as if it were evaluated as a whole.
pub(crate) fn streams(expr: &Expr) -> bool {
    match expr {
        Expr::Selector(_) => true,
        Expr::Call(call) => match kernel(call.function.name) {
            Some(Kernel::Range { .. }) => true,
            Some(Kernel::Float(_)) => call.args.first().is_some_and(has_one_name),
            _ => false,
        },
        Expr::Binary(binary) => {
            super::binary::sides(binary).is_some_and(|(vector, ..)| has_one_name(vector))
        }
        _ => false,
    }
}

/// Evaluates a function that [`streams`] and hands the series on in batches.
pub(crate) fn batches(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
    batch_series: usize,
    sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    match kernel(call.function.name) {
        Some(Kernel::Range { kernel, keeps_name }) => {
            range(evaluator, call, *kernel, *keeps_name, scope, batch_series, sink)
        }
        Some(Kernel::Float(f)) => {
            evaluator.batches(first(call)?, scope, &mut |batch| sink(floats(batch, *f)?))
        }
        _ => Err(missing(call)),
    }
}

/// Whether all series of an expression are known to have the same metric name,
/// so that dropping it can't make two of them the same.
fn has_one_name(expr: &Expr) -> bool {
    match expr.unparenthesised() {
        Expr::Selector(selector) => super::select::names_are_one(&selector.matchers),
        Expr::Range(range) => super::select::names_are_one(&range.selector.matchers),
        Expr::Call(call) => {
            let is_simple = matches!(
                kernel(call.function.name),
                Some(Kernel::Range { .. } | Kernel::Float(_) | Kernel::Histogram(_))
            );
            is_simple
                && call.args.iter().all(|a| a.value_type() == ValueType::Scalar || has_one_name(a))
        }
        Expr::Binary(binary) => {
            super::binary::sides(binary).is_some_and(|(vector, ..)| has_one_name(vector))
        }
        _ => false,
    }
}

fn range(
    evaluator: &Evaluator<'_>,
    call: &Call,
    kernel: window::RangeKernel,
    keeps_name: bool,
    scope: &Scope,
    batch_series: usize,
    sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let is_range = |arg: &&Expr| arg.value_type() == ValueType::Matrix;
    let Some(arg) = call.args.iter().find(is_range) else { return Err(missing(call)) };
    let scalars = call.args.iter().filter(|arg| arg.value_type() == ValueType::Scalar);
    let args: Vec<Vec<f64>> =
        scalars.map(|arg| evaluator.scalar(arg, scope)).collect::<Result<_, _>>()?;
    let name = call.function.name;
    let span = call.args.first().map(Expr::span).unwrap_or_default();
    let call = RangeCall { name, kernel, keeps_name, args: &args, span };
    window::evaluate(evaluator, &call, arg, scope, batch_series, sink)
}

/// Computes each float; histograms are left out.
pub(crate) fn floats(mut table: Table, f: impl Fn(f64) -> f64) -> Result<Table, QueryError> {
    for value in table.floats_mut() {
        let result = f(*value);
        *value = if is_absent(*value) { ABSENT } else { result };
    }
    let had_histograms = table.iter().any(|row| !row.histograms.is_empty());
    table.drop_histograms();
    table.drop_names()?;
    if had_histograms { table.finish() } else { Ok(table) }
}

/// Computes a float from each histogram; floats are left out.
pub(crate) fn histograms(
    mut table: Table,
    f: impl Fn(&model::Histogram) -> f64,
) -> Result<Table, QueryError> {
    for index in 0..table.len() {
        let row = table.row_mut(index);
        row.floats.fill(ABSENT);
        for (value, histogram) in row.floats.iter_mut().zip(row.histograms.iter()) {
            if let Some(histogram) = histogram {
                *value = f(histogram);
            }
        }
    }
    table.drop_histograms();
    table.drop_names()?;
    table.finish()
}

/// The first argument.
pub(crate) fn first(call: &Call) -> Result<&Expr, QueryError> {
    arg(call, 0)
}

/// Argument `index`.
pub(crate) fn arg(call: &Call, index: usize) -> Result<&Expr, QueryError> {
    call.args.get(index).ok_or_else(|| missing(call))
}

fn missing(call: &Call) -> QueryError {
    unexpected(&Expr::Call(call.clone()), "another function")
}
