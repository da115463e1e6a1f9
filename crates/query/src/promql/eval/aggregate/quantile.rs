//! `quantile`: interpolated between the two nearest values; histograms do not count.

use std::cmp::Ordering;

use super::super::QueryError;
use super::super::notes::Notes;
use super::super::signature::Counted;
use super::super::table::{Table, is_absent};
use super::{keeps_name, members, param_bounds};
use crate::promql::ast::Aggregate;

pub(super) fn evaluate(
    aggregate: &Aggregate,
    param: &[f64],
    input: Table,
    notes: &mut Notes,
) -> Result<Table, QueryError> {
    let (min, max, has_nan) = param_bounds(param);
    let param_span = aggregate.param.as_deref().map(|p| p.span()).unwrap_or_default();
    if has_nan {
        notes.invalid_quantile(f64::NAN, param_span);
    }
    if max > 1.0 {
        notes.invalid_quantile(max, param_span);
    }
    if min < 0.0 {
        notes.invalid_quantile(min, param_span);
    }
    let counted = Counted::of_grouping(&aggregate.grouping);
    let mut table = Table::new(input.steps(), input.budget());
    let mut values = Vec::new();
    for members in members(&aggregate.grouping, &input) {
        let out = table.push(counted.pick_from(&input, members[0]))?;
        for (step, q) in param.iter().enumerate() {
            values.clear();
            let floats = members.iter().map(|index| input.row(*index).floats[step]);
            values.extend(floats.filter(|value| !is_absent(*value)));
            if !values.is_empty() {
                out.floats[step] = quantile(*q, &mut values);
            }
        }
        input.budget().check()?;
    }
    if input.iter().any(|row| row.histograms.iter().any(Option::is_some)) {
        notes.histogram_ignored("quantile", aggregate.expr.span());
    }
    table.set_names_are_one(!keeps_name(&aggregate.grouping));
    table.finish()
}

/// The quantile `q` of some values, which are sorted here; a NaN counts as the smallest.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    values.sort_unstable_by(nan_first);
    let last = values.len() - 1;
    let rank = q * last as f64;
    let lower = rank.floor().max(0.0) as usize;
    let upper = last.min(lower + 1);
    let weight = rank - rank.floor();
    values[lower] * (1.0 - weight) + values[upper] * weight
}

fn nan_first(a: &f64, b: &f64) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_values_it_is_weighted() {
        assert_eq!(quantile(0.5, &mut [4.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile(0.25, &mut [10.0, 0.0]), 2.5);
        assert_eq!(quantile(1.0, &mut [10.0, 0.0]), 10.0);
        assert_eq!(quantile(-0.1, &mut [1.0]), f64::NEG_INFINITY);
        assert_eq!(quantile(1.1, &mut [1.0]), f64::INFINITY);
        assert!(quantile(f64::NAN, &mut [1.0]).is_nan());
        assert!(quantile(0.0, &mut [1.0, f64::NAN]).is_nan());
        assert_eq!(quantile(1.0, &mut [f64::NAN, 1.0]), 1.0);
    }
}
