//! `info`: adds the labels of info series, such as `target_info`, to the series
//! of the same target.

use std::collections::{BTreeMap, HashMap};

use model::{Labels, LabelsRef, METRIC_NAME, MatchOp, Matcher, Millis, Timestamp};

use super::{Call, Evaluator, QueryError, Scope, Table};
use crate::promql::ast::Expr;
use crate::promql::eval::call::first;
use crate::promql::eval::duration;
use crate::promql::eval::select::{self, LookupTimes, Want};
use crate::promql::eval::table::is_absent;
use crate::promql::eval::window::sample_at;

pub(super) const DOC: &str = "Adds to each series the labels of the info series, by default target_info, that has the \
     same instance and job. The second argument selects which labels of which info series.";

/// The labels by which a series finds its info series.
const IDENTIFYING: [&str; 2] = ["instance", "job"];
const DEFAULT_INFO: &str = "target_info";

/// The info series that a query asks for.
struct Wanted {
    /// Conditions on the metric name of info series.
    names: Vec<Matcher>,
    /// Conditions on their other labels; only these labels are added, or all
    /// where there is none.
    labels: Vec<Matcher>,
}

pub(super) fn info(
    evaluator: &Evaluator<'_>,
    call: &Call,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let base_expr = first(call)?;
    let wanted = Wanted::new(call.args.get(1))?;
    let mut base = evaluator.vector(base_expr, scope)?;
    let is_info = |labels: &LabelsRef| {
        let name = labels.metric_name().unwrap_or("");
        wanted.names.iter().all(|matcher| matcher.matches(name))
    };
    let ignored: Vec<bool> = base.labels().iter().map(|labels| is_info(labels)).collect();
    let infos = info_series(evaluator, &wanted, &base, &ignored, base_expr, scope)?;

    let infos_of = by_target(&infos);
    let mut out = evaluator.empty(scope);
    let mut row_of: HashMap<Labels, usize> = HashMap::new();
    for (index, labels) in base.stored_labels().iter().enumerate() {
        evaluator.budget.check()?;
        let candidates = infos_of.get(&target(labels)).map_or(&[][..], Vec::as_slice);
        let mut cached: Option<(Vec<usize>, Option<Labels>)> = None;
        for step in 0..scope.steps() {
            let Some(value) = sample_at(base.row(index), step) else { continue };
            let chosen =
                if ignored[index] { Vec::new() } else { newest_by_name(&infos, candidates, step)? };
            if cached.as_ref().is_none_or(|(known, _)| *known != chosen) {
                let enriched = if ignored[index] {
                    Some(labels.clone())
                } else {
                    wanted.enrich(labels, &infos, &chosen)?
                };
                cached = Some((chosen, enriched));
            }
            let Some((_, Some(enriched))) = &cached else { continue };
            let row = match row_of.get(enriched) {
                Some(row) => *row,
                None => {
                    out.push(enriched.clone())?;
                    row_of.insert(enriched.clone(), out.len() - 1);
                    out.len() - 1
                }
            };
            if out.row(row).is_present(step) {
                return Err(crate::promql::eval::table::same_labelset());
            }
            out.row_mut(row).set(step, value);
        }
    }
    out.set_names_are_one(base.names_are_one());
    out.finish()
}

impl Wanted {
    fn new(selector: Option<&Expr>) -> Result<Self, QueryError> {
        let matchers = match selector.map(Expr::unparenthesised) {
            Some(Expr::Selector(selector)) => selector.matchers.clone(),
            _ => Vec::new(),
        };
        let (mut names, labels): (Vec<_>, Vec<_>) =
            matchers.into_iter().partition(|matcher| matcher.name() == METRIC_NAME);
        if names.is_empty() {
            names.push(Matcher::equal(METRIC_NAME, DEFAULT_INFO));
        } else if names.iter().all(|matcher| matcher.op().is_negative()) {
            let any_info = Matcher::new(MatchOp::Regex, METRIC_NAME, ".+_info");
            names.push(any_info.map_err(|error| QueryError::Execution(error.to_string()))?);
        }
        Ok(Self { names, labels })
    }

    /// The labels of a series with those of its info series added; nothing where
    /// it has none although one was asked for.
    fn enrich(
        &self,
        labels: &Labels,
        infos: &Table,
        chosen: &[usize],
    ) -> Result<Option<Labels>, QueryError> {
        if chosen.is_empty() && !self.labels.iter().all(Matcher::matches_missing) {
            return Ok(None);
        }
        let mut added: BTreeMap<&str, &str> = BTreeMap::new();
        for index in chosen {
            for (name, value) in infos.stored_labels()[*index].iter() {
                let is_wanted =
                    self.labels.is_empty() || self.labels.iter().any(|m| m.name() == name);
                if name == METRIC_NAME || !is_wanted {
                    continue;
                }
                if added.get(name).is_some_and(|known| *known != value) {
                    return Err(QueryError::Execution(format!("conflicting label: {name}")));
                }
                if labels.get(name).is_none() {
                    added.insert(name, value);
                }
            }
        }
        let mut builder = labels.to_builder();
        for (name, value) in added {
            builder.set(name, value);
        }
        Ok(Some(builder.build()))
    }
}

/// The times of the samples of all info series of the targets of `base`.
fn info_series(
    evaluator: &Evaluator<'_>,
    wanted: &Wanted,
    base: &Table,
    ignored: &[bool],
    base_expr: &Expr,
    scope: &Scope,
) -> Result<Table, QueryError> {
    let mut values: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let enriched = base.stored_labels().iter().zip(ignored).filter(|(_, ignored)| !**ignored);
    for (labels, _) in enriched {
        for name in IDENTIFYING {
            if let Some(value) = labels.get(name) {
                values.entry(name).or_default().push(regex::escape(value));
            }
        }
    }
    if values.is_empty() {
        return Ok(evaluator.empty(scope));
    }
    let mut matchers: Vec<Matcher> = wanted.names.iter().chain(&wanted.labels).cloned().collect();
    for (name, mut values) in values {
        values.sort_unstable();
        values.dedup();
        // Too many targets for one expression: take all, they are matched later anyway.
        if let Ok(matcher) = Matcher::new(MatchOp::Regex, name, values.join("|")) {
            matchers.push(matcher);
        }
    }
    let (at, offset) = reference_time(evaluator, base_expr)?;
    let times = LookupTimes::new(scope, at, offset);
    let mut infos = evaluator.empty(scope);
    let sink = &mut |batch| infos.append(batch);
    select::matched(evaluator, &matchers, scope, &times, Want::Time, usize::MAX, sink)?;
    Ok(infos)
}

/// The `@` and the offset of the first selector in the expression, which hold
/// for the info series too.
fn reference_time(
    evaluator: &Evaluator<'_>,
    expr: &Expr,
) -> Result<(Option<Timestamp>, Millis), QueryError> {
    Ok(find_time(evaluator, expr)?.unwrap_or((None, Millis::ZERO)))
}

type ReferenceTime = (Option<Timestamp>, Millis);

fn find_time(evaluator: &Evaluator<'_>, expr: &Expr) -> Result<Option<ReferenceTime>, QueryError> {
    let query = &evaluator.query;
    let of_selector = |selector| -> Result<_, QueryError> {
        let selector: &crate::promql::ast::VectorSelector = selector;
        let offset = duration::of_selector(query, selector)?;
        Ok(Some((evaluator.resolve_at(selector.at), offset)))
    };
    match expr {
        Expr::Selector(selector) => of_selector(selector),
        Expr::Range(range) => of_selector(&range.selector),
        Expr::Subquery(subquery) => {
            let step = evaluator.config.subquery_step;
            let (_, _, offset) = duration::of_subquery(query, subquery, step)?;
            let inner = find_time(evaluator, &subquery.expr)?;
            Ok(inner.map(|(at, inner)| match at {
                Some(at) => (Some(at), inner),
                None => (evaluator.resolve_at(subquery.at), inner.saturating_add(offset)),
            }))
        }
        other => {
            for child in other.children() {
                if let Some(found) = find_time(evaluator, child)? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        }
    }
}

fn target(labels: &LabelsRef) -> Labels {
    labels.filtered(|name| IDENTIFYING.contains(&name))
}

fn by_target(infos: &Table) -> HashMap<Labels, Vec<usize>> {
    let mut infos_of: HashMap<Labels, Vec<usize>> = HashMap::new();
    for (index, labels) in infos.stored_labels().iter().enumerate() {
        infos_of.entry(target(labels)).or_default().push(index);
    }
    infos_of
}

/// Of the info series of each name, the one with the newest sample at `step`.
fn newest_by_name(
    infos: &Table,
    candidates: &[usize],
    step: usize,
) -> Result<Vec<usize>, QueryError> {
    let mut newest: BTreeMap<&str, usize> = BTreeMap::new();
    let time = |index: usize| infos.row(index).floats[step];
    for index in candidates.iter().copied().filter(|index| !is_absent(time(*index))) {
        let labels = &infos.stored_labels()[index];
        let known = newest.entry(labels.metric_name().unwrap_or("")).or_insert(index);
        if *known == index || time(*known) > time(index) {
            continue;
        }
        if time(*known) == time(index) {
            let (a, b) = (&infos.stored_labels()[*known], labels);
            let at = (time(index) * 1000.0).round();
            return Err(QueryError::Execution(format!(
                "found duplicate series for info metric: existing {a} @ {at}, new {b} @ {at}"
            )));
        }
        *known = index;
    }
    Ok(newest.into_values().collect())
}
