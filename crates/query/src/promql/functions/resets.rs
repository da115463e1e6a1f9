//! `resets`: how often a counter was reset.

use model::Histogram;

use super::{QueryError, transitions};
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "How often a counter was reset within the range.";

pub(super) fn resets(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let is_reset = |before: &Histogram, now: &Histogram| now.detect_reset(before);
    transitions::count(windows, row, |before, now| now < before, is_reset);
    Ok(())
}
