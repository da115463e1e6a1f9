//! Counting, in each window, the pairs of neighbouring samples of which
//! something holds: `changes` and `resets`.

use std::sync::Arc;

use model::Histogram;

use crate::promql::ast::RangeMode;
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::{Window, Windows};

/// A sample.
#[derive(Clone, Copy)]
enum Sample<'a> {
    Float(f64),
    Histogram(&'a Arc<Histogram>),
}

/// Counts the pairs of floats of which `floats` holds, of histograms of which
/// `histograms` holds, and all pairs of one of each.
pub(super) fn count(
    windows: &Windows<'_>,
    row: &mut RowMut<'_>,
    floats: impl Fn(f64, f64) -> bool,
    histograms: impl Fn(&Histogram, &Histogram) -> bool,
) {
    let counts = |a: Sample<'_>, b: Sample<'_>| match (a, b) {
        (Sample::Float(a), Sample::Float(b)) => floats(a, b),
        (Sample::Histogram(a), Sample::Histogram(b)) => histograms(a, b),
        _ => true,
    };
    if windows.mode == RangeMode::Plain && !windows.has_histograms() {
        return count_floats(windows, row, floats);
    }
    for window in windows.iter() {
        let samples = samples(&window);
        let first = match windows.mode {
            RangeMode::Plain => 0,
            // The last sample at or before the start is where counting begins.
            _ => samples.partition_point(|(at, _)| *at <= window.start).saturating_sub(1),
        };
        let is_measured = samples.last().is_some_and(|(at, _)| *at > window.start);
        if is_measured {
            let pairs = samples[first..].windows(2).filter(|pair| counts(pair[0].1, pair[1].1));
            row.floats[window.step] = pairs.count() as f64;
        }
    }
}

/// Counts once from the start of the series; a window is then a difference.
fn count_floats(windows: &Windows<'_>, row: &mut RowMut<'_>, floats: impl Fn(f64, f64) -> bool) {
    let mut until = Vec::with_capacity(windows.values.len());
    let mut sum = 0u32;
    for at in 0..windows.values.len() {
        if at > 0 && floats(windows.values[at - 1], windows.values[at]) {
            sum += 1;
        }
        until.push(sum);
    }
    for (value, (first, behind)) in row.floats.iter_mut().zip(windows.bounds) {
        if first < behind {
            *value = f64::from(until[*behind as usize - 1] - until[*first as usize]);
        }
    }
}

/// All samples of a window by time.
fn samples<'a>(window: &Window<'a>) -> Vec<(i64, Sample<'a>)> {
    let floats = window.times.iter().zip(window.values);
    let histograms = window.histogram_times.iter().zip(window.histograms);
    let mut samples: Vec<(i64, Sample<'a>)> = floats
        .map(|(at, value)| (*at, Sample::Float(*value)))
        .chain(histograms.map(|(at, histogram)| (*at, Sample::Histogram(histogram))))
        .collect();
    samples.sort_by_key(|(at, _)| *at);
    samples
}
