//! `count` and `group`.

use super::super::table::{Row, RowMut};
use super::{Accumulator, Context};

/// The number of samples so far.
#[derive(Default)]
pub(super) struct Count {
    steps: usize,
    counts: Vec<f64>,
}

/// Whether there was any sample.
#[derive(Default)]
pub(super) struct Group(Count);

impl Accumulator for Count {
    fn grow(&mut self, groups: usize, steps: usize) {
        self.steps = steps;
        self.counts.resize(groups * steps, 0.0);
    }

    fn add(&mut self, group: usize, row: Row<'_>, _: &mut Context<'_>) {
        let counts = &mut self.counts[group * self.steps..(group + 1) * self.steps];
        for (step, count) in counts.iter_mut().enumerate() {
            *count += f64::from(u8::from(row.is_present(step)));
        }
    }

    fn finish(&mut self, group: usize, row: &mut RowMut<'_>, _: &mut Context<'_>) {
        let counts = &self.counts[group * self.steps..(group + 1) * self.steps];
        for (out, count) in row.floats.iter_mut().zip(counts).filter(|(_, count)| **count > 0.0) {
            *out = *count;
        }
    }

    fn step_bytes(&self) -> u64 {
        8
    }
}

impl Accumulator for Group {
    fn grow(&mut self, groups: usize, steps: usize) {
        self.0.grow(groups, steps);
    }

    fn add(&mut self, group: usize, row: Row<'_>, context: &mut Context<'_>) {
        self.0.add(group, row, context);
    }

    fn finish(&mut self, group: usize, row: &mut RowMut<'_>, context: &mut Context<'_>) {
        self.0.finish(group, row, context);
        for value in row.floats.iter_mut().filter(|value| **value > 0.0) {
            *value = 1.0;
        }
    }

    fn step_bytes(&self) -> u64 {
        self.0.step_bytes()
    }
}
