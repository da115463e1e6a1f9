//! `stddev` and `stdvar`, of a population, by Welford's method; histograms do
//! not count.

use super::super::table::{Row, RowMut, is_absent};
use super::{Accumulator, Context};

/// The moments so far.
pub(super) struct Variance {
    name: &'static str,
    is_root: bool,
    steps: usize,
    moments: Vec<Moments>,
}

#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl Variance {
    pub(super) fn stddev() -> Self {
        Self { name: "stddev", is_root: true, steps: 0, moments: Vec::new() }
    }

    pub(super) fn stdvar() -> Self {
        Self { name: "stdvar", is_root: false, steps: 0, moments: Vec::new() }
    }
}

impl Accumulator for Variance {
    fn grow(&mut self, groups: usize, steps: usize) {
        self.steps = steps;
        self.moments.resize(groups * steps, Moments::default());
    }

    fn add(&mut self, group: usize, row: Row<'_>, context: &mut Context<'_>) {
        let moments = &mut self.moments[group * self.steps..(group + 1) * self.steps];
        for (moments, value) in moments.iter_mut().zip(row.floats) {
            if !is_absent(*value) {
                moments.add(*value);
            }
        }
        if row.histograms.iter().any(Option::is_some) {
            context.notes.histogram_ignored(self.name, context.span);
        }
    }

    fn finish(&mut self, group: usize, row: &mut RowMut<'_>, _: &mut Context<'_>) {
        let moments = &self.moments[group * self.steps..(group + 1) * self.steps];
        for (out, moments) in row.floats.iter_mut().zip(moments) {
            if moments.count > 0.0 {
                let variance = moments.squares / moments.count;
                *out = if self.is_root { variance.sqrt() } else { variance };
            }
        }
    }

    fn step_bytes(&self) -> u64 {
        size_of::<Moments>() as u64
    }
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        if self.count == 1.0 {
            self.mean = value;
            self.squares = if value.is_finite() { 0.0 } else { f64::NAN };
            return;
        }
        let distance = value - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (value - self.mean);
    }
}
