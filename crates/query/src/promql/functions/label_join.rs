//! `label_join`: a label from several others.

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::eval::call::{arg, first};
use crate::promql::eval::evaluator::string;

pub(super) const DOC: &str = "Sets a label to the values of other labels, joined by a separator.";

pub(super) fn label_join(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let (target, separator) = (string(arg(call, 1)?), string(arg(call, 2)?));
    let sources: Vec<&str> = call.args.iter().skip(3).map(string).collect();
    if sources.iter().any(|source| source.is_empty()) {
        let message = "invalid source label name in label_join(): ";
        return Err(QueryError::Execution(message.to_owned()));
    }
    if target.is_empty() {
        let message = "invalid destination label name in label_join(): ";
        return Err(QueryError::Execution(message.to_owned()));
    }
    let mut table = evaluator.vector(first(call)?, scope)?;
    let labels = table.labels().iter().map(|labels| {
        let values: Vec<&str> =
            sources.iter().map(|source| labels.get(source).unwrap_or("")).collect();
        labels.to_builder().set(target, &values.join(separator)).build()
    });
    let labels = labels.collect();
    table.set_labels(labels);
    table.set_names_are_one(table.names_are_one() && target != model::METRIC_NAME);
    table.join_same_labels()?;
    Ok(table)
}
