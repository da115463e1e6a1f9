//! Unit tests for rules, in promtool's file format
//! (<https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/>).
//!
//! A file lists series, the alerts that must fire at some times, and
//! expressions with the samples that they must give. All rules run before, at
//! every `evaluation_interval`, with the same code as in the server. This module
//! reads no files: the caller hands over the texts.

mod check;
mod file;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Millis, SampleBatch, Timestamp};
use pipeline::Sink;
use query::promql::{Engine, EngineConfig};
use query::testing::memory_store::MemoryStore;
use query::testing::series_notation::SeriesDescription;
use storage::{AppendOptions, Cancel, SeriesStore};

use super::file::{GroupDefinition, RuleFile};
use super::group::{EvaluationContext, GroupSettings, RuleGroup};

pub use file::{AlertTest, ExpectedAlert, ExpectedSample, ExprTest, TestFile, TestGroup};

/// The most evaluations of all rules together that one group of tests may ask for.
pub const RULE_EVALS_MAX: u64 = 10_000_000;

/// What came of a file of tests.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What came of each of its groups of tests.
    pub groups: Vec<GroupReport>,
}

/// What came of one group of tests.
#[derive(Clone, Debug, Default)]
pub struct GroupReport {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// What failed, each on one or several lines.
    pub failures: Vec<String>,
}

impl Report {
    /// Whether nothing failed.
    pub fn is_success(&self) -> bool {
        self.groups.iter().all(|group| group.failures.is_empty())
    }
}

/// Runs all tests of a file against the rules of the files that it names.
pub fn run(tests: &TestFile, rule_files: &[RuleFile]) -> Report {
    let engine = Engine::new(EngineConfig {
        experimental: true,
        subquery_step: tests.evaluation_interval(),
        ..EngineConfig::default()
    });
    let groups = tests.ordered(rule_files);
    let run_group = |test: &TestGroup| GroupReport {
        name: test.name.clone(),
        failures: match Bench::new(&engine, tests, test) {
            Ok(bench) => bench.run(&groups),
            Err(failure) => vec![failure],
        },
    };
    Report { groups: tests.tests.iter().map(run_group).collect() }
}

/// The series and the place of one group of tests.
struct Bench<'a> {
    engine: &'a Engine,
    store: Arc<dyn SeriesStore>,
    sink: Sink,
    tests: &'a TestFile,
    test: &'a TestGroup,
    external_labels: BTreeMap<String, String>,
}

impl<'a> Bench<'a> {
    fn new(engine: &'a Engine, tests: &'a TestFile, test: &'a TestGroup) -> Result<Self, String> {
        let store: Arc<dyn SeriesStore> = Arc::new(MemoryStore::new());
        load(&store, tests, test)?;
        let sink = Sink::new(Arc::clone(&store));
        let external_labels = test.external_labels.clone().unwrap_or_default();
        Ok(Self { engine, store, sink, tests, test, external_labels })
    }

    fn run(&self, groups: &[&GroupDefinition]) -> Vec<String> {
        let mut failures = match self.evaluate(groups) {
            Ok(failures) => failures,
            Err(failures) => return failures,
        };
        let start = self.test.start();
        failures.extend(self.test.promql_expr_test.iter().flatten().filter_map(|test| {
            let is_fuzzy = self.tests.fuzzy_compare;
            let fault = check::expr(self.engine, &self.store, test, start, is_fuzzy).err()?;
            Some(format!("expr: {:?}, time: {}, {fault}", test.expr, test.eval_time))
        }));
        failures
    }

    /// Runs the rules up to the last time that a test looks at, and checks
    /// alerts on the way; the errors of the first point that has some end it.
    fn evaluate(&self, groups: &[&GroupDefinition]) -> Result<Vec<String>, Vec<String>> {
        let (start, step) = (self.test.start(), self.tests.evaluation_interval());
        let span = self.test.eval_times().max().unwrap_or_default();
        check_cost(groups, span, step).map_err(|failure| vec![failure])?;
        let settings = GroupSettings {
            interval: step,
            restores_state: false,
            concurrency_max: 1,
            ..GroupSettings::default()
        };
        let new = |group: &&GroupDefinition| RuleGroup::new("", (*group).clone(), settings);
        let mut groups: Vec<RuleGroup> = groups.iter().map(new).collect();
        let mut failures = Vec::new();
        let mut at = start;
        while at <= start + span {
            let faults = self.evaluate_at(&mut groups, at);
            if !faults.is_empty() {
                return Err(faults);
            }
            let due = self.test.alert_rule_test.iter().flatten().filter(|test| {
                let time = start + test.eval_time.as_millis();
                at <= time && time < at + step
            });
            failures.extend(due.filter_map(|test| check::alerts(&groups, test).err()));
            at = at + step;
        }
        Ok(failures)
    }

    /// Runs all groups; the errors of their rules.
    fn evaluate_at(&self, groups: &mut [RuleGroup], at: Timestamp) -> Vec<String> {
        let context = EvaluationContext {
            engine: self.engine,
            store: &self.store,
            sink: &self.sink,
            external_labels: &self.external_labels,
            external_url: self.test.external_url.as_deref().unwrap_or_default(),
            cancel: &Cancel::new(),
        };
        let mut faults = Vec::new();
        for group in groups {
            group.evaluate(&context, at);
            let status = group.watch().read().clone();
            faults.extend(status.rules.iter().filter_map(|rule| {
                let error = rule.last_error.as_ref()?;
                let name = rule.definition.name();
                Some(format!("rule: {name}, time: {}ms, err: {error}", at.as_millis()))
            }));
        }
        faults
    }
}

fn load(store: &Arc<dyn SeriesStore>, tests: &TestFile, test: &TestGroup) -> Result<(), String> {
    let mut batch = SampleBatch::default();
    for series in test.input_series.iter().flatten() {
        let text = format!("{} {}", series.series, series.values);
        let description = SeriesDescription::parse(&text)
            .map_err(|error| format!("series {:?}: {error}", series.series))?;
        description.push_into(&mut batch, test.start(), test.interval(tests));
    }
    let outcome = store
        .append(&batch, &AppendOptions::default())
        .map_err(|error| format!("loading input_series: {error}"))?;
    match outcome.rejections.examples().first() {
        None => Ok(()),
        Some(refused) => Err(format!("series {}: {}", refused.labels, refused.reason)),
    }
}

fn check_cost(groups: &[&GroupDefinition], span: Millis, step: Millis) -> Result<(), String> {
    if step <= Millis::ZERO {
        return Err("evaluation_interval must be greater than 0".to_owned());
    }
    let rules: usize = groups.iter().map(|group| group.rules.len()).sum();
    let evals = (span.get() / step.get() + 1).unsigned_abs().saturating_mul(rules as u64);
    match evals <= RULE_EVALS_MAX {
        true => Ok(()),
        false => Err(format!(
            "{evals} rule evaluations are more than {RULE_EVALS_MAX}; raise evaluation_interval"
        )),
    }
}

#[cfg(test)]
mod tests;
