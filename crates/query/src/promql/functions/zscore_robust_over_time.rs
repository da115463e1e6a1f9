//! `zscore_robust_over_time`: how unusual the newest sample is. A function of
//! Bellwether; Prometheus has none of the kind.

use super::QueryError;
use super::robust::Robust;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "How many robust standard deviations the newest sample is above (or, negative, below) the \
     median of the samples in the range; beyond 3.5 is unusual. Needs three samples.";

/// Fewer samples say nothing of what is usual.
const SAMPLES_MIN: usize = 3;

pub(super) fn zscore_robust_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let mut values = Vec::new();
    for window in windows.iter().filter(|window| !window.values.is_empty()) {
        if !window.histograms.is_empty() {
            notes.histogram_ignored_in_range(windows.metric(), windows.span);
        }
        if window.values.len() < SAMPLES_MIN {
            continue;
        }
        values.clear();
        values.extend_from_slice(window.values);
        let newest = window.values[window.values.len() - 1];
        row.floats[window.step] = Robust::of(&mut values).zscore(newest);
    }
    Ok(())
}
