//! `sum_over_time`: compensated, for floats and histograms.

use std::sync::Arc;

use model::Histogram;
use model::histogram::HistogramSum;
use model::kahan::kahan_add;

use super::QueryError;
use super::window_sums::{self, Start};
use crate::promql::eval::notes::{HistogramOperation, Notes};
use crate::promql::eval::reset_hints::ResetHints;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "The sum of all samples in the range.";

pub(super) fn sum_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    if !windows.has_histograms() {
        let finish = |sum, compensation, _| sum + compensation;
        window_sums::each(windows, row, Start::Zero, finish, sum);
        return Ok(());
    }
    for window in windows.iter() {
        if window.is_mixed() {
            notes.mixed_floats_histograms(windows.metric(), windows.span);
        } else if window.histograms.is_empty() {
            row.floats[window.step] = sum(window.values);
        } else if let Some(sum) = sum_histograms(window.histograms, windows, notes) {
            row.set_histogram(window.step, Arc::new(sum));
        }
    }
    Ok(())
}

fn sum(values: &[f64]) -> f64 {
    let add = |(sum, compensation), value: &f64| kahan_add(*value, sum, compensation);
    let (sum, compensation) = values.iter().fold((0.0, 0.0), add);
    if sum.is_infinite() { sum } else { sum + compensation }
}

fn sum_histograms(
    histograms: &[Arc<Histogram>],
    windows: &Windows<'_>,
    notes: &mut Notes,
) -> Option<Histogram> {
    let (first, rest) = histograms.split_first()?;
    let mut hints = ResetHints::default();
    hints.see(first.reset_hint);
    let mut sum = HistogramSum::new(first.as_ref().clone());
    for histogram in rest {
        hints.see(histogram.reset_hint);
        match sum.add(histogram) {
            Ok(done) if done.bounds_differed => {
                notes.bounds_reconciled(HistogramOperation::Aggregation, windows.span);
            }
            Ok(_) => {}
            Err(_) => {
                notes.mixed_schemas(windows.metric(), windows.span);
                return None;
            }
        }
    }
    if hints.collide() {
        notes.reset_collision(HistogramOperation::Aggregation, windows.span);
    }
    Some(sum.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_samples_count_beside_large_ones() {
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
    }
}
