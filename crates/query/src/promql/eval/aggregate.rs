//! Aggregations: many series into one for each group, or some of each group.
//!
//! What can be computed series by series streams: the input arrives in batches,
//! and only the groups are held. What must see a whole step at once (`topk`,
//! `quantile`, …) takes the whole input.

mod avg;
mod count;
mod count_values;
mod extremum;
mod limit;
mod quantile;
mod sum;
mod topk;
mod variance;

use std::collections::HashMap;

use model::{Labels, METRIC_NAME};

use super::QueryError;
use super::evaluator::{Evaluator, Scope, string};
use super::notes::Notes;
use super::signature::Counted;
use super::table::{Row, RowMut, Table};
use crate::promql::ast::{Aggregate, AggregateOp, Grouping, Span};

pub(crate) use quantile::quantile;

/// The running state of an aggregation that streams, for all groups.
trait Accumulator {
    /// Makes room for `groups` groups of `steps` steps.
    fn grow(&mut self, groups: usize, steps: usize);

    /// Takes in one series of a group.
    fn add(&mut self, group: usize, row: Row<'_>, context: &mut Context<'_>);

    /// Writes the result of a group.
    fn finish(&mut self, group: usize, row: &mut RowMut<'_>, context: &mut Context<'_>);

    /// The bytes that one group takes for each step.
    fn step_bytes(&self) -> u64;
}

/// What an accumulator needs to note something.
struct Context<'a> {
    notes: &'a mut Notes,
    /// Where the input stands in the query.
    span: Span,
    /// The labels of the series at hand.
    labels: Option<&'a Labels>,
}

impl Context<'_> {
    fn metric(&self) -> &str {
        self.labels.and_then(|labels| labels.metric_name()).unwrap_or("")
    }
}

/// Evaluates an aggregation.
pub(crate) fn evaluate(
    evaluator: &Evaluator<'_>,
    aggregate: &Aggregate,
    scope: &Scope,
) -> Result<Table, QueryError> {
    use AggregateOp as Op;
    let mut table = match aggregate.op {
        Op::Sum => stream(evaluator, aggregate, scope, &mut sum::Sum::default())?,
        Op::Avg => stream(evaluator, aggregate, scope, &mut avg::Avg::default())?,
        Op::Count => stream(evaluator, aggregate, scope, &mut count::Count::default())?,
        Op::Group => stream(evaluator, aggregate, scope, &mut count::Group::default())?,
        Op::Min => stream(evaluator, aggregate, scope, &mut extremum::Extremum::min())?,
        Op::Max => stream(evaluator, aggregate, scope, &mut extremum::Extremum::max())?,
        Op::Stddev => stream(evaluator, aggregate, scope, &mut variance::Variance::stddev())?,
        Op::Stdvar => stream(evaluator, aggregate, scope, &mut variance::Variance::stdvar())?,
        Op::CountValues => {
            let label = aggregate.param.as_deref().map_or("", string).to_owned();
            let input = evaluator.vector(&aggregate.expr, scope)?;
            return count_values::evaluate(aggregate, &label, input);
        }
        op => {
            let param = match aggregate.param.as_deref() {
                Some(param) => evaluator.scalar(param, scope)?,
                None => Vec::new(),
            };
            let input = evaluator.vector(&aggregate.expr, scope)?;
            let mut notes = Notes::default();
            let table = match op {
                Op::Quantile => quantile::evaluate(aggregate, &param, input, &mut notes)?,
                Op::Limitk => limit::limitk(aggregate, &param, input)?,
                Op::LimitRatio => limit::limit_ratio(aggregate, &param, input, &mut notes)?,
                _ => topk::evaluate(aggregate, &param, input, &mut notes)?,
            };
            evaluator.note(notes);
            return Ok(table);
        }
    };
    table.set_names_are_one(!keeps_name(&aggregate.grouping));
    Ok(table)
}

fn keeps_name(grouping: &Grouping) -> bool {
    matches!(grouping, Grouping::By(labels) if labels.iter().any(|label| label == METRIC_NAME))
}

fn stream(
    evaluator: &Evaluator<'_>,
    aggregate: &Aggregate,
    scope: &Scope,
    accumulator: &mut dyn Accumulator,
) -> Result<Table, QueryError> {
    let counted = Counted::of_grouping(&aggregate.grouping);
    let mut groups: HashMap<u128, usize> = HashMap::new();
    let mut labels: Vec<Labels> = Vec::new();
    let mut notes = Notes::default();
    let span = aggregate.expr.span();
    let mut hold = evaluator.budget.hold();
    evaluator.batches(&aggregate.expr, scope, &mut |batch| {
        let known = labels.len();
        let group_of: Vec<usize> = counted
            .signatures(&batch)
            .into_iter()
            .enumerate()
            .map(|(index, signature)| {
                *groups.entry(signature).or_insert_with(|| {
                    labels.push(counted.pick_from(&batch, index));
                    labels.len() - 1
                })
            })
            .collect();
        let new = (labels.len() - known) as u64;
        hold.grow(0, new.saturating_mul(accumulator.step_bytes() * scope.steps() as u64))?;
        accumulator.grow(labels.len(), scope.steps());
        for (index, group) in group_of.into_iter().enumerate() {
            let labels = batch.stored_labels().get(index);
            let mut context = Context { notes: &mut notes, span, labels };
            accumulator.add(group, batch.row(index), &mut context);
        }
        Ok(())
    })?;
    let mut table = Table::with_rows(labels, scope.steps(), &evaluator.budget)?;
    for group in 0..table.len() {
        let mut context = Context { notes: &mut notes, span, labels: None };
        accumulator.finish(group, &mut table.row_mut(group), &mut context);
    }
    evaluator.note(notes);
    table.finish()
}

/// The series of each group, in the order in which the groups first come up.
fn members(grouping: &Grouping, table: &Table) -> Vec<Vec<usize>> {
    let mut position: HashMap<u128, usize> = HashMap::new();
    let mut members: Vec<Vec<usize>> = Vec::new();
    let signatures = Counted::of_grouping(grouping).signatures(table);
    for (index, signature) in signatures.into_iter().enumerate() {
        let group = *position.entry(signature).or_insert_with(|| {
            members.push(Vec::new());
            members.len() - 1
        });
        members[group].push(index);
    }
    members
}

/// The smallest and the largest parameter, NaN aside, and whether any is NaN.
fn param_bounds(param: &[f64]) -> (f64, f64, bool) {
    let min = param.iter().copied().fold(f64::INFINITY, f64::min);
    let max = param.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (min, max, param.iter().any(|value| value.is_nan()))
}

#[cfg(test)]
mod tests;
