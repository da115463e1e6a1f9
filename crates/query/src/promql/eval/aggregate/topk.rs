//! `topk` and `bottomk`: the largest or smallest samples of each group at each step.

use super::super::QueryError;
use super::super::go_float::general;
use super::super::notes::Notes;
use super::super::table::{ABSENT, Table, is_absent};
use super::{members, param_bounds};
use crate::promql::ast::{Aggregate, AggregateOp};

/// The largest float below 2^63: from here on a parameter is no count.
const COUNT_MAX: f64 = 9_223_372_036_854_774_784.0;

pub(super) fn evaluate(
    aggregate: &Aggregate,
    param: &[f64],
    input: Table,
    notes: &mut Notes,
) -> Result<Table, QueryError> {
    let steps = input.steps();
    let Some(counts) = counts(param, input.len())? else {
        return Ok(Table::new(steps, input.budget()));
    };
    let is_top = aggregate.op == AggregateOp::Topk;
    if input.iter().any(|row| row.histograms.iter().any(Option::is_some)) {
        notes.histogram_ignored(aggregate.op.as_str(), aggregate.span);
    }
    let mut picked = Picked::new(&input);
    for members in members(&aggregate.grouping, &input) {
        for (step, k) in counts.iter().enumerate() {
            let mut heap = Heap::new(if is_top { ascending } else { descending });
            for index in &members {
                let value = input.row(*index).floats[step];
                if !is_absent(value) {
                    heap.offer(value, *index, *k);
                }
            }
            picked.add(step, heap.into_sorted());
        }
        input.budget().check()?;
    }
    picked.apply(input)
}

/// How many are wanted at each step; nothing where it is none at all.
pub(super) fn counts(param: &[f64], series: usize) -> Result<Option<Vec<usize>>, QueryError> {
    let (min, max, has_nan) = param_bounds(param);
    let refuse = |message: String| Err(QueryError::Execution(message));
    if has_nan && (max >= 1.0 || param.iter().all(|k| k.is_nan())) {
        return refuse("Parameter value is NaN".to_owned());
    }
    if max < 1.0 {
        return Ok(None);
    }
    if min <= -COUNT_MAX {
        return refuse(format!("Scalar value {} underflows int64", general(min)));
    }
    if max >= COUNT_MAX {
        return refuse(format!("Scalar value {} overflows int64", general(max)));
    }
    Ok(Some(param.iter().map(|k| (k.max(0.0) as usize).min(series)).collect()))
}

/// Which samples of the input stay, and at a single step in which order.
pub(super) struct Picked {
    steps: usize,
    is_kept: Vec<bool>,
    order: Vec<usize>,
}

impl Picked {
    pub(super) fn new(input: &Table) -> Self {
        let steps = input.steps();
        Self { steps, is_kept: vec![false; input.len() * steps], order: Vec::new() }
    }

    /// Keeps these series at this step.
    pub(super) fn add(&mut self, step: usize, series: Vec<usize>) {
        for index in &series {
            self.is_kept[index * self.steps + step] = true;
        }
        if self.steps == 1 {
            self.order.extend(series);
        }
    }

    /// Drops everything else.
    pub(super) fn apply(self, mut input: Table) -> Result<Table, QueryError> {
        if self.steps == 1 {
            let mut position = vec![None; input.len()];
            for (place, index) in self.order.iter().enumerate() {
                position[*index] = Some(place);
            }
            input.retain(|index| position[index].is_some());
            let mut places: Vec<(usize, usize)> = position
                .into_iter()
                .flatten()
                .enumerate()
                .map(|(row, place)| (place, row))
                .collect();
            places.sort_unstable();
            let order: Vec<usize> = places.into_iter().map(|(_, row)| row).collect();
            input.reorder(&order);
            return input.finish();
        }
        for index in 0..input.len() {
            let row = input.row_mut(index);
            for step in 0..self.steps {
                if !self.is_kept[index * self.steps + step] {
                    row.floats[step] = ABSENT;
                    if let Some(histogram) = row.histograms.get_mut(step) {
                        *histogram = None;
                    }
                }
            }
        }
        input.finish()
    }
}

/// A binary heap that breaks ties exactly as Go's `container/heap` does, so that
/// of equal samples the same ones are kept.
pub(super) struct Heap {
    items: Vec<(f64, usize)>,
    less: fn(f64, f64) -> bool,
}

/// Whether `a` comes before `b` when the smallest is on top.
pub(super) fn ascending(a: f64, b: f64) -> bool {
    a.is_nan() || a < b
}

fn descending(a: f64, b: f64) -> bool {
    a.is_nan() || a > b
}

impl Heap {
    pub(super) fn new(less: fn(f64, f64) -> bool) -> Self {
        Self { items: Vec::new(), less }
    }

    /// Takes a sample in where fewer than `k` are held or it beats the worst.
    fn offer(&mut self, value: f64, index: usize, k: usize) {
        if self.items.len() < k {
            self.push(value, index);
            return;
        }
        let Some((worst, _)) = self.items.first() else { return };
        let beats = if worst.is_nan() { !value.is_nan() } else { (self.less)(*worst, value) };
        if beats {
            self.items[0] = (value, index);
            self.sink();
        }
    }

    pub(super) fn push(&mut self, value: f64, index: usize) {
        self.items.push((value, index));
        let mut child = self.items.len() - 1;
        while child > 0 {
            let parent = (child - 1) / 2;
            if !(self.less)(self.items[child].0, self.items[parent].0) {
                break;
            }
            self.items.swap(parent, child);
            child = parent;
        }
    }

    fn sink(&mut self) {
        let mut parent = 0;
        loop {
            let left = 2 * parent + 1;
            if left >= self.items.len() {
                break;
            }
            let right = left + 1;
            let is_right =
                right < self.items.len() && (self.less)(self.items[right].0, self.items[left].0);
            let child = if is_right { right } else { left };
            if !(self.less)(self.items[child].0, self.items[parent].0) {
                break;
            }
            self.items.swap(parent, child);
            parent = child;
        }
    }

    /// The series in the order of the heap.
    pub(super) fn into_order(self) -> Vec<usize> {
        self.items.into_iter().map(|(_, index)| index).collect()
    }

    /// The series, best first.
    fn into_sorted(mut self) -> Vec<usize> {
        let less = self.less;
        self.items.sort_by(|(a, _), (b, _)| match (a.is_nan(), b.is_nan()) {
            (true, true) => std::cmp::Ordering::Equal,
            (true, false) => std::cmp::Ordering::Greater,
            (false, true) => std::cmp::Ordering::Less,
            _ => less(*a, *b).cmp(&less(*b, *a)),
        });
        self.into_order()
    }
}
