//! `sum`: compensated, for floats and histograms.

use std::collections::HashMap;

use model::histogram::HistogramSum;
use model::kahan::kahan_add;
use std::sync::Arc;

use super::super::notes::HistogramOperation;
use super::super::reset_hints::ResetHints;
use super::super::table::{ABSENT, Row, RowMut, is_absent};
use super::{Accumulator, Context};

/// The sums so far.
#[derive(Default)]
pub(super) struct Sum {
    steps: usize,
    sums: Vec<f64>,
    compensations: Vec<f64>,
    /// By position in `sums`.
    histograms: HashMap<usize, Histograms>,
}

/// The histograms of one group at one step.
pub(super) struct Histograms {
    pub(super) sum: HistogramSum,
    hints: ResetHints,
    /// Exponential and custom buckets came together: there is no sum.
    pub(super) is_incompatible: bool,
}

impl Histograms {
    pub(super) fn new(first: &model::Histogram) -> Self {
        let mut hints = ResetHints::default();
        hints.see(first.reset_hint);
        Self { sum: HistogramSum::new(first.clone()), hints, is_incompatible: false }
    }

    pub(super) fn see(&mut self, histogram: &model::Histogram) {
        self.hints.see(histogram.reset_hint);
    }

    pub(super) fn add(&mut self, histogram: &model::Histogram, context: &mut Context<'_>) {
        match self.sum.add(histogram) {
            Ok(done) if done.bounds_differed => {
                context.notes.bounds_reconciled(HistogramOperation::Aggregation, context.span);
            }
            Ok(_) => {}
            Err(_) => {
                let metric = context.metric().to_owned();
                context.notes.mixed_schemas(&metric, context.span);
                self.is_incompatible = true;
            }
        }
    }

    pub(super) fn note_collision(&self, context: &mut Context<'_>) {
        if self.hints.collide() {
            context.notes.reset_collision(HistogramOperation::Aggregation, context.span);
        }
    }
}

impl Accumulator for Sum {
    fn grow(&mut self, groups: usize, steps: usize) {
        self.steps = steps;
        self.sums.resize(groups * steps, ABSENT);
        self.compensations.resize(groups * steps, 0.0);
    }

    fn add(&mut self, group: usize, row: Row<'_>, context: &mut Context<'_>) {
        let range = group * self.steps..(group + 1) * self.steps;
        let sums = self.sums[range.clone()].iter_mut().zip(&mut self.compensations[range]);
        for ((sum, compensation), value) in sums.zip(row.floats) {
            if is_absent(*value) {
                continue;
            }
            if is_absent(*sum) {
                *sum = *value;
            } else {
                (*sum, *compensation) = kahan_add(*value, *sum, *compensation);
            }
        }
        for (step, histogram) in row.histograms.iter().enumerate() {
            let Some(histogram) = histogram else { continue };
            match self.histograms.get_mut(&(group * self.steps + step)) {
                None => {
                    let state = Histograms::new(histogram);
                    self.histograms.insert(group * self.steps + step, state);
                }
                Some(state) if state.is_incompatible => {}
                Some(state) => {
                    state.see(histogram);
                    state.add(histogram, context);
                }
            }
        }
    }

    fn finish(&mut self, group: usize, row: &mut RowMut<'_>, context: &mut Context<'_>) {
        for step in 0..self.steps {
            let at = group * self.steps + step;
            let sum = self.sums[at];
            match self.histograms.remove(&at) {
                None if is_absent(sum) => {}
                None => row.floats[step] = sum + self.compensations[at],
                Some(_) if !is_absent(sum) => {
                    context.notes.mixed_floats_histograms_in_aggregation(context.span);
                }
                Some(state) if state.is_incompatible => {}
                Some(state) => {
                    state.note_collision(context);
                    let mut sum = state.sum.finish();
                    sum.compact();
                    row.set_histogram(step, Arc::new(sum));
                }
            }
        }
    }

    fn step_bytes(&self) -> u64 {
        16
    }
}
