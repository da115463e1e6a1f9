//! `min_over_time` and `max_over_time`, and when these samples were taken. A NaN
//! yields to every number.
//!
//! Windows overlap, so the candidates are kept in a queue: a sample that is
//! beaten by a newer one can never win again. Each sample enters and leaves it
//! once, however long the range is.

use std::collections::VecDeque;

use super::QueryError;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const MAX_DOC: &str = "The largest sample in the range.";
pub(super) const MIN_DOC: &str = "The smallest sample in the range.";
pub(super) const TS_OF_MAX_DOC: &str =
    "When the largest sample in the range was taken last, in seconds since 1970.";
pub(super) const TS_OF_MIN_DOC: &str =
    "When the smallest sample in the range was taken last, in seconds since 1970.";

pub(super) fn max_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    // Of equal samples the first counts: it tells 0 from -0.
    extremum(windows, notes, row, |old, new| old < new, |windows, at| windows.values[at]);
    Ok(())
}

pub(super) fn min_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    extremum(windows, notes, row, |old, new| old > new, |windows, at| windows.values[at]);
    Ok(())
}

pub(super) fn ts_of_max(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    extremum(windows, notes, row, |old, new| old <= new, secs);
    Ok(())
}

pub(super) fn ts_of_min(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    extremum(windows, notes, row, |old, new| old >= new, secs);
    Ok(())
}

fn secs(windows: &Windows<'_>, at: usize) -> f64 {
    windows.times[at] as f64 / 1000.0
}

/// Writes what `result` makes of the winning sample of each window.
fn extremum(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
    is_beaten: impl Fn(f64, f64) -> bool,
    result: impl Fn(&Windows<'_>, usize) -> f64,
) {
    let values = windows.values;
    let mut candidates: VecDeque<usize> = VecDeque::new();
    let mut seen = 0;
    for step in 0..windows.steps() {
        let (first, behind) = windows.bounds[step];
        let (first, behind) = (first as usize, behind as usize);
        if first == behind {
            continue;
        }
        for at in seen.max(first)..behind {
            if values[at].is_nan() {
                continue;
            }
            while candidates.back().is_some_and(|last| is_beaten(values[*last], values[at])) {
                candidates.pop_back();
            }
            candidates.push_back(at);
        }
        seen = behind;
        while candidates.front().is_some_and(|candidate| *candidate < first) {
            candidates.pop_front();
        }
        if !windows.at(step).histograms.is_empty() {
            notes.histogram_ignored_in_range(windows.metric(), windows.span);
        }
        // Only NaN: the last one, as if it had replaced the others one by one.
        let winner = candidates.front().copied().unwrap_or(behind - 1);
        row.floats[step] = result(windows, winner);
    }
}
