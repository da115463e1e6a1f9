//! `changes`: how often a value changed.

use model::Histogram;

use super::{QueryError, transitions};
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "How often the value changed within the range.";

pub(super) fn changes(
    windows: &Windows<'_>,
    _: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let differ = |a: &Histogram, b: &Histogram| !a.same_data(b);
    transitions::count(windows, row, |a, b| a != b && !(a.is_nan() && b.is_nan()), differ);
    Ok(())
}
