//! The experimental modifiers `anchored` and `smoothed`: values at the very
//! borders of a range, taken from the sample before or interpolated.

use std::sync::Arc;

use model::histogram::{IncompatibleSchemas, ResetHint};
use model::{Histogram, Labels, SampleColumns, Timestamp};

use super::evaluator::{Evaluator, Scope};
use super::notes::{HistogramOperation, Notes};
use super::rows::{self, Worker};
use super::select::{self, LookupTimes};
use super::table::{RowMut, Table};
use super::{QueryError, duration, window};
use crate::promql::ast::{RangeMode, RangeSelector, Span, VectorSelector};

/// The value at `at` on the straight line between two samples. A counter that
/// was reset between them is taken to have risen from zero.
pub(crate) fn interpolate(before: (i64, f64), behind: (i64, f64), at: i64, counter: bool) -> f64 {
    let from = if counter && behind.1 < before.1 { 0.0 } else { before.1 };
    from + (behind.1 - from) * (at - before.0) as f64 / (behind.0 - before.0) as f64
}

/// As [`interpolate`], for histograms.
pub(crate) fn interpolate_histograms(
    before: (i64, &Histogram),
    behind: (i64, &Histogram),
    at: i64,
    counter: bool,
    notes: &mut Notes,
    span: Span,
) -> Result<Histogram, IncompatibleSchemas> {
    if at == before.0 {
        return Ok(before.1.clone());
    }
    let mut result = behind.1.clone();
    if at == behind.0 {
        return Ok(result);
    }
    let fraction = (at - before.0) as f64 / (behind.0 - before.0) as f64;
    if counter && behind.1.detect_reset(before.1) {
        result.scale(fraction);
        return Ok(result);
    }
    if result.sub(before.1)?.bounds_differed {
        notes.bounds_reconciled(HistogramOperation::Subtraction, span);
    }
    result.scale(fraction);
    if result.add(before.1)?.bounds_differed {
        notes.bounds_reconciled(HistogramOperation::Addition, span);
    }
    Ok(result)
}

/// A smoothed instant selector: values between the samples around each step.
pub(crate) fn instant(
    evaluator: &Evaluator<'_>,
    selector: &VectorSelector,
    scope: &Scope,
    times: &LookupTimes,
) -> Result<Table, QueryError> {
    let (first, last) = times.bounds();
    let lookback = evaluator.lookback.get();
    let range = select::millis_range(
        first.saturating_sub(lookback).saturating_add(1),
        last.saturating_add(lookback),
    );
    let selection = select::select(evaluator, &selector.matchers, scope, range, None)?;
    let labels = selection.labels().to_vec();
    let fill = |worker: &mut Worker<SampleColumns>, index: usize, mut row: RowMut<'_>| {
        let Worker { scratch, notes } = worker;
        select::read(evaluator, selection.as_ref(), index, scratch)?;
        let metric = selection.labels()[index].metric_name().unwrap_or("");
        smooth_row(
            scratch,
            times,
            lookback,
            scope.steps(),
            (metric, selector.span),
            notes,
            &mut row,
        );
        Ok(())
    };
    let mut table = rows::compute(evaluator, labels, scope.steps(), scope.steps(), fill)?;
    table.set_names_are_one(select::names_are_one(&selector.matchers));
    evaluator.account.select.lock().merge(selection.stats());
    Ok(table)
}

fn smooth_row(
    samples: &SampleColumns,
    times: &LookupTimes,
    lookback: i64,
    steps: usize,
    (metric, span): (&str, Span),
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) {
    let float_times = Timestamp::column_as_millis(&samples.floats.timestamps);
    let histogram_times = Timestamp::column_as_millis(&samples.histograms.timestamps);
    let values = &samples.floats.values;
    let histograms = &samples.histograms.histograms;
    for step in 0..steps {
        let at = times.at_step(step);
        let (start, end) = (at.saturating_sub(lookback), at.saturating_add(lookback));
        let within = |times: &[i64]| {
            times.partition_point(|t| *t <= start)..times.partition_point(|t| *t <= end)
        };
        let (floats, hists) = (within(float_times), within(histogram_times));
        match (floats.is_empty(), hists.is_empty()) {
            (true, true) => {}
            (false, false) => notes.mixed_floats_histograms(metric, span),
            (false, true) => {
                let next = floats.start + float_times[floats.clone()].partition_point(|t| *t < at);
                let sample = |index: usize| (float_times[index], values[index]);
                if next < floats.end && float_times[next] == at {
                    row.floats[step] = values[next];
                } else if next > floats.start {
                    let before = sample(next - 1);
                    row.floats[step] = if next < floats.end {
                        interpolate(before, sample(next), at, false)
                    } else {
                        before.1
                    };
                }
            }
            (true, false) => {
                let next =
                    hists.start + histogram_times[hists.clone()].partition_point(|t| *t < at);
                if next < hists.end && histogram_times[next] == at {
                    row.set_histogram(step, histograms[next].clone());
                } else if next > hists.start {
                    let (before, time) = (&histograms[next - 1], histogram_times[next - 1]);
                    if next == hists.end {
                        let reset_hint = ResetHint::Unknown;
                        let carried = Histogram { reset_hint, ..before.as_ref().clone() };
                        row.set_histogram(step, Arc::new(carried));
                        continue;
                    }
                    let behind = &histograms[next];
                    let is_gauge = |h: &Histogram| h.reset_hint == ResetHint::Gauge;
                    let counter = !is_gauge(before) || !is_gauge(behind);
                    let (before, behind) = ((time, &**before), (histogram_times[next], &**behind));
                    match interpolate_histograms(before, behind, at, counter, notes, span) {
                        Ok(histogram) => row.set_histogram(step, Arc::new(histogram)),
                        Err(_) => notes.mixed_schemas(metric, span),
                    }
                }
            }
        }
    }
}

/// An anchored or smoothed range vector at a single point: with samples at
/// both borders.
pub(crate) fn samples_of_selector(
    evaluator: &Evaluator<'_>,
    range: &RangeSelector,
    scope: &Scope,
) -> Result<Vec<(Labels, SampleColumns)>, QueryError> {
    let selector = &range.selector;
    let smoothed = selector.mode == RangeMode::Smoothed;
    let offset = duration::of_selector(&evaluator.query, selector)?;
    let times = LookupTimes::new(scope, evaluator.resolve_at(selector.at), offset);
    let length = duration::of_range(&evaluator.query, range)?;
    let end = times.at_step(0);
    let start = end.saturating_sub(length.get());
    let lookback = evaluator.lookback.get();
    let span = select::millis_range(
        start.saturating_sub(lookback).saturating_add(1),
        if smoothed { end.saturating_add(lookback) } else { end },
    );
    let mut found = window::samples_between(evaluator, &selector.matchers, scope, span, length)?;
    for (_, samples) in &mut found {
        if !samples.histograms.is_empty() {
            let modifier = if smoothed { "smoothed" } else { "anchored" };
            return Err(QueryError::Execution(format!(
                "{modifier} modifier is not supported with histograms"
            )));
        }
        let times = Timestamp::column_as_millis(&samples.floats.timestamps);
        let extended = extend(times, &samples.floats.values, start, end, smoothed);
        samples.clear();
        for (time, value) in extended {
            samples.floats.push(Timestamp::from_millis(time), value);
        }
    }
    found.retain(|(_, samples)| !samples.is_empty());
    Ok(found)
}

/// The first and last sample that matter for a range, or nothing where no
/// sample lies behind its start.
pub(crate) fn outer_samples(
    times: &[i64],
    start: i64,
    end: i64,
    smoothed: bool,
) -> Option<(usize, usize)> {
    let last = times.len().checked_sub(1)?;
    let first = times[..last].partition_point(|time| *time <= start).saturating_sub(1);
    let last = if smoothed { times[..last].partition_point(|time| *time < end) } else { last };
    (times[last] > start).then_some((first, last))
}

fn extend(times: &[i64], values: &[f64], start: i64, end: i64, smoothed: bool) -> Vec<(i64, f64)> {
    let Some((first, last)) = outer_samples(times, start, end, smoothed) else { return Vec::new() };
    let (left, right) = border_values(times, values, (first, last), (start, end), smoothed, false);
    let inner = first + usize::from(times[first] <= start)..last + usize::from(times[last] < end);
    let mut extended = vec![(start, left)];
    extended.extend(inner.map(|index| (times[index], values[index])));
    extended.push((end, right));
    extended
}

/// The values at the start and at the end of a range.
pub(crate) fn border_values(
    times: &[i64],
    values: &[f64],
    (first, last): (usize, usize),
    (start, end): (i64, i64),
    smoothed: bool,
    counter: bool,
) -> (f64, f64) {
    let sample = |index: usize| (times[index], values[index]);
    let left = if smoothed && times[first] < start && first + 1 < times.len() {
        interpolate(sample(first), sample(first + 1), start, counter)
    } else {
        values[first]
    };
    let right = if smoothed && last > 0 && times[last] > end {
        interpolate(sample(last - 1), sample(last), end, counter)
    } else {
        values[last]
    };
    (left, right)
}
