//! `min` and `max`. A NaN yields to every number; histograms do not count.

use super::super::table::{ABSENT, Row, RowMut, is_absent};
use super::{Accumulator, Context};

/// The smallest or largest values so far.
pub(super) struct Extremum {
    name: &'static str,
    replaces: fn(f64, f64) -> bool,
    steps: usize,
    values: Vec<f64>,
}

impl Extremum {
    pub(super) fn min() -> Self {
        Self { name: "min", replaces: |new, old| old > new, steps: 0, values: Vec::new() }
    }

    pub(super) fn max() -> Self {
        Self { name: "max", replaces: |new, old| old < new, steps: 0, values: Vec::new() }
    }
}

impl Accumulator for Extremum {
    fn grow(&mut self, groups: usize, steps: usize) {
        self.steps = steps;
        self.values.resize(groups * steps, ABSENT);
    }

    fn add(&mut self, group: usize, row: Row<'_>, context: &mut Context<'_>) {
        let values = &mut self.values[group * self.steps..(group + 1) * self.steps];
        for (value, new) in values.iter_mut().zip(row.floats) {
            // What is absent is a NaN too and so gives way.
            if !is_absent(*new) && (value.is_nan() || (self.replaces)(*new, *value)) {
                *value = *new;
            }
        }
        if row.histograms.iter().any(Option::is_some) {
            context.notes.histogram_ignored(self.name, context.span);
        }
    }

    fn finish(&mut self, group: usize, row: &mut RowMut<'_>, _: &mut Context<'_>) {
        let values = &self.values[group * self.steps..(group + 1) * self.steps];
        row.floats.copy_from_slice(values);
    }

    fn step_bytes(&self) -> u64 {
        8
    }
}
