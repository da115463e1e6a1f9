//! `deriv` and `predict_linear`: the line that fits the samples best.

use model::kahan::kahan_add;

use super::QueryError;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::{Window, Windows};

pub(super) const DOC: &str =
    "The slope a second of the line that fits the samples in the range best.";
pub(super) const PREDICT_DOC: &str =
    "The value that so many seconds from now a gauge will have if it goes on as in the range.";

pub(super) fn deriv(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    // Seconds are counted from the first sample, to keep the numbers small.
    each_with_two(windows, notes, row, |window| {
        regression(window.times, window.values, window.times[0]).0
    });
    Ok(())
}

pub(super) fn predict_linear(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let Some(ahead) = windows.args.first() else { return Ok(()) };
    each_with_two(windows, notes, row, |window| {
        let (slope, intercept) = regression(window.times, window.values, window.now);
        slope * ahead[window.step] + intercept
    });
    Ok(())
}

fn each_with_two(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
    f: impl Fn(&Window<'_>) -> f64,
) {
    for window in windows.iter().filter(|window| !window.values.is_empty()) {
        if !window.histograms.is_empty() {
            notes.histogram_ignored_in_range(windows.metric(), windows.span);
        }
        if window.values.len() >= 2 {
            row.floats[window.step] = f(&window);
        }
    }
}

/// Slope a second, and value at `origin`, of the least-squares line.
fn regression(times: &[i64], values: &[f64], origin: i64) -> (f64, f64) {
    let first = values[0];
    if values.iter().all(|value| *value == first) {
        return if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) };
    }
    let (mut x_sum, mut y_sum, mut xy_sum, mut xx_sum) =
        ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0));
    for (time, y) in times.iter().zip(values) {
        let x = (time - origin) as f64 / 1e3;
        x_sum = kahan_add(x, x_sum.0, x_sum.1);
        y_sum = kahan_add(*y, y_sum.0, y_sum.1);
        xy_sum = kahan_add(x * y, xy_sum.0, xy_sum.1);
        xx_sum = kahan_add(x * x, xx_sum.0, xx_sum.1);
    }
    let n = values.len() as f64;
    let [x, y, xy, xx] = [x_sum, y_sum, xy_sum, xx_sum].map(|(sum, rest)| sum + rest);
    let covariance = xy - x * y / n;
    let variance = xx - x * x / n;
    let slope = covariance / variance;
    (slope, y / n - slope * x / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found() {
        let times = [0, 1000, 2000, 3000];
        assert_eq!(regression(&times, &[1.0, 3.0, 5.0, 7.0], 3000), (2.0, 7.0));
        assert_eq!(regression(&times, &[4.0; 4], 0), (0.0, 4.0));
        assert!(regression(&times, &[f64::INFINITY; 4], 0).0.is_nan());
    }
}
