//! `mad_over_time`: the median absolute deviation.

use super::QueryError;
use crate::promql::eval::aggregate::quantile;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "The median absolute deviation of the samples in the range.";

pub(super) fn mad_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let mut values = Vec::new();
    windows.each_of_floats(notes, row, |window| {
        values.clear();
        values.extend_from_slice(window.values);
        deviation(&mut values)
    });
    Ok(())
}

fn deviation(values: &mut [f64]) -> f64 {
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let median = quantile(0.5, values);
    values.iter_mut().for_each(|value| *value = (*value - median).abs());
    quantile(0.5, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_hardly_matter() {
        assert_eq!(deviation(&mut [1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 900.0]), 1.0);
        assert!(deviation(&mut [1.0, f64::NAN]).is_nan());
    }
}
