//! `count_over_time` and `present_over_time`.

use super::QueryError;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "The number of samples in the range.";
pub(super) const PRESENT_DOC: &str = "1 for each series with a sample in the range.";

pub(super) fn count_over_time(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    windows.each(row, |window| Some((window.values.len() + window.histograms.len()) as f64));
    Ok(())
}

pub(super) fn present_over_time(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    windows.each(row, |_| Some(1.0));
    Ok(())
}
