//! `label_replace`: a label from what a regular expression finds in another.

use model::METRIC_NAME;
use model::matcher::anchored_regex;

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::eval::call::{arg, first};
use crate::promql::eval::evaluator::string;

pub(super) const DOC: &str = "Where the regular expression matches the source label, sets the target label to the \
     replacement, in which $1 or ${name} stand for what the groups matched.";

pub(super) fn label_replace(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let (target, replacement) = (string(arg(call, 1)?), string(arg(call, 2)?));
    let (source, pattern) = (string(arg(call, 3)?), string(arg(call, 4)?));
    let regex = anchored_regex(pattern).map_err(|_| {
        let message = format!("invalid regular expression in label_replace(): {pattern}");
        QueryError::Execution(message)
    })?;
    if target.is_empty() {
        let message = "invalid destination label name in label_replace(): ";
        return Err(QueryError::Execution(message.to_owned()));
    }
    let mut table = evaluator.vector(first(call)?, scope)?;
    let mut value = String::new();
    let labels = table.labels().iter().map(|labels| {
        let Some(found) = regex.captures(labels.get(source).unwrap_or("")) else {
            return labels.clone();
        };
        value.clear();
        found.expand(replacement, &mut value);
        labels.to_builder().set(target, &value).build()
    });
    let labels = labels.collect();
    table.set_labels(labels);
    table.set_names_are_one(table.names_are_one() && target != METRIC_NAME);
    table.join_same_labels()?;
    Ok(table)
}
