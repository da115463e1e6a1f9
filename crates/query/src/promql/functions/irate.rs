//! `irate` and `idelta`: the change between the last two samples of a range.

use std::sync::Arc;

use model::Histogram;
use model::histogram::ResetHint;

use super::QueryError;
use crate::promql::eval::SampleValue::{self, Float, Histogram as Native};
use crate::promql::eval::notes::{HistogramOperation, Notes};
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::{Window, Windows};

pub(super) const DOC: &str =
    "The increase of a counter a second between the last two samples in the range.";
pub(super) const IDELTA_DOC: &str =
    "The difference of a gauge between the last two samples in the range.";

pub(super) fn irate(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    evaluate(windows, true, notes, row);
    Ok(())
}

pub(super) fn idelta(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    evaluate(windows, false, notes, row);
    Ok(())
}

fn evaluate(windows: &Windows<'_>, is_rate: bool, notes: &mut Notes, row: &mut RowMut<'_>) {
    for window in windows.iter() {
        let Some([before, last]) = last_two(&window) else { continue };
        let secs = (last.0 - before.0) as f64 / 1000.0;
        if secs == 0.0 {
            continue;
        }
        match (&before.1, &last.1) {
            (Float(before), Float(last)) => {
                let is_reset = is_rate && last < before;
                let change = if is_reset { *last } else { last - before };
                row.floats[window.step] = if is_rate { change / secs } else { change };
            }
            (Native(before), Native(last)) => {
                let change = of_histograms(windows, before, last, is_rate, notes);
                let Some(mut change) = change else { continue };
                if is_rate {
                    change.divide(secs);
                }
                row.set_histogram(window.step, Arc::new(change));
            }
            _ => notes.mixed_floats_histograms(windows.metric(), windows.span),
        }
    }
}

/// The last two samples, of whichever kind.
fn last_two(window: &Window<'_>) -> Option<[(i64, SampleValue); 2]> {
    if window.histograms.is_empty() {
        let [.., a, b] = window.values else { return None };
        let [.., at_a, at_b] = window.times else { return None };
        return Some([(*at_a, Float(*a)), (*at_b, Float(*b))]);
    }
    let floats = window.times.iter().zip(window.values).rev().take(2);
    let histograms = window.histogram_times.iter().zip(window.histograms).rev().take(2);
    let mut latest: Vec<(i64, SampleValue)> = floats
        .map(|(at, value)| (*at, Float(*value)))
        .chain(histograms.map(|(at, histogram)| (*at, Native(histogram.clone()))))
        .collect();
    latest.sort_by_key(|(at, _)| *at);
    let last = latest.pop()?;
    Some([latest.pop()?, last])
}

fn of_histograms(
    windows: &Windows<'_>,
    before: &Histogram,
    last: &Histogram,
    is_rate: bool,
    notes: &mut Notes,
) -> Option<Histogram> {
    let (metric, span) = (windows.metric(), windows.span);
    let is_gauge = |histogram: &Histogram| histogram.reset_hint == ResetHint::Gauge;
    if is_rate && (is_gauge(before) || is_gauge(last)) {
        notes.histogram_not_counter(metric, span);
    }
    let are_gauges = is_gauge(before) && is_gauge(last);
    if !is_rate && !are_gauges {
        notes.histogram_not_gauge(metric, span);
    }
    let mut change = last.clone();
    if !is_rate || !last.detect_reset(before) {
        let Ok(done) = change.sub(before) else {
            notes.mixed_schemas(metric, span);
            return None;
        };
        if done.bounds_differed {
            notes.bounds_reconciled(HistogramOperation::Subtraction, span);
        }
    }
    change.reset_hint = ResetHint::Gauge;
    change.compact();
    Some(change)
}
