//! `rate`, `increase` and `delta` of `anchored` and `smoothed` ranges: with
//! values at the very borders nothing needs to be extrapolated.

use std::sync::Arc;

use model::Histogram;
use model::histogram::ResetHint;

use super::rate::Kind;
use crate::promql::ast::RangeMode;
use crate::promql::eval::notes::{HistogramOperation, Notes};
use crate::promql::eval::smooth::{border_values, interpolate_histograms, outer_samples};
use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::{Window, Windows};

pub(super) fn evaluate(windows: &Windows<'_>, kind: Kind, notes: &mut Notes, row: &mut RowMut<'_>) {
    for window in windows.iter() {
        if window.is_mixed() {
            notes.mixed_floats_histograms(windows.metric(), windows.span);
        } else if window.histograms.is_empty() {
            if let Some(change) = of_floats(windows, &window, kind) {
                let is_rate = kind.is_rate;
                row.floats[window.step] =
                    if is_rate { change / windows.range_secs() } else { change };
            }
        } else if let Some(mut change) = of_histograms(windows, &window, kind, notes) {
            if kind.is_rate {
                change.divide(windows.range_secs());
            }
            change.reset_hint = ResetHint::Gauge;
            change.compact();
            row.set_histogram(window.step, Arc::new(change));
        }
    }
}

fn of_floats(windows: &Windows<'_>, window: &Window<'_>, kind: Kind) -> Option<f64> {
    let (times, values) = (window.times, window.values);
    let range = (window.start, window.end);
    let smoothed = windows.mode == RangeMode::Smoothed;
    let (first, last) = outer_samples(times, range.0, range.1, smoothed)?;
    if smoothed && times[first] > range.1 {
        return None;
    }
    let (left, right) =
        border_values(times, values, (first, last), range, smoothed, kind.is_counter);
    let mut change = right - left;
    if kind.is_counter {
        let from = first + usize::from(times[first] <= range.0);
        let to = last + usize::from(times[last] < range.1);
        let inner = values.get(from..to).unwrap_or(&[]);
        let mut lost = 0.0;
        let mut before = left;
        for value in inner.iter().chain([&right]) {
            if *value < before {
                lost += before;
            }
            before = *value;
        }
        change += lost;
    }
    Some(change)
}

fn of_histograms(
    windows: &Windows<'_>,
    window: &Window<'_>,
    kind: Kind,
    notes: &mut Notes,
) -> Option<Histogram> {
    let (metric, span) = (windows.metric(), windows.span);
    let (times, histograms) = (window.histogram_times, window.histograms);
    let (start, end) = (window.start, window.end);
    let smoothed = windows.mode == RangeMode::Smoothed;
    let (first, last) = outer_samples(times, start, end, smoothed)?;
    if smoothed && times[first] > end {
        return None;
    }
    let is_custom = histograms[first].uses_custom_buckets();
    let relevant = &histograms[first..=last];
    if relevant.iter().any(|histogram| histogram.uses_custom_buckets() != is_custom) {
        notes.mixed_schemas(metric, span);
        return None;
    }
    let is_gauge = |histogram: &Histogram| histogram.reset_hint == ResetHint::Gauge;
    if kind.is_counter && relevant.iter().any(|histogram| is_gauge(histogram)) {
        notes.histogram_not_counter(metric, span);
    }
    let between = |before: usize, at: i64, notes: &mut Notes| {
        let sample = |index: usize| (times[index], &*histograms[index]);
        let counter = kind.is_counter;
        interpolate_histograms(sample(before), sample(before + 1), at, counter, notes, span)
    };
    let is_left_between = smoothed && times[first] < start && first + 1 < times.len();
    let left = if is_left_between {
        between(first, start, notes)
    } else {
        Ok(histograms[first].as_ref().clone())
    };
    let right = if smoothed && last > 0 && times[last] > end {
        between(last - 1, end, notes)
    } else {
        Ok(histograms[last].as_ref().clone())
    };
    let (Ok(left), Ok(right)) = (left, right) else {
        notes.mixed_schemas(metric, span);
        return None;
    };
    let are_gauges = is_gauge(&left) && is_gauge(&right);
    if !kind.is_counter && !are_gauges {
        notes.histogram_not_gauge(metric, span);
    }
    let mut change = right.clone();
    let mut combine = |change: &mut Histogram, other: &Histogram, operation| {
        let done = match operation {
            HistogramOperation::Subtraction => change.sub(other),
            _ => change.add(other),
        };
        match done {
            Ok(done) if done.bounds_differed => notes.bounds_reconciled(operation, span),
            Ok(_) => {}
            Err(_) => {
                notes.mixed_schemas(metric, span);
                return None;
            }
        }
        Some(())
    };
    combine(&mut change, &left, HistogramOperation::Subtraction)?;
    if !kind.is_counter {
        return Some(change);
    }
    // The left border may lie beyond a reset already; then what follows is
    // compared with the sample behind that.
    let crosses_reset = is_left_between && histograms[first + 1].detect_reset(&histograms[first]);
    let from = first + 1 + usize::from(crosses_reset);
    if from > last {
        return Some(change);
    }
    let mut before: &Histogram = if crosses_reset { &histograms[first + 1] } else { &left };
    for histogram in &histograms[from..last] {
        if histogram.detect_reset(before) {
            combine(&mut change, before, HistogramOperation::Addition)?;
        }
        before = histogram;
    }
    if right.detect_reset(before) {
        combine(&mut change, before, HistogramOperation::Addition)?;
    }
    Some(change)
}
