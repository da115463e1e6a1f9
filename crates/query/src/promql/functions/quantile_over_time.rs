//! `quantile_over_time`.

use super::QueryError;
use crate::promql::eval::aggregate::quantile;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "The quantile, 0 to 1, of the samples in the range.";

pub(super) fn quantile_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let Some(quantiles) = windows.args.first() else { return Ok(()) };
    let mut values = Vec::new();
    for window in windows.iter().filter(|window| !window.values.is_empty()) {
        let q = quantiles[window.step];
        if !(0.0..=1.0).contains(&q) {
            notes.invalid_quantile(q, windows.span);
        }
        if !window.histograms.is_empty() {
            notes.histogram_ignored_in_range(windows.metric(), windows.span);
        }
        values.clear();
        values.extend_from_slice(window.values);
        row.floats[window.step] = quantile(q, &mut values);
    }
    Ok(())
}
