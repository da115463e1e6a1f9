//! Range vectors: the samples of each series, and a window over them for each step.
//!
//! Every series is decoded once. Two cursors walk over its samples and give the
//! bounds of each window; a function then computes all steps of the series in
//! one go, so that it may carry over from one window to the next what stays valid.

use std::sync::Arc;

use model::{Histogram, Labels, LabelsRef, Millis, SampleColumns, Timestamp};

use super::evaluator::{Evaluator, Scope};
use super::notes::Notes;
use super::rows::{self, Worker};
use super::select::{self, LookupTimes};
use super::table::{RowMut, Table, histogram_weight, is_absent};
use super::{QueryError, SampleValue, duration};
use crate::engine::TimeGrid;
use crate::promql::ast::{Expr, RangeMode, RangeSelector, Span, Subquery};

/// Computes all steps of one series.
pub(crate) type RangeKernel =
    fn(&Windows<'_>, &mut Notes, &mut RowMut<'_>) -> Result<(), QueryError>;

/// A function over a range vector, with everything that is the same for all series.
pub(crate) struct RangeCall<'a> {
    pub(crate) name: &'static str,
    pub(crate) kernel: RangeKernel,
    /// Whether the result keeps the metric's name.
    pub(crate) keeps_name: bool,
    /// The scalar arguments, a number for each step.
    pub(crate) args: &'a [Vec<f64>],
    /// Where the range vector stands in the query.
    pub(crate) span: Span,
}

/// The samples of one series and the windows over them.
pub(crate) struct Windows<'a> {
    /// The labels of the series, its name among them.
    pub(crate) labels: &'a LabelsRef,
    /// The times of the floats, in milliseconds.
    pub(crate) times: &'a [i64],
    /// The floats; no marker of staleness among them.
    pub(crate) values: &'a [f64],
    /// The times of the histograms, in milliseconds.
    pub(crate) histogram_times: &'a [i64],
    /// The histograms.
    pub(crate) histograms: &'a [Arc<Histogram>],
    /// For each step the first float and the one behind the last.
    pub(crate) bounds: &'a [(u32, u32)],
    histogram_bounds: &'a [(u32, u32)],
    /// The scalar arguments, a number for each step.
    pub(crate) args: &'a [Vec<f64>],
    /// Where the range vector stands in the query.
    pub(crate) span: Span,
    /// How samples at the borders count.
    pub(crate) mode: RangeMode,
    frame: &'a Frame,
}

/// The samples of one series in one window.
#[derive(Clone, Copy)]
pub(crate) struct Window<'a> {
    /// The step.
    pub(crate) step: usize,
    /// The evaluation time, in milliseconds.
    pub(crate) now: i64,
    /// Where the range begins, excluded; in milliseconds.
    pub(crate) start: i64,
    /// Where it ends, included.
    pub(crate) end: i64,
    pub(crate) times: &'a [i64],
    pub(crate) values: &'a [f64],
    pub(crate) histogram_times: &'a [i64],
    pub(crate) histograms: &'a [Arc<Histogram>],
}

/// Where the windows lie.
struct Frame {
    grid: TimeGrid,
    times: LookupTimes,
    /// The length of the range, in milliseconds.
    range: i64,
    /// How much longer samples are taken in before and behind it.
    before: i64,
    behind: i64,
    mode: RangeMode,
}

/// Buffers of one thread.
#[derive(Default)]
struct Scratch {
    samples: SampleColumns,
    bounds: Vec<(u32, u32)>,
    histogram_bounds: Vec<(u32, u32)>,
}

impl<'a> Windows<'a> {
    /// The number of steps.
    pub(crate) fn steps(&self) -> usize {
        self.frame.grid.len()
    }

    /// The length of the range, in seconds.
    pub(crate) fn range_secs(&self) -> f64 {
        self.frame.range as f64 / 1000.0
    }

    /// The metric's name, empty where there is none.
    pub(crate) fn metric(&self) -> &str {
        self.labels.metric_name().unwrap_or("")
    }

    /// Where the range of this step begins (excluded) and ends (included), in milliseconds.
    #[inline]
    pub(crate) fn range_at(&self, step: usize) -> (i64, i64) {
        let end = self.frame.times.at_step(step);
        (end.saturating_sub(self.frame.range), end)
    }

    /// The window of `step`.
    #[inline]
    pub(crate) fn at(&self, step: usize) -> Window<'a> {
        let (start, end) = self.range_at(step);
        let (first, behind) = self.bounds[step];
        let floats = first as usize..behind as usize;
        let (first, behind) = self.histogram_bounds.get(step).copied().unwrap_or((0, 0));
        let histograms = first as usize..behind as usize;
        Window {
            step,
            now: self.frame.grid.at(step).as_millis(),
            start,
            end,
            times: &self.times[floats.clone()],
            values: &self.values[floats],
            histogram_times: &self.histogram_times[histograms.clone()],
            histograms: &self.histograms[histograms],
        }
    }

    /// The windows that hold any sample.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Window<'a>> + '_ {
        (0..self.steps()).map(|step| self.at(step)).filter(|window| !window.is_empty())
    }

    /// Computes a float from each window that holds any sample.
    #[inline]
    pub(crate) fn each(&self, row: &mut RowMut<'_>, mut f: impl FnMut(&Window<'a>) -> Option<f64>) {
        for window in self.iter() {
            if let Some(value) = f(&window) {
                row.floats[window.step] = value;
            }
        }
    }

    /// Computes a float from the floats of each window, and notes histograms
    /// among them, which are left out.
    #[inline]
    pub(crate) fn each_of_floats(
        &self,
        notes: &mut Notes,
        row: &mut RowMut<'_>,
        mut f: impl FnMut(&Window<'a>) -> f64,
    ) {
        for window in self.iter().filter(|window| !window.values.is_empty()) {
            if !window.histograms.is_empty() {
                notes.histogram_ignored_in_range(self.metric(), self.span);
            }
            row.floats[window.step] = f(&window);
        }
    }

    /// Whether the windows hold any histogram.
    pub(crate) fn has_histograms(&self) -> bool {
        !self.histograms.is_empty()
    }
}

impl Window<'_> {
    /// Whether there is no sample.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.histograms.is_empty()
    }

    /// Whether there are floats as well as histograms.
    pub(crate) fn is_mixed(&self) -> bool {
        !self.values.is_empty() && !self.histograms.is_empty()
    }
}

/// Applies a function to a range vector, and hands the series on in batches.
pub(crate) fn evaluate(
    evaluator: &Evaluator<'_>,
    call: &RangeCall<'_>,
    arg: &Expr,
    scope: &Scope,
    batch_series: usize,
    sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    match arg.unparenthesised() {
        Expr::Range(range) => over_selector(evaluator, call, range, scope, batch_series, sink),
        Expr::Subquery(subquery) => sink(over_subquery(evaluator, call, subquery, scope)?),
        other => Err(super::evaluator::unexpected(other, "a range vector")),
    }
}

fn over_selector(
    evaluator: &Evaluator<'_>,
    call: &RangeCall<'_>,
    range: &RangeSelector,
    scope: &Scope,
    batch_series: usize,
    sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
) -> Result<(), QueryError> {
    let selector = &range.selector;
    check_mode(selector.mode, call.name)?;
    let offset = duration::of_selector(&evaluator.query, selector)?;
    let length = duration::of_range(&evaluator.query, range)?.get();
    let lookback = evaluator.lookback.get();
    let frame = Frame {
        grid: scope.grid,
        times: LookupTimes::new(scope, evaluator.resolve_at(selector.at), offset),
        range: length,
        before: if selector.mode == RangeMode::Plain { 0 } else { lookback },
        behind: if selector.mode == RangeMode::Smoothed { lookback } else { 0 },
        mode: selector.mode,
    };
    let span = frame.span();
    let window = Some(Millis::new(length));
    let selection = select::select(evaluator, &selector.matchers, scope, span, window)?;
    let labels = selection.labels();
    let names_are_one = select::names_are_one(&selector.matchers);
    let is_whole = !names_are_one && !call.keeps_name;
    let batch_series = if is_whole { usize::MAX } else { batch_series };
    for start in (0..labels.len()).step_by(batch_series.min(labels.len()).max(1)) {
        let end = start.saturating_add(batch_series).min(labels.len());
        let fill = |worker: &mut Worker<Scratch>, index: usize, mut row: RowMut<'_>| {
            let Worker { scratch, notes } = worker;
            select::read(evaluator, selection.as_ref(), start + index, &mut scratch.samples)?;
            drop_stale(&mut scratch.samples);
            let labels = &labels[start + index];
            one_series(evaluator, call, &frame, scope, labels, scratch, notes, &mut row)
        };
        let batch = labels[start..end].to_vec();
        let mut table = rows::compute(evaluator, batch, scope.steps(), 256, fill)?;
        table.set_names_are_one(names_are_one);
        if !call.keeps_name {
            table.drop_names_strictly()?;
        }
        sink(table)?;
    }
    evaluator.account.select.lock().merge(selection.stats());
    Ok(())
}

fn over_subquery(
    evaluator: &Evaluator<'_>,
    call: &RangeCall<'_>,
    subquery: &Subquery,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let (inner, frame) = subquery_frame(evaluator, subquery, scope)?;
    let mut whole = evaluator.empty(scope);
    let inner_scope = scope.on(inner);
    evaluator.batches(&subquery.expr, &inner_scope, &mut |mut batch| {
        let labels = batch.labels().to_vec();
        let names_are_one = batch.names_are_one();
        let fill = |worker: &mut Worker<Scratch>, index: usize, mut row: RowMut<'_>| {
            let Worker { scratch, notes } = worker;
            samples_of(&batch, index, &inner, &mut scratch.samples);
            let labels = &batch.stored_labels()[index];
            one_series(evaluator, call, &frame, scope, labels, scratch, notes, &mut row)
        };
        let mut table = rows::compute(evaluator, labels, scope.steps(), inner.len(), fill)?;
        table.set_names_are_one(names_are_one);
        whole.append(table)
    })?;
    if !call.keeps_name {
        whole.drop_names_strictly()?;
    }
    Ok(whole)
}

/// The points at which a subquery is evaluated, and the windows over its result.
fn subquery_frame(
    evaluator: &Evaluator<'_>,
    subquery: &Subquery,
    scope: &Scope,
) -> Result<(TimeGrid, Frame), QueryError> {
    let default_step = evaluator.config.subquery_step;
    let (range, step, offset) = duration::of_subquery(&evaluator.query, subquery, default_step)?;
    let times = LookupTimes::new(scope, evaluator.resolve_at(subquery.at), offset);
    let (first, last) = times.bounds();
    let step_ms = step.get().max(1);
    // The first multiple of the step behind the start of the first window.
    let before = first.saturating_sub(range.get());
    let start = before.div_euclid(step_ms).saturating_add(1).saturating_mul(step_ms);
    let at = Timestamp::from_millis;
    let grid = TimeGrid::range(at(start), at(last), Millis::new(step_ms));
    let points_max = evaluator.config.points_max;
    if grid.len() > points_max {
        let (points, max) = (grid.len() as u64, points_max as u64);
        return Err(QueryError::TooManyPoints { points, max });
    }
    let frame = Frame {
        grid: scope.grid,
        times,
        range: range.get(),
        before: 0,
        behind: 0,
        mode: RangeMode::Plain,
    };
    Ok((grid, frame))
}

/// A row of a subquery's result as samples.
fn samples_of(table: &Table, index: usize, grid: &TimeGrid, into: &mut SampleColumns) {
    use model::histogram::ResetHint::{NotReset, Reset, Unknown};
    into.clear();
    let row = table.row(index);
    for (step, value) in row.floats.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
        into.floats.push(grid.at(step), *value);
    }
    for (step, histogram) in row.histograms.iter().enumerate() {
        let Some(histogram) = histogram else { continue };
        // Between the points of a subquery samples are left out or come twice, so
        // what they say of resets is worth nothing.
        let histogram = if matches!(histogram.reset_hint, Reset | NotReset) {
            Arc::new(Histogram { reset_hint: Unknown, ..histogram.as_ref().clone() })
        } else {
            Arc::clone(histogram)
        };
        into.histograms.push(grid.at(step), histogram);
    }
}

#[allow(clippy::too_many_arguments)]
fn one_series(
    evaluator: &Evaluator<'_>,
    call: &RangeCall<'_>,
    frame: &Frame,
    scope: &Scope,
    labels: &Labels,
    scratch: &mut Scratch,
    notes: &mut Notes,
    row: &mut RowMut<'_>,
) -> Result<(), QueryError> {
    let SampleColumns { floats, histograms } = &scratch.samples;
    let times = Timestamp::column_as_millis(&floats.timestamps);
    let histogram_times = Timestamp::column_as_millis(&histograms.timestamps);
    frame.bounds(times, &mut scratch.bounds);
    scratch.histogram_bounds.clear();
    if !histogram_times.is_empty() {
        frame.bounds(histogram_times, &mut scratch.histogram_bounds);
    }
    let windows = Windows {
        labels,
        times,
        values: &floats.values,
        histogram_times,
        histograms: &histograms.histograms,
        bounds: &scratch.bounds,
        histogram_bounds: &scratch.histogram_bounds,
        args: call.args,
        span: call.span,
        mode: frame.mode,
        frame,
    };
    if windows.has_histograms() {
        let weigh = |step| {
            let window = windows.at(step);
            let histograms = window.histograms.iter().map(|h| histogram_weight(h));
            window.values.len() as u64 + histograms.sum::<u64>()
        };
        evaluator.account.add(scope, scope.steps(), weigh);
    } else {
        let count = |step: usize| u64::from(windows.bounds[step].1 - windows.bounds[step].0);
        evaluator.account.add(scope, scope.steps(), count);
    }
    (call.kernel)(&windows, notes, row)
}

impl Frame {
    /// All times that any window looks at.
    fn span(&self) -> model::TimeRange {
        let (first, last) = self.times.bounds();
        let start = first.saturating_sub(self.range).saturating_sub(self.before);
        select::millis_range(start.saturating_add(1), last.saturating_add(self.behind))
    }

    /// For each step the first sample and the one behind the last.
    fn bounds(&self, times: &[i64], into: &mut Vec<(u32, u32)>) {
        into.clear();
        let (mut first, mut behind) = (0, 0);
        for step in 0..self.grid.len() {
            let end = self.times.at_step(step);
            let start = end.saturating_sub(self.range).saturating_sub(self.before);
            let end = end.saturating_add(self.behind);
            while times.get(behind).is_some_and(|time| *time <= end) {
                behind += 1;
            }
            while first < behind && times[first] <= start {
                first += 1;
            }
            into.push((first as u32, behind as u32));
        }
    }
}

fn drop_stale(samples: &mut SampleColumns) {
    let floats = &mut samples.floats;
    if floats.values.iter().any(|value| is_absent(*value)) {
        let mut kept = 0;
        for index in 0..floats.values.len() {
            if !is_absent(floats.values[index]) {
                floats.values[kept] = floats.values[index];
                floats.timestamps[kept] = floats.timestamps[index];
                kept += 1;
            }
        }
        floats.values.truncate(kept);
        floats.timestamps.truncate(kept);
    }
    let histograms = &mut samples.histograms;
    if histograms.histograms.iter().any(|histogram| histogram.is_stale()) {
        let pairs = histograms.timestamps.drain(..).zip(histograms.histograms.drain(..));
        let (timestamps, kept) = pairs.filter(|(_, histogram)| !histogram.is_stale()).unzip();
        (histograms.timestamps, histograms.histograms) = (timestamps, kept);
    }
}

fn check_mode(mode: RangeMode, function: &str) -> Result<(), QueryError> {
    let (modifier, allowed): (_, &[&str]) = match mode {
        RangeMode::Plain => return Ok(()),
        RangeMode::Anchored => ("anchored", &["changes", "delta", "increase", "rate", "resets"]),
        RangeMode::Smoothed => ("smoothed", &["delta", "increase", "rate"]),
    };
    if allowed.contains(&function) {
        return Ok(());
    }
    Err(QueryError::Execution(format!(
        "{modifier} modifier can only be used with: {} - not with {function}",
        allowed.join(", ")
    )))
}

/// A range vector selector at a single point: the samples as they are.
pub(crate) fn samples_of_selector(
    evaluator: &Evaluator<'_>,
    range: &RangeSelector,
    scope: &Scope,
) -> Result<Vec<(Labels, SampleColumns)>, QueryError> {
    let selector = &range.selector;
    if selector.mode != RangeMode::Plain {
        return super::smooth::samples_of_selector(evaluator, range, scope);
    }
    let offset = duration::of_selector(&evaluator.query, selector)?;
    let times = LookupTimes::new(scope, evaluator.resolve_at(selector.at), offset);
    let end = times.at_step(0);
    let length = duration::of_range(&evaluator.query, range)?;
    let span = select::millis_range(end.saturating_sub(length.get()).saturating_add(1), end);
    samples_between(evaluator, &selector.matchers, scope, span, length)
}

/// The samples, markers of staleness left out, of all series that match.
pub(crate) fn samples_between(
    evaluator: &Evaluator<'_>,
    matchers: &[model::Matcher],
    scope: &Scope,
    span: model::TimeRange,
    length: Millis,
) -> Result<Vec<(Labels, SampleColumns)>, QueryError> {
    let selection = select::select(evaluator, matchers, scope, span, Some(length))?;
    let mut hold = evaluator.budget.hold();
    let mut series = Vec::new();
    for (index, labels) in selection.labels().iter().enumerate() {
        evaluator.budget.check()?;
        let mut samples = SampleColumns::default();
        select::read(evaluator, selection.as_ref(), index, &mut samples)?;
        drop_stale(&mut samples);
        let histograms = samples.histograms.histograms.iter().map(|h| histogram_weight(h));
        let weight = samples.floats.len() as u64 + histograms.sum::<u64>();
        hold.grow(weight, weight * 16)?;
        evaluator.account.add(scope, 1, |_| weight);
        if !samples.is_empty() {
            series.push((labels.clone(), samples));
        }
    }
    evaluator.account.select.lock().merge(selection.stats());
    Ok(series)
}

/// A subquery at a single point: the values at its own points.
pub(crate) fn samples_of_subquery(
    evaluator: &Evaluator<'_>,
    subquery: &Subquery,
    scope: &Scope,
) -> Result<Vec<(Labels, SampleColumns)>, QueryError> {
    let (grid, _) = subquery_frame(evaluator, subquery, scope)?;
    let mut table = evaluator.vector(&subquery.expr, &Scope::new(grid))?;
    table.labels();
    Ok(into_samples(&table, &grid))
}

/// The rows of a table as samples.
pub(crate) fn into_samples(table: &Table, grid: &TimeGrid) -> Vec<(Labels, SampleColumns)> {
    let one = |(index, labels): (usize, &Labels)| {
        let mut samples = SampleColumns::default();
        let row = table.row(index);
        for (step, value) in row.floats.iter().enumerate() {
            if let Some(histogram) = row.histogram(step) {
                samples.histograms.push(grid.at(step), histogram.clone());
            } else if !is_absent(*value) {
                samples.floats.push(grid.at(step), *value);
            }
        }
        (labels.clone(), samples)
    };
    table.stored_labels().iter().enumerate().map(one).collect()
}

/// The value of one sample of a row.
pub(crate) fn sample_at(row: super::table::Row<'_>, step: usize) -> Option<SampleValue> {
    match row.histogram(step) {
        Some(histogram) => Some(SampleValue::Histogram(histogram.clone())),
        None => Some(row.floats[step]).filter(|v| !is_absent(*v)).map(SampleValue::Float),
    }
}
