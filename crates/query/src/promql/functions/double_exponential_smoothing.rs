//! `double_exponential_smoothing` (Holt's linear method).

use super::QueryError;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

pub(super) const DOC: &str = "A smoothed value of a gauge. The lower the first factor, the more old samples matter; the \
     higher the second one, the more the trend does.";

pub(super) fn double_exponential_smoothing(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let [smoothing, trend] = windows.args else { return Ok(()) };
    for window in windows.iter() {
        let factors = (smoothing[window.step], trend[window.step]);
        check("smoothing", "sf", factors.0)?;
        check("trend", "tf", factors.1)?;
        if !window.histograms.is_empty() && !window.values.is_empty() {
            notes.histogram_ignored_in_range(windows.metric(), windows.span);
        }
        if window.values.len() >= 2 {
            row.floats[window.step] = smooth(window.values, factors);
        }
    }
    Ok(())
}

fn check(name: &str, short: &str, factor: f64) -> Result<(), QueryError> {
    if factor > 0.0 && factor < 1.0 || factor.is_nan() {
        return Ok(());
    }
    Err(QueryError::Execution(format!(
        "invalid {name} factor. Expected: 0 < {short} < 1, got: {factor:.6}"
    )))
}

fn smooth(values: &[f64], (smoothing, trend_factor): (f64, f64)) -> f64 {
    let mut before = 0.0;
    let mut level = values[0];
    let mut trend = values[1] - values[0];
    for (index, value) in values.iter().enumerate().skip(1) {
        if index > 1 {
            trend = trend_factor * (level - before) + (1.0 - trend_factor) * trend;
        }
        let next = smoothing * value + (1.0 - smoothing) * (level + trend);
        (before, level) = (level, next);
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_followed() {
        assert_eq!(smooth(&[1.0, 2.0, 3.0, 4.0], (0.5, 0.5)), 4.0);
        assert!(check("smoothing", "sf", 1.0).is_err());
    }
}
