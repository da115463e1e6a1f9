//! `stddev_over_time` and `stdvar_over_time`: of a population, by Welford's
//! method with compensated sums.

use model::kahan::kahan_add;

use super::QueryError;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "The standard deviation of the samples in the range.";
pub(super) const STDVAR_DOC: &str = "The variance of the samples in the range.";

pub(super) fn stddev_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    windows.each_of_floats(notes, row, |window| variance(window.values).sqrt());
    Ok(())
}

pub(super) fn stdvar_over_time(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    windows.each_of_floats(notes, row, |window| variance(window.values));
    Ok(())
}

fn variance(values: &[f64]) -> f64 {
    let mut count = 0.0;
    let (mut mean, mut squares) = ((0.0, 0.0), (0.0, 0.0));
    for value in values {
        count += 1.0;
        let distance = value - (mean.0 + mean.1);
        mean = kahan_add(distance / count, mean.0, mean.1);
        squares = kahan_add(distance * (value - (mean.0 + mean.1)), squares.0, squares.1);
    }
    (squares.0 + squares.1) / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_population() {
        assert_eq!(variance(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]), 4.0);
        assert_eq!(variance(&[3.0]), 0.0);
        assert!(variance(&[1.0, f64::INFINITY]).is_nan());
    }
}
