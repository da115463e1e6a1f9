//! `count_values`: how many series have each value, the value in a label.

use std::collections::HashMap;

use model::Labels;

use super::super::QueryError;
use super::super::go_float::plain;
use super::super::histogram_text::histogram_text;
use super::super::signature::Counted;
use super::super::table::{Table, is_absent};
use super::keeps_name;
use crate::promql::ast::{Aggregate, Grouping};

pub(super) fn evaluate(
    aggregate: &Aggregate,
    label: &str,
    mut input: Table,
) -> Result<Table, QueryError> {
    if label.is_empty() {
        return Err(QueryError::Execution("invalid label name \"\"".to_owned()));
    }
    let counted = match &aggregate.grouping {
        Grouping::By(labels) => {
            let mut labels = labels.clone();
            labels.push(label.to_owned());
            Counted::Only(labels)
        }
        Grouping::Without(labels) => Counted::AllBut(labels.clone()),
    };
    input.labels();
    let mut table = Table::new(input.steps(), input.budget());
    let mut row_of: HashMap<Labels, usize> = HashMap::new();
    for (index, labels) in input.stored_labels().iter().enumerate() {
        let mut known: HashMap<u64, usize> = HashMap::new();
        for step in 0..input.steps() {
            let row = input.row(index);
            let value = row.floats[step];
            let text = match row.histogram(step) {
                Some(histogram) => histogram_text(histogram),
                None if is_absent(value) => continue,
                None => match known.get(&value.to_bits()) {
                    Some(found) => {
                        count(&mut table, *found, step);
                        continue;
                    }
                    None => plain(value),
                },
            };
            let group = counted.pick(&labels.to_builder().set(label, &text).build());
            let found = match row_of.get(&group) {
                Some(found) => *found,
                None => {
                    table.push(group.clone())?;
                    row_of.insert(group, table.len() - 1);
                    table.len() - 1
                }
            };
            if row.histogram(step).is_none() {
                known.insert(value.to_bits(), found);
            }
            count(&mut table, found, step);
        }
        input.budget().check()?;
    }
    table.set_names_are_one(!keeps_name(&aggregate.grouping));
    table.finish()
}

fn count(table: &mut Table, row: usize, step: usize) {
    let count = &mut table.row_mut(row).floats[step];
    *count = if is_absent(*count) { 1.0 } else { *count + 1.0 };
}
