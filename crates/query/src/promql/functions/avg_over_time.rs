//! `avg_over_time`: a compensated sum divided at the end, or an incremental mean
//! where the sum would overflow.

use std::sync::Arc;

use model::Histogram;
use model::histogram::{HistogramSum, IncompatibleSchemas};
use model::kahan::kahan_add;

use super::QueryError;
use super::window_sums::{self, Start};
use crate::promql::eval::notes::{HistogramOperation, Notes};
use crate::promql::eval::reset_hints::ResetHints;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "The average of all samples in the range.";

pub(super) fn avg_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    if !windows.has_histograms() {
        let finish = |sum, compensation, count| sum / count + compensation / count;
        window_sums::each(windows, row, Start::First, finish, mean);
        return Ok(());
    }
    for window in windows.iter() {
        if window.is_mixed() {
            notes.mixed_floats_histograms(windows.metric(), windows.span);
        } else if window.histograms.is_empty() {
            row.floats[window.step] = mean(window.values);
        } else {
            match mean_of_histograms(window.histograms, windows, notes) {
                Ok(mean) => row.set_histogram(window.step, Arc::new(mean)),
                Err(_) => notes.mixed_schemas(windows.metric(), windows.span),
            }
        }
    }
    Ok(())
}

fn mean(values: &[f64]) -> f64 {
    let (mut sum, mut compensation) = (values[0], 0.0);
    for (index, value) in values.iter().enumerate().skip(1) {
        let (new, new_compensation) = kahan_add(*value, sum, compensation);
        if new.is_infinite() {
            let before = index as f64;
            return incremental_mean(&values[index..], before, sum / before, compensation / before);
        }
        (sum, compensation) = (new, new_compensation);
    }
    let count = values.len() as f64;
    sum / count + compensation / count
}

/// Goes on from the mean of `count` values.
fn incremental_mean(values: &[f64], count: f64, mean: f64, compensation: f64) -> f64 {
    let (mut count, mut mean, mut compensation) = (count, mean, compensation);
    for value in values {
        count += 1.0;
        let share = (count - 1.0) / count;
        (mean, compensation) = kahan_add(value / count, share * mean, share * compensation);
    }
    mean + compensation
}

fn mean_of_histograms(
    histograms: &[Arc<Histogram>],
    windows: &Windows<'_>,
    notes: &mut Notes,
) -> Result<Histogram, IncompatibleSchemas> {
    let mut hints = ResetHints::default();
    hints.see(histograms[0].reset_hint);
    let mut sum = HistogramSum::new(histograms[0].as_ref().clone());
    let mut is_incremental = false;
    let mut count = 1.0;
    for histogram in &histograms[1..] {
        hints.see(histogram.reset_hint);
        count += 1.0;
        if !is_incremental {
            let before = sum.clone();
            let done = sum.add(histogram)?;
            if done.bounds_differed {
                notes.bounds_reconciled(HistogramOperation::Aggregation, windows.span);
            }
            if !sum.value().has_overflow() {
                continue;
            }
            is_incremental = true;
            sum = before;
            sum.divide(count - 1.0);
        }
        sum.scale((count - 1.0) / count);
        let mut part = histogram.as_ref().clone();
        part.divide(count);
        if sum.add(&part)?.bounds_differed {
            notes.bounds_reconciled(HistogramOperation::Aggregation, windows.span);
        }
    }
    if hints.collide() {
        notes.reset_collision(HistogramOperation::Aggregation, windows.span);
    }
    if !is_incremental {
        sum.divide(count);
    }
    Ok(sum.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means() {
        assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
        assert_eq!(mean(&[1e100, 3.0, -1e100]), 1.0);
        assert_eq!(mean(&[f64::MAX, f64::MAX]), f64::MAX);
        assert_eq!(mean(&[f64::INFINITY, 1.0]), f64::INFINITY);
        assert!(mean(&[f64::NAN, 1.0]).is_nan());
    }
}
