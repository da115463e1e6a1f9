//! `avg`: a compensated sum divided at the end, or an incremental mean where the
//! sum would overflow.

use std::collections::HashMap;
use std::sync::Arc;

use model::Histogram;
use model::kahan::kahan_add;

use super::super::table::{ABSENT, Row, RowMut, is_absent};
use super::sum::Histograms;
use super::{Accumulator, Context};

/// The sums and counts so far.
#[derive(Default)]
pub(super) struct Avg {
    steps: usize,
    sums: Vec<f64>,
    compensations: Vec<f64>,
    counts: Vec<f64>,
    /// The mean of those whose sum would overflow, by position in `sums`.
    means: HashMap<usize, f64>,
    histograms: HashMap<usize, HistogramMean>,
}

struct HistogramMean {
    state: Histograms,
    count: f64,
    is_incremental: bool,
}

impl Accumulator for Avg {
    fn grow(&mut self, groups: usize, steps: usize) {
        self.steps = steps;
        self.sums.resize(groups * steps, ABSENT);
        self.compensations.resize(groups * steps, 0.0);
        self.counts.resize(groups * steps, 0.0);
    }

    fn add(&mut self, group: usize, row: Row<'_>, context: &mut Context<'_>) {
        for (step, value) in row.floats.iter().enumerate() {
            if !is_absent(*value) {
                self.add_float(group * self.steps + step, *value);
            }
        }
        for (step, histogram) in row.histograms.iter().enumerate() {
            let Some(histogram) = histogram else { continue };
            match self.histograms.get_mut(&(group * self.steps + step)) {
                Some(mean) => mean.add(histogram, context),
                None => {
                    let state = Histograms::new(histogram);
                    let mean = HistogramMean { state, count: 1.0, is_incremental: false };
                    self.histograms.insert(group * self.steps + step, mean);
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
                None => {
                    let (count, compensation) = (self.counts[at], self.compensations[at]);
                    row.floats[step] = match self.means.get(&at) {
                        Some(mean) => mean + compensation,
                        None => sum / count + compensation / count,
                    };
                }
                Some(_) if !is_absent(sum) => {
                    context.notes.mixed_floats_histograms_in_aggregation(context.span);
                }
                Some(mean) if mean.state.is_incompatible => {}
                Some(mean) => {
                    mean.state.note_collision(context);
                    row.set_histogram(step, Arc::new(mean.finish()));
                }
            }
        }
    }

    fn step_bytes(&self) -> u64 {
        24
    }
}

impl Avg {
    fn add_float(&mut self, at: usize, value: f64) {
        self.counts[at] += 1.0;
        let count = self.counts[at];
        if is_absent(self.sums[at]) {
            self.sums[at] = value;
            return;
        }
        let is_incremental = !self.means.is_empty() && self.means.contains_key(&at);
        if !is_incremental {
            let (sum, compensation) = kahan_add(value, self.sums[at], self.compensations[at]);
            if !sum.is_infinite() {
                (self.sums[at], self.compensations[at]) = (sum, compensation);
                return;
            }
            self.means.insert(at, self.sums[at] / (count - 1.0));
            self.compensations[at] /= count - 1.0;
        }
        let share = (count - 1.0) / count;
        if let Some(mean) = self.means.get_mut(&at) {
            (*mean, self.compensations[at]) =
                kahan_add(value / count, share * *mean, share * self.compensations[at]);
        }
    }
}

impl HistogramMean {
    fn add(&mut self, histogram: &Histogram, context: &mut Context<'_>) {
        if self.state.is_incompatible {
            return;
        }
        self.count += 1.0;
        self.state.see(histogram);
        if !self.is_incremental {
            let before = self.state.sum.clone();
            self.state.add(histogram, context);
            if self.state.is_incompatible || !self.state.sum.value().has_overflow() {
                return;
            }
            self.is_incremental = true;
            self.state.sum = before;
            self.state.sum.divide(self.count - 1.0);
        }
        self.state.sum.scale((self.count - 1.0) / self.count);
        let mut part = histogram.clone();
        part.divide(self.count);
        self.state.add(&part, context);
    }

    fn finish(mut self) -> Histogram {
        if !self.is_incremental {
            self.state.sum.divide(self.count);
        }
        let mut mean = self.state.sum.finish();
        mean.compact();
        mean
    }
}
