//! The engine: runs a query against a store.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use model::{Labels, Millis, SampleColumns, Timestamp};
use prometheus_client::registry::Registry;
use storage::SeriesStore;

use super::evaluator::{Evaluated, Evaluator, QueryRange, Scope};
use super::metrics::QueryMetrics;
use super::query_log::{CurrentLog, FinishedQuery, QueryLog};
use super::table::Table;
use super::{
    EngineConfig, InstantQuery, MatrixSeries, QueryError, QueryOptions, QueryOutput, QueryStats,
    QueryTimings, RangeQuery, SampleStats, Value, VectorSample, window,
};
use crate::engine::{Budget, Gate, LimitError, Limits, TimeGrid};
use crate::promql::ast::{Expr, ValueType};
use crate::promql::parse::{ParseOptions, parse};

/// Where a query is when it waits for its turn.
const QUEUE: &str = "query queue";
/// Where it is when it runs.
const EVALUATION: &str = "expression evaluation";

/// Evaluates PromQL. One engine serves all queries of a process.
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
    gate: Gate,
    metrics: QueryMetrics,
    log: CurrentLog,
}

impl Engine {
    /// An engine with the given limits.
    pub fn new(config: EngineConfig) -> Self {
        let gate = Gate::new(config.concurrent_max);
        Self { config, gate, metrics: QueryMetrics::default(), log: CurrentLog::default() }
    }

    /// Shows what the engine counts on a registry.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
    }

    /// The settings.
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// Tells `log` of each query that ends from now on; `None` tells nobody.
    pub fn set_query_log(&self, log: Option<QueryLog>) {
        self.log.set(log);
    }

    /// What the engine's parser accepts.
    pub fn parse_options(&self) -> ParseOptions {
        ParseOptions { experimental: self.config.experimental }
    }

    /// Evaluates at one point in time. Blocks.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn instant(
        &self,
        store: &Arc<dyn SeriesStore>,
        query: &InstantQuery,
    ) -> Result<QueryOutput, QueryError> {
        let points = (query.time, query.time, Millis::ZERO);
        self.counted(&query.text, points, || self.at(store, query))
    }

    /// Evaluates at each step of a range. Blocks.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn range(
        &self,
        store: &Arc<dyn SeriesStore>,
        query: &RangeQuery,
    ) -> Result<QueryOutput, QueryError> {
        let points = (query.start, query.end, query.step);
        self.counted(&query.text, points, || self.over(store, query))
    }

    fn counted(
        &self,
        text: &str,
        (start, end, step): (Timestamp, Timestamp, Millis),
        query: impl FnOnce() -> Result<QueryOutput, QueryError>,
    ) -> Result<QueryOutput, QueryError> {
        let started = Instant::now();
        let result = query();
        let took = started.elapsed();
        self.metrics.count(&result, took);
        self.log.tell(&FinishedQuery { text, start, end, step, took, result: &result });
        result
    }

    fn at(
        &self,
        store: &Arc<dyn SeriesStore>,
        query: &InstantQuery,
    ) -> Result<QueryOutput, QueryError> {
        let expr = parse(&query.text, self.parse_options())?;
        let grid = TimeGrid::instant(query.time);
        self.run(store, &query.text, &expr, grid, &query.options)
    }

    fn over(
        &self,
        store: &Arc<dyn SeriesStore>,
        query: &RangeQuery,
    ) -> Result<QueryOutput, QueryError> {
        let expr = parse(&query.text, self.parse_options())?;
        let found = expr.value_type();
        if !matches!(found, ValueType::Vector | ValueType::Scalar) {
            return Err(QueryError::Invalid(format!(
                "invalid expression type {:?} for range query, must be Scalar or instant Vector",
                found.describe()
            )));
        }
        if query.step.get() <= 0 {
            return Err(QueryError::Invalid(
                "zero or negative query resolution step widths are not accepted. Try a positive \
                 integer"
                    .to_owned(),
            ));
        }
        let grid = TimeGrid::range(query.start, query.end, query.step);
        let (points, max) = (grid.len() as u64, self.config.points_max as u64);
        if points > max {
            return Err(QueryError::TooManyPoints { points, max });
        }
        self.run_range(store, &query.text, &expr, grid, query.end, &query.options)
    }

    fn run(
        &self,
        store: &Arc<dyn SeriesStore>,
        text: &str,
        expr: &Expr,
        grid: TimeGrid,
        options: &QueryOptions,
    ) -> Result<QueryOutput, QueryError> {
        let range = QueryRange { start: grid.start(), end: grid.start(), step: Millis::ZERO };
        self.execute(store, text, expr, grid, range, options, |evaluator, scope| {
            instant_value(evaluator, expr, scope)
        })
    }

    fn run_range(
        &self,
        store: &Arc<dyn SeriesStore>,
        text: &str,
        expr: &Expr,
        grid: TimeGrid,
        end: Timestamp,
        options: &QueryOptions,
    ) -> Result<QueryOutput, QueryError> {
        let range = QueryRange { start: grid.start(), end, step: grid.step() };
        self.execute(store, text, expr, grid, range, options, |evaluator, scope| {
            range_value(evaluator, expr, scope)
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn execute(
        &self,
        store: &Arc<dyn SeriesStore>,
        text: &str,
        expr: &Expr,
        grid: TimeGrid,
        range: QueryRange,
        options: &QueryOptions,
        evaluate: impl Fn(&Evaluator<'_>, &Scope) -> Result<(Value, Duration), QueryError>,
    ) -> Result<QueryOutput, QueryError> {
        let started = Instant::now();
        let timeout = options.timeout.map_or(self.config.timeout, |t| t.min(self.config.timeout));
        let ticket = self.gate.enter(timeout, &options.cancel).map_err(|error| match error {
            LimitError::Timeout => QueryError::Timeout(QUEUE),
            _ => QueryError::Canceled(QUEUE),
        })?;
        let queued = started.elapsed();
        let limits = Limits {
            timeout,
            cancel: options.cancel.clone(),
            samples_max: self.config.samples_max,
            memory_bytes_max: self.config.memory_bytes_max,
        };
        let budget = Budget::new(limits, started);
        let lookback = options.lookback.filter(|l| l.get() > 0).unwrap_or(self.config.lookback);
        let per_step = options.explain.then_some(grid.len());
        let mut evaluator = Evaluator::new(
            store.as_ref(),
            &self.config,
            lookback,
            Arc::clone(&budget),
            range,
            per_step,
        );
        evaluator.prepare(expr);
        let (mut value, sorting) = evaluate(&evaluator, &Scope::new(grid))?;
        drop(ticket);
        let total = started.elapsed();
        if truncate(&mut value, options.limit) {
            evaluator.note_with(|notes| notes.results_truncated());
        }
        let damaged = evaluator.account.select.lock().chunks_damaged;
        if damaged > 0 {
            evaluator.note_with(|notes| notes.chunks_damaged(damaged));
        }
        let annotations = evaluator.notes.into_inner().into_annotations(text);
        let preparation = evaluator.account.preparation.into_inner();
        let evaluation = total.saturating_sub(queued);
        let timings = QueryTimings {
            eval_total: evaluation,
            result_sort: sorting,
            query_preparation: preparation,
            inner_eval: evaluation.saturating_sub(preparation).saturating_sub(sorting),
            exec_queue: queued,
            exec_total: total,
        };
        let per_step = evaluator.account.per_step.map(|counts| counts.into_inner());
        let stats = QueryStats {
            timings,
            samples: SampleStats {
                total_queryable: evaluator.account.samples.load(Ordering::Relaxed),
                peak: budget.samples_peak(),
                per_step: grid.iter().zip(per_step.unwrap_or_default()).collect(),
            },
            select: evaluator.account.select.into_inner(),
            series_selected: evaluator.account.series.load(Ordering::Relaxed),
            peak_memory_bytes: budget.bytes_peak(),
            explain: evaluator.account.explain.map(|explain| explain.into_inner()),
        };
        Ok(QueryOutput { value, annotations, stats })
    }
}

impl From<LimitError> for QueryError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Timeout => Self::Timeout(EVALUATION),
            LimitError::Cancelled => Self::Canceled(EVALUATION),
            LimitError::Samples => Self::TooManySamples("query execution"),
            LimitError::Memory(max_bytes) => Self::TooMuchMemory { max_bytes },
        }
    }
}

/// The value, and how long it took to sort it.
fn instant_value(
    evaluator: &Evaluator<'_>,
    expr: &Expr,
    scope: &Scope,
) -> Result<(Value, Duration), QueryError> {
    let timestamp = scope.grid.start();
    let samples = match expr.unparenthesised() {
        Expr::Range(range) => window::samples_of_selector(evaluator, range, scope)?,
        Expr::Subquery(subquery) => window::samples_of_subquery(evaluator, subquery, scope)?,
        _ => {
            let value = match evaluator.eval(expr, scope)? {
                Evaluated::Scalar(values) => {
                    let value = values.first().copied().unwrap_or(f64::NAN);
                    Value::Scalar { timestamp, value }
                }
                Evaluated::String(value) => Value::String { timestamp, value },
                Evaluated::Vector(mut table) => {
                    table.join_same_labels()?;
                    Value::Vector(vector_of(&table, timestamp))
                }
            };
            return Ok((value, Duration::ZERO));
        }
    };
    let (series, sorting) = sorted(samples);
    Ok((Value::Matrix(series), sorting))
}

fn vector_of(table: &Table, timestamp: Timestamp) -> Vec<VectorSample> {
    let rows = table.stored_labels().iter().zip(table.iter());
    rows.filter_map(|(labels, row)| {
        let value = window::sample_at(row, 0)?;
        Some(VectorSample { labels: labels.clone(), timestamp, value })
    })
    .collect()
}

fn range_value(
    evaluator: &Evaluator<'_>,
    expr: &Expr,
    scope: &Scope,
) -> Result<(Value, Duration), QueryError> {
    let samples = match evaluator.eval(expr, scope)? {
        Evaluated::Scalar(values) => {
            let mut samples = SampleColumns::default();
            for (at, value) in scope.grid.iter().zip(values) {
                samples.floats.push(at, value);
            }
            vec![(Labels::empty(), samples)]
        }
        Evaluated::Vector(mut table) => {
            table.join_same_labels()?;
            window::into_samples(&table, &scope.grid)
        }
        Evaluated::String(_) => Vec::new(),
    };
    let (series, sorting) = sorted(samples);
    Ok((Value::Matrix(series), sorting))
}

fn sorted(mut samples: Vec<(Labels, SampleColumns)>) -> (Vec<MatrixSeries>, Duration) {
    let started = Instant::now();
    samples.sort_by(|(a, _), (b, _)| a.cmp(b));
    let series = samples.into_iter().filter(|(_, samples)| !samples.is_empty());
    let series = series.map(|(labels, samples)| MatrixSeries { labels, samples }).collect();
    (series, started.elapsed())
}

/// Cuts the answer off at `limit` series; whether there were more.
fn truncate(value: &mut Value, limit: Option<usize>) -> bool {
    let Some(limit) = limit.filter(|limit| *limit > 0) else { return false };
    match value {
        Value::Vector(samples) if samples.len() > limit => samples.truncate(limit),
        Value::Matrix(series) if series.len() > limit => series.truncate(limit),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests;
