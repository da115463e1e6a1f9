//! `limitk` and `limit_ratio`: some series of each group, whatever their values.

use model::LabelsRef;
use xxhash_rust::xxh64::xxh64;

use super::super::QueryError;
use super::super::notes::Notes;
use super::super::table::Table;
use super::topk::{Heap, Picked, ascending, counts};
use super::{members, param_bounds};
use crate::promql::ast::Aggregate;

/// The first `k` series of each group.
pub(super) fn limitk(
    aggregate: &Aggregate,
    param: &[f64],
    input: Table,
) -> Result<Table, QueryError> {
    let Some(counts) = counts(param, input.len())? else {
        return Ok(Table::new(input.steps(), input.budget()));
    };
    let mut picked = Picked::new(&input);
    for members in members(&aggregate.grouping, &input) {
        for (step, k) in counts.iter().enumerate() {
            let present = members.iter().filter(|index| input.row(**index).is_present(step));
            picked.add(step, in_heap_order(&input, step, present.take(*k).copied()));
        }
        input.budget().check()?;
    }
    picked.apply(input)
}

/// About this share of the series of each group: always the same ones, chosen by
/// a hash of their labels. A negative share chooses the others.
pub(super) fn limit_ratio(
    aggregate: &Aggregate,
    param: &[f64],
    mut input: Table,
    notes: &mut Notes,
) -> Result<Table, QueryError> {
    let (min, max, has_nan) = param_bounds(param);
    if has_nan {
        return Err(QueryError::Execution("Ratio value is NaN".to_owned()));
    }
    let span = aggregate.param.as_deref().map(|param| param.span()).unwrap_or_default();
    if max > 1.0 {
        notes.invalid_ratio(max, 1.0, span);
    }
    if min < -1.0 {
        notes.invalid_ratio(min, -1.0, span);
    }
    let offsets: Vec<f64> = input.labels().iter().map(|labels| offset(labels)).collect();
    let mut picked = Picked::new(&input);
    for members in members(&aggregate.grouping, &input) {
        for (step, ratio) in param.iter().enumerate() {
            let ratio = ratio.clamp(-1.0, 1.0);
            let is_chosen = |offset: f64| {
                if ratio >= 0.0 { offset < ratio } else { offset >= 1.0 + ratio }
            };
            let chosen = members
                .iter()
                .filter(|index| input.row(**index).is_present(step) && is_chosen(offsets[**index]));
            picked.add(step, in_heap_order(&input, step, chosen.copied()));
        }
        input.budget().check()?;
    }
    picked.apply(input)
}

/// An instant query shows them in the order in which a heap of their values holds them.
fn in_heap_order(input: &Table, step: usize, series: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut heap = Heap::new(ascending);
    for index in series {
        let row = input.row(index);
        let value = if row.histogram(step).is_some() { 0.0 } else { row.floats[step] };
        heap.push(value, index);
    }
    heap.into_order()
}

/// Where in 0 to 1 a label set lies: its hash as Prometheus computes it
/// (`labels_stringlabels.go`), divided by the largest one.
fn offset(labels: &LabelsRef) -> f64 {
    let mut encoded = Vec::new();
    for text in labels.iter().flat_map(|(name, value)| [name, value]) {
        match u8::try_from(text.len()) {
            Ok(length) if length < u8::MAX => encoded.push(length),
            _ => {
                encoded.push(u8::MAX);
                encoded.extend_from_slice(&(text.len() as u32).to_le_bytes()[..3]);
            }
        }
        encoded.extend_from_slice(text.as_bytes());
    }
    xxh64(&encoded, 0) as f64 / u64::MAX as f64
}
