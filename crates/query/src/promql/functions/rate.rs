//! `rate`, `increase` and `delta`: the change over a range, extrapolated to its
//! borders.
//!
//! Samples hardly ever lie exactly at the borders. Where the first or last one
//! lies near its border (within 1.1 times the samples' average distance), the
//! series is taken to go on as it did up to the border, otherwise half of a
//! distance further. A counter is not extrapolated to below zero. These are
//! Prometheus' rules (`promql/functions.go`).

use std::sync::Arc;

use model::Histogram;
use model::histogram::ResetHint;

use super::{QueryError, extended_rate};
use crate::promql::ast::RangeMode;
use crate::promql::eval::notes::{HistogramOperation, Notes};
use crate::promql::eval::table::{RowMut, is_absent};
use crate::promql::eval::window::{Window, Windows};

pub(super) const DOC: &str =
    "The average increase of a counter a second over the range; resets are made up for.";
pub(super) const INCREASE_DOC: &str =
    "The increase of a counter over the range; resets are made up for.";
pub(super) const DELTA_DOC: &str =
    "The difference between the last and the first value of a gauge in the range.";

/// Name endings of counters.
const COUNTER_SUFFIXES: [&str; 4] = ["_total", "_sum", "_count", "_bucket"];

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// Whether values only rise, but for resets.
    pub(super) is_counter: bool,
    /// Whether the result counts by second.
    pub(super) is_rate: bool,
}

pub(super) fn rate(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    evaluate(windows, Kind { is_counter: true, is_rate: true }, notes, row);
    Ok(())
}

pub(super) fn increase(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    evaluate(windows, Kind { is_counter: true, is_rate: false }, notes, row);
    Ok(())
}

pub(super) fn delta(
    windows: &Windows<'_>,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    evaluate(windows, Kind { is_counter: false, is_rate: false }, notes, row);
    Ok(())
}

fn evaluate(windows: &Windows<'_>, kind: Kind, notes: &mut Notes, row: &mut RowMut<'_>) {
    if windows.mode != RangeMode::Plain {
        extended_rate::evaluate(windows, kind, notes, row);
    } else {
        if windows.has_histograms() {
            of_mixed(windows, kind, notes, row);
        } else {
            of_floats(windows, kind, row);
        }
    }
    if kind.is_counter {
        note_name(windows, notes, row);
    }
}

/// A metric that is not named like a counter may be none.
fn note_name(windows: &Windows<'_>, notes: &mut Notes, row: &RowMut<'_>) {
    let metric = windows.metric();
    let is_named_so = COUNTER_SUFFIXES.iter().any(|suffix| metric.ends_with(suffix));
    if !metric.is_empty() && !is_named_so && row.floats.iter().any(|value| !is_absent(*value)) {
        notes.possible_non_counter(metric, windows.span);
    }
}

fn of_floats(windows: &Windows<'_>, kind: Kind, row: &mut RowMut<'_>) {
    let (times, values) = (windows.times, windows.values);
    // Resets are rare: with their positions at hand, most windows take no loop at all.
    let resets: Vec<usize> = if kind.is_counter {
        (1..values.len()).filter(|at| values[*at] < values[at - 1]).collect()
    } else {
        Vec::new()
    };
    let mut next_reset = 0;
    for step in 0..windows.steps() {
        let (first, behind) = windows.bounds[step];
        let (first, behind) = (first as usize, behind as usize);
        if behind - first < 2 {
            continue;
        }
        let last = behind - 1;
        while resets.get(next_reset).is_some_and(|reset| *reset <= first) {
            next_reset += 1;
        }
        let within = resets[next_reset..].iter().take_while(|reset| **reset <= last);
        let change =
            within.fold(values[last] - values[first], |change, reset| change + values[reset - 1]);
        let factor = Extrapolation {
            range: windows.range_at(step),
            samples: (times[first], times[last]),
            count: behind - first,
            first: values[first],
            change,
        }
        .factor(kind.is_counter);
        row.floats[step] = change * by_second(windows, kind, factor);
    }
}

fn by_second(windows: &Windows<'_>, kind: Kind, factor: f64) -> f64 {
    if kind.is_rate { factor / windows.range_secs() } else { factor }
}

fn of_mixed(windows: &Windows<'_>, kind: Kind, notes: &mut Notes, row: &mut RowMut<'_>) {
    for window in windows.iter() {
        if window.is_mixed() {
            notes.mixed_floats_histograms(windows.metric(), windows.span);
            continue;
        }
        if window.histograms.is_empty() {
            if let Some(value) = of_float_window(windows, &window, kind) {
                row.floats[window.step] = value;
            }
            continue;
        }
        let count = window.histograms.len();
        if count < 2 {
            continue;
        }
        let Some(mut change) = change_of_histograms(windows, &window, kind, notes) else {
            continue;
        };
        let factor = Extrapolation {
            range: (window.start, window.end),
            samples: (window.histogram_times[0], window.histogram_times[count - 1]),
            count,
            first: window.histograms[0].count,
            change: change.count,
        }
        .factor(kind.is_counter);
        change.scale(by_second(windows, kind, factor));
        row.set_histogram(window.step, Arc::new(change));
    }
}

fn of_float_window(windows: &Windows<'_>, window: &Window<'_>, kind: Kind) -> Option<f64> {
    let values = window.values;
    let last = values.len().checked_sub(1).filter(|last| *last > 0)?;
    let mut change = values[last] - values[0];
    if kind.is_counter {
        let pairs = values.windows(2).filter(|pair| pair[1] < pair[0]);
        change = pairs.fold(change, |change, pair| change + pair[0]);
    }
    let factor = Extrapolation {
        range: (window.start, window.end),
        samples: (window.times[0], window.times[last]),
        count: values.len(),
        first: values[0],
        change,
    }
    .factor(kind.is_counter);
    Some(change * by_second(windows, kind, factor))
}

/// The samples of a window, and the range that they are extrapolated to.
struct Extrapolation {
    /// Start and end of the range, in milliseconds.
    range: (i64, i64),
    /// The times of the first and the last sample, in milliseconds.
    samples: (i64, i64),
    /// The number of samples, at least two.
    count: usize,
    /// The value, or count, of the first sample.
    first: f64,
    /// How much it changed.
    change: f64,
}

impl Extrapolation {
    /// By what the change is to be multiplied.
    fn factor(&self, is_counter: bool) -> f64 {
        let secs = |from: i64, to: i64| (to - from) as f64 / 1000.0;
        let mut to_start = secs(self.range.0, self.samples.0);
        let mut to_end = secs(self.samples.1, self.range.1);
        let sampled = secs(self.samples.0, self.samples.1);
        let average = sampled / (self.count - 1) as f64;
        let threshold = average * 1.1;
        if to_start >= threshold {
            to_start = average / 2.0;
        }
        if is_counter && self.change > 0.0 && self.first >= 0.0 {
            // As long ago the counter would have stood at zero.
            to_start = to_start.min(sampled * (self.first / self.change));
        }
        if to_end >= threshold {
            to_end = average / 2.0;
        }
        if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled }
    }
}

/// The last histogram less the first one, with what was lost at resets.
fn change_of_histograms(
    windows: &Windows<'_>,
    window: &Window<'_>,
    kind: Kind,
    notes: &mut Notes,
) -> Option<Histogram> {
    let (metric, span) = (windows.metric(), windows.span);
    let histograms = window.histograms;
    let (first, second) = (&histograms[0], &histograms[1]);
    let last = &histograms[histograms.len() - 1];
    let is_gauge = |histogram: &Histogram| histogram.reset_hint == ResetHint::Gauge;
    if kind.is_counter && histograms.iter().any(|histogram| is_gauge(histogram)) {
        notes.histogram_not_counter(metric, span);
    }
    // After a reset at once, nothing of the first sample matters, not even its layout.
    let is_reset_at_once = kind.is_counter && second.detect_reset(first);
    let mut start = if is_reset_at_once {
        let custom_bounds = second.custom_bounds.clone();
        Arc::new(Histogram { custom_bounds, ..Histogram::new(second.schema) })
    } else {
        Arc::clone(first)
    };
    let relevant = if kind.is_counter { &histograms[1..] } else { std::slice::from_ref(last) };
    let is_custom = start.uses_custom_buckets();
    if relevant.iter().any(|histogram| histogram.uses_custom_buckets() != is_custom) {
        notes.mixed_schemas(metric, span);
        return None;
    }
    let schema = relevant.iter().map(|h| h.schema).fold(start.schema, i8::min);
    let mut change = last.as_ref().clone();
    change.reduce_resolution(schema);
    match change.sub(&start) {
        Ok(done) if done.bounds_differed => {
            notes.bounds_reconciled(HistogramOperation::Subtraction, span);
        }
        Ok(_) => {}
        Err(_) => {
            notes.mixed_schemas(metric, span);
            return None;
        }
    }
    if kind.is_counter {
        for histogram in &histograms[1..] {
            if histogram.detect_reset(&start) {
                match change.add(&start) {
                    Ok(done) if done.bounds_differed => {
                        notes.bounds_reconciled(HistogramOperation::Addition, span);
                    }
                    Ok(_) => {}
                    Err(_) => {
                        notes.mixed_schemas(metric, span);
                        return None;
                    }
                }
            }
            start = Arc::clone(histogram);
        }
    } else if !is_gauge(first) || !is_gauge(last) {
        notes.histogram_not_gauge(metric, span);
    }
    change.reset_hint = ResetHint::Gauge;
    change.compact();
    Some(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(range: (i64, i64), samples: (i64, i64), count: usize, first: f64) -> f64 {
        Extrapolation { range, samples, count, first, change: 10.0 }.factor(true)
    }

    #[test]
    fn near_samples_reach_the_border() {
        assert_eq!(factor((0, 50_000), (5_000, 45_000), 5, 1e9), 50.0 / 40.0);
    }

    #[test]
    fn far_ones_go_half_of_a_distance_on() {
        assert_eq!(factor((0, 100_000), (50_000, 90_000), 5, 1e9), (40.0 + 5.0 + 10.0) / 40.0);
    }

    #[test]
    fn a_counter_does_not_start_below_zero() {
        assert_eq!(factor((0, 50_000), (5_000, 45_000), 5, 0.5), (40.0 + 2.0 + 5.0) / 40.0);
        assert_eq!(factor((0, 50_000), (5_000, 45_000), 5, 0.0), 45.0 / 40.0);
    }
}
