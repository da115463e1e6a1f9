//! `predict_linear_lower` and `predict_linear_upper`: between which values
//! `predict_linear`'s will be. Functions of Bellwether; Prometheus has none of the
//! kind.
//!
//! These are the bounds of the prediction interval of ordinary least squares: they
//! widen with the scatter of the samples, with how few there are, and with how far
//! ahead one looks. They take samples to be independent of each other, which
//! metrics seldom are, so they are a lower limit of the uncertainty.

use super::QueryError;
use super::student_t;
use crate::promql::eval::notes::Notes;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::{Window, Windows};

pub(super) const LOWER_DOC: &str = "The value that so many seconds from now a gauge will hardly be below if it goes on as in the \
     range: the lower bound of predict_linear at a confidence of 0.95, or of the third argument. \
     Needs three samples.";
pub(super) const UPPER_DOC: &str = "The value that so many seconds from now a gauge will hardly be above if it goes on as in the \
     range: the upper bound of predict_linear at a confidence of 0.95, or of the third argument. \
     Needs three samples.";

/// How sure one wants to be where nothing is said.
const CONFIDENCE: f64 = 0.95;
/// A line through two points has no scatter to learn from.
const SAMPLES_MIN: usize = 3;

pub(super) fn lower(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    each(windows, notes, row, |value, margin| value - margin)
}

pub(super) fn upper(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    each(windows, notes, row, |value, margin| value + margin)
}

fn each(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
    f: impl Fn(f64, f64) -> f64,
) -> Result<(), QueryError> {
    let Some((ahead, confidences)) = windows.args.split_first() else { return Ok(()) };
    for window in windows.iter().filter(|window| !window.values.is_empty()) {
        let confidence = confidences.first().map_or(CONFIDENCE, |values| values[window.step]);
        if !(confidence > 0.0 && confidence < 1.0) {
            return Err(QueryError::Execution(format!(
                "invalid confidence. Expected: 0 < confidence < 1, got: {confidence}"
            )));
        }
        if !window.histograms.is_empty() {
            notes.histogram_ignored_in_range(windows.metric(), windows.span);
        }
        if window.values.len() >= SAMPLES_MIN {
            let (value, margin) = predict(&window, ahead[window.step], confidence);
            row.floats[window.step] = f(value, margin);
        }
    }
    Ok(())
}

/// The value `ahead` seconds from now, and by how much it may be missed.
fn predict(window: &Window<'_>, ahead: f64, confidence: f64) -> (f64, f64) {
    interval(window.times, window.values, window.now, ahead, confidence)
}

fn interval(times: &[i64], values: &[f64], now: i64, ahead: f64, confidence: f64) -> (f64, f64) {
    let n = values.len() as f64;
    let at = |time: &i64| (time - now) as f64 / 1e3;
    let x_mean = times.iter().map(at).sum::<f64>() / n;
    let y_mean = values.iter().sum::<f64>() / n;
    let (mut xx, mut xy) = (0.0, 0.0);
    for (x, y) in times.iter().map(at).zip(values) {
        xx += (x - x_mean) * (x - x_mean);
        xy += (x - x_mean) * (y - y_mean);
    }
    let slope = xy / xx;
    let line = |x: f64| y_mean + slope * (x - x_mean);
    let scatter: f64 = times.iter().map(at).zip(values).map(|(x, y)| (y - line(x)).powi(2)).sum();
    let deviation = (scatter / (n - 2.0)).sqrt();
    let reach = (1.0 + 1.0 / n + (ahead - x_mean).powi(2) / xx).sqrt();
    let t = student_t::quantile(0.5 + confidence / 2.0, values.len() - 2);
    (line(ahead), t * deviation * reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_textbook() {
        // y = 2x + 1 with residuals ±1; n = 4, s² = 2.4, x̄ = 1.5, Sxx = 5, slope 2 - 0.4.
        let times = [0, 1000, 2000, 3000];
        let (value, margin) = interval(&times, &[2.0, 2.0, 6.0, 6.0], 0, 4.0, 0.95);
        assert!((value - 8.0).abs() < 1e-12, "{value}");
        // s² = 3.2/2, t(0.975, 2) = 4.302653, reach² = 1 + 1/4 + 2.5²/5.
        let expected = 4.302_652_73 * 1.6_f64.sqrt() * 2.5_f64.sqrt();
        assert!((margin - expected).abs() < 1e-6, "{margin} {expected}");
    }

    #[test]
    fn a_straight_line_is_certain() {
        let times = [0, 1000, 2000];
        let (value, margin) = interval(&times, &[1.0, 3.0, 5.0], 2000, 2.0, 0.95);
        assert_eq!((value, margin), (9.0, 0.0));
    }
}
