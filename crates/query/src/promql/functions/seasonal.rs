//! `seasonal_baseline_over_time` and `seasonal_deviation_over_time`: what is usual
//! at this time of the day or week, and by how much it varies. Functions of
//! Bellwether; Prometheus has none of the kind.
//!
//! Of a range only the samples count that lie about whole periods before its end:
//! for a period of a week, at this time of the week in each of the weeks before.
//! They are found by bisection, so a range of months costs little.

use super::QueryError;
use super::robust::Robust;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::{Window, Windows};

pub(super) const BASELINE_DOC: &str = "What is usual at this time of a period, such as 1d or 1w: the median of the samples in the \
     range that lie whole periods before its end, give or take half a width (a 24th of the period \
     where none is given).";
pub(super) const DEVIATION_DOC: &str = "By how much a series varies at this time of a period: the robust standard deviation of the \
     samples that seasonal_baseline_over_time takes the median of.";

/// The width where none is given, as a part of the period.
const WIDTH: f64 = 1.0 / 24.0;

pub(super) fn baseline(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    each(windows, notes, row, |robust| robust.median)
}

pub(super) fn deviation(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    each(windows, notes, row, |robust| robust.deviation)
}

fn each(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
    f: impl Fn(Robust) -> f64,
) -> Result<(), QueryError> {
    let Some((periods, widths)) = windows.args.split_first() else { return Ok(()) };
    let mut values = Vec::new();
    for window in windows.iter().filter(|window| !window.values.is_empty()) {
        let period = periods[window.step];
        let width = widths.first().map_or(period * WIDTH, |widths| widths[window.step]);
        let (period_ms, half_ms) = check(period, width)?;
        if !window.histograms.is_empty() {
            notes.histogram_ignored_in_range(windows.metric(), windows.span);
        }
        same_time(&window, period_ms, half_ms, &mut values);
        if !values.is_empty() {
            row.floats[window.step] = f(Robust::of(&mut values));
        }
    }
    Ok(())
}

/// Period and half of the width in milliseconds.
fn check(period: f64, width: f64) -> Result<(i64, i64), QueryError> {
    if !(period >= 0.001 && period.is_finite()) {
        let message = format!("invalid period. Expected seconds more than 0, got: {period}");
        return Err(QueryError::Execution(message));
    }
    if !(width >= 0.0 && width <= period) {
        let message =
            format!("invalid width. Expected seconds between 0 and the period, got: {width}");
        return Err(QueryError::Execution(message));
    }
    Ok(((period * 1e3) as i64, (width * 500.0) as i64))
}

/// The values about one, two and so on periods before the end of the range.
fn same_time(window: &Window<'_>, period_ms: i64, half_ms: i64, into: &mut Vec<f64>) {
    into.clear();
    let mut around = window.end.saturating_sub(period_ms);
    let mut times = window.times;
    while around.saturating_add(half_ms) > window.start && !times.is_empty() {
        let first = times.partition_point(|time| *time < around.saturating_sub(half_ms));
        let behind = times.partition_point(|time| *time <= around.saturating_add(half_ms));
        into.extend_from_slice(&window.values[first..behind]);
        // A width as long as the period must not take a sample twice.
        times = &times[..first];
        around = around.saturating_sub(period_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(check(86_400.0, 3600.0).unwrap(), (86_400_000, 1_800_000));
        for (period, width) in [
            (0.0, 0.0),
            (-1.0, 0.0),
            (f64::NAN, 0.0),
            (f64::INFINITY, 0.0),
            (60.0, -1.0),
            (60.0, 61.0),
            (60.0, f64::NAN),
        ] {
            assert!(check(period, width).is_err(), "{period} {width}");
        }
    }
}
