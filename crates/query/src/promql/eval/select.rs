//! Instant vector selectors: the last sample of each series within the lookback.

use std::sync::atomic::Ordering;
use std::time::Instant;

use model::sample::is_stale_nan;
use model::{
    FloatColumn, HistogramColumn, METRIC_NAME, MatchOp, Matcher, Millis, SampleColumns, TimeRange,
    Timestamp,
};
use storage::{SelectHints, SelectRequest, SeriesSelection};

use super::duration;
use super::evaluator::{Evaluator, Scope};
use super::rows::{self, Worker};
use super::smooth;
use super::table::{Row, RowMut, Table, histogram_weight, is_absent};
use super::{QueryError, SampleValue};
use crate::promql::ast::{RangeMode, VectorSelector};

/// When a selector looks for samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LookupTimes {
    scope: Scope,
    /// What `@` fixes the time to.
    pub(crate) at: Option<Timestamp>,
    /// How far back.
    pub(crate) offset: Millis,
}

impl LookupTimes {
    pub(crate) fn new(scope: &Scope, at: Option<Timestamp>, offset: Millis) -> Self {
        Self { scope: *scope, at, offset }
    }

    /// The time at which step `step` looks, in milliseconds.
    #[inline]
    pub(crate) fn at_step(&self, step: usize) -> i64 {
        let at = self.at.unwrap_or_else(|| self.scope.grid.at(step));
        at.as_millis().saturating_sub(self.offset.get())
    }

    /// The first and the last of these times.
    pub(crate) fn bounds(&self) -> (i64, i64) {
        (self.at_step(0), self.at_step(self.scope.steps().saturating_sub(1)))
    }
}

/// What an instant selector gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// The sample's value.
    Value,
    /// The sample's time, in seconds.
    Time,
}

/// Evaluates a selector and hands the series on in batches of at most `batch_series`.
pub(crate) fn instant(
    evaluator: &Evaluator<'_>,
    selector: &VectorSelector,
    scope: &Scope,
    batch_series: usize,
    sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let offset = duration::of_selector(&evaluator.query, selector)?;
    let times = LookupTimes::new(scope, evaluator.resolve_at(selector.at), offset);
    if selector.mode == RangeMode::Smoothed {
        return sink(smooth::instant(evaluator, selector, scope, &times)?);
    }
    matched(evaluator, &selector.matchers, scope, &times, Want::Value, batch_series, sink)
}

/// The times of a selector's samples: `timestamp(x)`.
pub(crate) fn times(
    evaluator: &Evaluator<'_>,
    selector: &VectorSelector,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let offset = duration::of_selector(&evaluator.query, selector)?;
    let times = LookupTimes::new(scope, evaluator.resolve_at(selector.at), offset);
    let mut whole = evaluator.empty(scope);
    let sink = &mut |batch| whole.append(batch);
    matched(evaluator, &selector.matchers, scope, &times, Want::Time, usize::MAX, sink)?;
    Ok(whole)
}

/// Evaluates the series that match.
pub(crate) fn matched(
    evaluator: &Evaluator<'_>,
    matchers: &[Matcher],
    scope: &Scope,
    times: &LookupTimes,
    want: Want,
    batch_series: usize,
    sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let (first, last) = times.bounds();
    let lookback = evaluator.lookback.get();
    let range = millis_range(first.saturating_sub(lookback).saturating_add(1), last);
    let selection = select(evaluator, matchers, scope, range, None)?;
    let labels = selection.labels();
    let names_are_one = names_are_one(matchers);
    for start in (0..labels.len()).step_by(batch_series.min(labels.len()).max(1)) {
        let end = start.saturating_add(batch_series).min(labels.len());
        let batch = labels[start..end].to_vec();
        let steps = scope.steps();
        let fill = |worker: &mut Worker<SampleColumns>, index: usize, mut row: RowMut<'_>| {
            read(evaluator, selection.as_ref(), start + index, &mut worker.scratch)?;
            fill_instant(&worker.scratch, times, lookback, want, steps, &mut row);
            let row = Row { floats: row.floats, histograms: row.histograms };
            evaluator.account.add(scope, steps, |step| {
                row.histogram(step).map_or(0, |h| histogram_weight(h))
                    + u64::from(!is_absent(row.floats[step]))
            });
            Ok(())
        };
        let mut table = rows::compute(evaluator, batch, steps, steps, fill)?;
        table.set_names_are_one(names_are_one);
        sink(table)?;
    }
    evaluator.account.select.lock().merge(selection.stats());
    Ok(())
}

/// Whether all series that pass have the same metric name.
pub(crate) fn names_are_one(matchers: &[Matcher]) -> bool {
    matchers.iter().any(|m| m.name() == METRIC_NAME && m.op() == MatchOp::Equal)
}

/// Asks the store for the series that match, with samples in `range`.
pub(crate) fn select(
    evaluator: &Evaluator<'_>,
    matchers: &[Matcher],
    scope: &Scope,
    range: TimeRange,
    window: Option<Millis>,
) -> Result<Box<dyn SeriesSelection>, QueryError> {
    let started = Instant::now();
    let step = (scope.steps() > 1).then(|| scope.grid.step());
    let request = SelectRequest {
        matchers,
        range,
        hints: SelectHints { step, window },
        series_max: evaluator.config.series_max,
        cancel: evaluator.budget.cancel(),
    };
    let selection = evaluator.store.select(&request).map_err(|error| match error {
        storage::StoreError::Cancelled => QueryError::Canceled("expression evaluation"),
        other => QueryError::Storage(other),
    })?;
    let count = selection.labels().len() as u64;
    evaluator.account.series.fetch_add(count, Ordering::Relaxed);
    evaluator.prepared(started);
    Ok(selection)
}

/// Decodes one series.
pub(crate) fn read(
    evaluator: &Evaluator<'_>,
    selection: &dyn SeriesSelection,
    index: usize,
    into: &mut SampleColumns,
) -> Result<(), QueryError> {
    into.clear();
    selection.read(index, into).map_err(QueryError::Storage)?;
    let bytes = (into.len() * 2 * size_of::<f64>()) as u64;
    evaluator.budget.check_transient(into.len() as u64, bytes)?;
    Ok(())
}

/// A range with both ends included, in milliseconds.
pub(crate) fn millis_range(first: i64, last: i64) -> TimeRange {
    TimeRange::new(Timestamp::from_millis(first), Timestamp::from_millis(last))
}

/// For each step, the last sample that is not older than the lookback, where it
/// is no marker of staleness.
fn fill_instant(
    samples: &SampleColumns,
    times: &LookupTimes,
    lookback: i64,
    want: Want,
    steps: usize,
    row: &mut RowMut<'_>,
) {
    let FloatColumn { timestamps, values } = &samples.floats;
    let float_times = Timestamp::column_as_millis(timestamps);
    let HistogramColumn { timestamps, histograms } = &samples.histograms;
    let histogram_times = Timestamp::column_as_millis(timestamps);
    let (mut floats, mut hists) = (0, 0);
    for step in 0..steps {
        let now = times.at_step(step);
        while float_times.get(floats).is_some_and(|time| *time <= now) {
            floats += 1;
        }
        while histogram_times.get(hists).is_some_and(|time| *time <= now) {
            hists += 1;
        }
        let float_time = floats.checked_sub(1).map(|last| float_times[last]);
        let histogram_time = hists.checked_sub(1).map(|last| histogram_times[last]);
        let Some(time) = float_time.max(histogram_time) else { continue };
        if time <= now.saturating_sub(lookback) {
            continue;
        }
        let (value, is_stale) = if float_time == Some(time) {
            let value = values[floats - 1];
            (SampleValue::Float(value), is_stale_nan(value))
        } else {
            let histogram = &histograms[hists - 1];
            (SampleValue::Histogram(histogram.clone()), histogram.is_stale())
        };
        match want {
            _ if is_stale => {}
            Want::Value => row.set(step, value),
            Want::Time => row.floats[step] = time as f64 / 1000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::sample::STALE_NAN;

    use super::*;
    use crate::engine::TimeGrid;
    use crate::promql::eval::table::ABSENT;

    fn lookup(samples: &[(i64, f64)], want: Want, offset: i64) -> Vec<Option<f64>> {
        let mut columns = SampleColumns::default();
        for (time, value) in samples {
            columns.floats.push(Timestamp::from_millis(*time), *value);
        }
        let at = Timestamp::from_millis;
        let grid = TimeGrid::range(at(0), at(40), Millis::new(10));
        let times = LookupTimes::new(&Scope::new(grid), None, Millis::new(offset));
        let mut floats = vec![ABSENT; 5];
        let mut histograms = Vec::new();
        let mut row = RowMut { floats: &mut floats, histograms: &mut histograms };
        fill_instant(&columns, &times, 15, want, 5, &mut row);
        floats.into_iter().map(|v| (!is_absent(v)).then_some(v)).collect()
    }

    #[test]
    fn a_sample_is_seen_until_just_before_the_lookback_ends() {
        let found = lookup(&[(5, 1.0)], Want::Value, 0);
        assert_eq!(found, [None, Some(1.0), None, None, None]);
        let found = lookup(&[(6, 1.0)], Want::Value, 0);
        assert_eq!(found, [None, Some(1.0), Some(1.0), None, None]);
    }

    #[test]
    fn staleness_ends_a_series_at_once() {
        let found = lookup(&[(0, 1.0), (8, STALE_NAN), (30, 2.0)], Want::Value, 0);
        assert_eq!(found, [Some(1.0), None, None, Some(2.0), Some(2.0)]);
    }

    #[test]
    fn offsets_and_times() {
        let found = lookup(&[(0, 1.0), (30, 2.0)], Want::Time, 20);
        assert_eq!(found, [None, None, Some(0.0), Some(0.0), None]);
        let found = lookup(&[(0, 1.0), (30, 2.0)], Want::Value, -20);
        assert_eq!(found, [None, Some(2.0), Some(2.0), None, None]);
    }
}
