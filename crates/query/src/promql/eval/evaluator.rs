//! The evaluator: walks the tree, and gives each node its table.
//!
//! A node is evaluated for the whole grid at once. Selectors and what is
//! computed series by series can be handed on in batches, so that an
//! aggregation above them never holds all of its input.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::{Millis, Timestamp};
use parking_lot::Mutex;
use storage::{SelectStats, SeriesStore};

use super::notes::Notes;
use super::table::Table;
use super::{EngineConfig, QueryError};
use crate::engine::explain::{Explain, ExplainNode, read_since};
use crate::engine::{Budget, TimeGrid};
use crate::promql::ast::{AtModifier, Expr, ValueType};

/// Deeper expressions are refused, so that none exhausts the stack.
const DEPTH_MAX: usize = 1000;
/// The series of one batch; enough to keep all threads busy.
const BATCH_SERIES: usize = 512;

/// What an expression evaluates to, over the points of a grid.
#[derive(Debug)]
pub(crate) enum Evaluated {
    /// A number for each point.
    Scalar(Vec<f64>),
    /// A text.
    String(String),
    /// An instant vector.
    Vector(Table),
}

/// Where and how a node is evaluated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// The points.
    pub(crate) grid: TimeGrid,
    /// As how many evaluations one counts in the statistics: 0 inside of a
    /// subquery, whose samples count where they are used.
    pub(crate) counted: u64,
    /// How deep the node lies.
    depth: usize,
}

/// One query under evaluation.
pub(crate) struct Evaluator<'a> {
    pub(crate) store: &'a dyn SeriesStore,
    pub(crate) config: &'a EngineConfig,
    pub(crate) lookback: Millis,
    pub(crate) budget: Arc<Budget>,
    /// The grid of the query itself: `start()`, `end()`, `step()`, `range()`.
    pub(crate) query: QueryRange,
    pub(crate) notes: Mutex<Notes>,
    pub(crate) account: Account,
    /// Whether anything in the query is fixed by `@`.
    has_at: bool,
}

/// The query's own range, which `@ start()` and its siblings mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryRange {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) step: Millis,
}

/// What the query has touched.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) samples: AtomicU64,
    pub(crate) series: AtomicU64,
    pub(crate) select: Mutex<SelectStats>,
    pub(crate) preparation: Mutex<Duration>,
    /// Samples of each step, where the query asks for them.
    pub(crate) per_step: Option<Mutex<Vec<u64>>>,
    /// What each part has cost, where the query asks for it.
    pub(crate) explain: Option<Mutex<Explain>>,
}

impl Account {
    /// Counts samples of one series, `at(step)` for each step.
    pub(crate) fn add(&self, scope: &Scope, steps: usize, at: impl Fn(usize) -> u64) {
        if scope.counted == 0 {
            return;
        }
        let total: u64 = (0..steps).map(&at).sum();
        self.samples.fetch_add(total * scope.counted, Ordering::Relaxed);
        if let Some(per_step) = &self.per_step {
            let mut per_step = per_step.lock();
            if steps == per_step.len() {
                per_step.iter_mut().zip(0..).for_each(|(sum, step)| *sum += at(step));
            } else {
                // One evaluation that stands for all steps.
                per_step.iter_mut().for_each(|sum| *sum += total);
            }
        }
    }
}

impl Scope {
    pub(crate) fn new(grid: TimeGrid) -> Self {
        Self { grid, counted: 1, depth: 0 }
    }

    /// The number of points.
    pub(crate) fn steps(&self) -> usize {
        self.grid.len()
    }

    /// The same for a part of the node.
    fn deeper(&self) -> Result<Self, QueryError> {
        if self.depth >= DEPTH_MAX {
            return Err(QueryError::Execution(format!(
                "the expression is nested more than {DEPTH_MAX} levels deep; split it up"
            )));
        }
        Ok(Self { depth: self.depth + 1, ..*self })
    }

    /// On another grid, as a part whose samples count elsewhere.
    pub(crate) fn on(&self, grid: TimeGrid) -> Self {
        Self { grid, counted: 0, ..*self }
    }

    /// At the first point only, standing for all.
    fn once(&self) -> Self {
        let counted = self.counted * self.steps() as u64;
        Self { grid: self.grid.first(), counted, ..*self }
    }
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(
        store: &'a dyn SeriesStore,
        config: &'a EngineConfig,
        lookback: Millis,
        budget: Arc<Budget>,
        query: QueryRange,
        per_step: Option<usize>,
    ) -> Self {
        let explain = per_step.map(|_| Mutex::default());
        let per_step = per_step.map(|steps| Mutex::new(vec![0; steps]));
        Self {
            store,
            config,
            lookback,
            budget,
            query,
            notes: Mutex::default(),
            account: Account { per_step, explain, ..Account::default() },
            has_at: true,
        }
    }

    /// Tells whether the query has an `@`, without which nothing needs to be
    /// looked at for being the same at every step.
    pub(crate) fn prepare(&mut self, expr: &Expr) {
        self.has_at = super::invariant::has_at(expr);
    }

    /// Evaluates any expression but a range vector.
    pub(crate) fn eval(&self, expr: &Expr, scope: &Scope) -> Result<Evaluated, QueryError> {
        match expr.value_type() {
            ValueType::Scalar => Ok(Evaluated::Scalar(self.scalar(expr, scope)?)),
            ValueType::Vector => Ok(Evaluated::Vector(self.vector(expr, scope)?)),
            ValueType::String => Ok(Evaluated::String(string(expr).to_owned())),
            ValueType::Matrix => Err(QueryError::Execution(
                "a range vector can be evaluated at a single point in time only".to_owned(),
            )),
        }
    }

    /// Evaluates a scalar: a number for each point.
    pub(crate) fn scalar(&self, expr: &Expr, scope: &Scope) -> Result<Vec<f64>, QueryError> {
        let scope = &scope.deeper()?;
        self.budget.check()?;
        if self.is_invariant(expr, scope) {
            let once = self.scalar(expr, &scope.once())?;
            return Ok(once.iter().cycle().take(scope.steps()).copied().collect());
        }
        match expr {
            Expr::Number(number) => Ok(vec![number.value; scope.steps()]),
            Expr::Paren(paren) => self.scalar(&paren.expr, scope),
            Expr::Unary(unary) => {
                let mut values = self.scalar(&unary.expr, scope)?;
                if unary.is_negative {
                    values.iter_mut().for_each(|value| *value = -*value);
                }
                Ok(values)
            }
            Expr::Binary(binary) => super::binary::scalars(self, binary, scope),
            Expr::Call(call) => super::call::scalar(self, call, scope),
            _ => Err(unexpected(expr, "a scalar")),
        }
    }

    /// Evaluates an instant vector.
    pub(crate) fn vector(&self, expr: &Expr, scope: &Scope) -> Result<Table, QueryError> {
        self.explained(expr, scope, |scope| {
            let table = self.vector_of(expr, scope)?;
            let series = table.len();
            Ok((table, series))
        })
    }

    /// Keeps account of a part where the query asks for it; `evaluate` gives the
    /// number of series too.
    fn explained<T>(
        &self,
        expr: &Expr,
        scope: &Scope,
        evaluate: impl FnOnce(&Scope) -> Result<(T, usize), QueryError>,
    ) -> Result<T, QueryError> {
        let Some(explain) = &self.account.explain else {
            return Ok(evaluate(scope)?.0);
        };
        let span = expr.span();
        let node = ExplainNode {
            span: (span.start, span.end),
            points: scope.steps() as u64,
            depth: scope.depth,
            ..ExplainNode::default()
        };
        let place = explain.lock().begin(node);
        let before = *self.account.select.lock();
        let started = Instant::now();
        let (value, series) = evaluate(scope)?;
        let read = read_since(before, *self.account.select.lock());
        if let Some(node) = explain.lock().node_mut(place) {
            node.duration = started.elapsed();
            node.series = series as u64;
            node.select = read;
        }
        Ok(value)
    }

    fn vector_of(&self, expr: &Expr, scope: &Scope) -> Result<Table, QueryError> {
        let scope = &scope.deeper()?;
        self.budget.check()?;
        if scope.grid.is_empty() {
            return Ok(self.empty(scope));
        }
        if self.is_invariant(expr, scope) {
            return self.vector(expr, &scope.once())?.repeat(scope.steps());
        }
        match expr {
            Expr::Paren(paren) => self.vector(&paren.expr, scope),
            Expr::Unary(unary) => {
                let table = self.vector(&unary.expr, scope)?;
                if unary.is_negative { super::binary::negate(table) } else { Ok(table) }
            }
            Expr::Binary(binary) => super::binary::vectors(self, binary, scope),
            Expr::Aggregate(aggregate) => super::aggregate::evaluate(self, aggregate, scope),
            Expr::Call(call) => super::call::vector(self, call, scope),
            Expr::Selector(selector) => {
                let mut whole = self.empty(scope);
                super::select::instant(self, selector, scope, usize::MAX, &mut |batch| {
                    whole.append(batch)
                })?;
                Ok(whole)
            }
            _ => Err(unexpected(expr, "an instant vector")),
        }
    }

    /// Evaluates an instant vector and hands it on in batches, each with other
    /// series than the ones before, in the order of [`Evaluator::vector`].
    pub(crate) fn batches(
        &self,
        expr: &Expr,
        scope: &Scope,
        sink: &mut dyn FnMut(Table) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let inner = &scope.deeper()?;
        if !scope.grid.is_empty() && !self.is_invariant(expr, scope) {
            if let Expr::Paren(paren) = expr {
                return self.batches(&paren.expr, inner, sink);
            }
            if super::call::streams(expr) {
                return self.explained(expr, scope, |_| {
                    let mut series = 0;
                    let sink = &mut |batch: Table| {
                        series += batch.len();
                        sink(batch)
                    };
                    match expr {
                        Expr::Selector(selector) => {
                            super::select::instant(self, selector, inner, BATCH_SERIES, sink)?;
                        }
                        Expr::Call(call) => {
                            super::call::batches(self, call, inner, BATCH_SERIES, sink)?;
                        }
                        Expr::Binary(binary) => super::binary::batches(self, binary, inner, sink)?,
                        _ => {}
                    }
                    Ok(((), series))
                });
            }
        }
        sink(self.vector(expr, scope)?)
    }

    /// No series.
    pub(crate) fn empty(&self, scope: &Scope) -> Table {
        Table::new(scope.steps(), &self.budget)
    }

    /// The point in time that `@` means.
    pub(crate) fn resolve_at(&self, at: Option<AtModifier>) -> Option<Timestamp> {
        at.map(|at| match at {
            AtModifier::Timestamp(at) => at,
            AtModifier::Start => self.query.start,
            AtModifier::End => self.query.end,
        })
    }

    /// Takes in what a part of the work found noteworthy.
    pub(crate) fn note(&self, notes: Notes) {
        self.notes.lock().merge(notes);
    }

    /// Notes one thing.
    pub(crate) fn note_with(&self, note: impl FnOnce(&mut Notes)) {
        note(&mut self.notes.lock());
    }

    /// Counts the time since `started` as preparation.
    pub(crate) fn prepared(&self, started: Instant) {
        *self.account.preparation.lock() += started.elapsed();
    }

    fn is_invariant(&self, expr: &Expr, scope: &Scope) -> bool {
        self.has_at
            && scope.steps() > 1
            && !matches!(expr, Expr::Number(_) | Expr::String(_))
            && super::invariant::is_step_invariant(expr)
    }
}

/// The text of a string argument.
pub(crate) fn string(expr: &Expr) -> &str {
    match expr.unparenthesised() {
        Expr::String(literal) => &literal.value,
        _ => "",
    }
}

/// The parser checks types, so this only shows a fault of ours.
pub(crate) fn unexpected(expr: &Expr, wanted: &str) -> QueryError {
    let found = expr.value_type().describe();
    QueryError::Execution(format!("expected {wanted} but found {found}; please report this"))
}
