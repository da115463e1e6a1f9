//! Unit tests for rules and expressions, in promtool's file format
//! (<https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/>).
//!
//! A file lists series, and expressions with the samples that they must give at
//! some time; recording rules run before, at every `evaluation_interval`. This
//! module reads no files: the caller hands over the texts. Tests of alerts
//! (`alert_rule_test`) are reported as not supported.

mod file;
mod recording;

use std::fmt::Write;
use std::sync::Arc;

use model::{Labels, Millis, SampleBatch, Timestamp};
use storage::{AppendOptions, SeriesStore};

pub use file::{
    ExprTest, Number, RecordingRule, Rule, RuleFile, RuleFileError, RuleGroup, TestFile, TestGroup,
};

use super::compare;
use super::memory_store::MemoryStore;
use super::series_notation::{SequenceValue, SeriesDescription, parse_metric, parse_values};
use crate::promql::{
    Engine, EngineConfig, InstantQuery, QueryOptions, SampleValue, Value, VectorSample,
};
use recording::Recorder;

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

/// A sample that is expected or was found.
struct Sample {
    labels: Labels,
    value: SampleValue,
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
        failures: run_group(&engine, tests, test, &groups),
    };
    Report { groups: tests.tests.iter().map(run_group).collect() }
}

fn run_group(
    engine: &Engine,
    tests: &TestFile,
    test: &TestGroup,
    groups: &[&RuleGroup],
) -> Vec<String> {
    let store: Arc<dyn SeriesStore> = Arc::new(MemoryStore::new());
    let start = test.start();
    let interval = test.interval(tests);
    if let Err(failure) = load(&store, test, start, interval) {
        return vec![failure];
    }
    let mut failures = Vec::new();
    if !test.alert_rule_test.is_empty() {
        failures.push("alert_rule_test is not supported yet; promql_expr_test is".to_owned());
    }
    if let Err(more) = record(engine, &store, tests, test, groups) {
        failures.extend(more);
        return failures;
    }
    let checks = test.promql_expr_test.iter();
    failures.extend(checks.filter_map(|check| {
        let fault = check_expr(engine, &store, check, start, tests.fuzzy_compare).err()?;
        Some(format!("expr: {:?}, time: {}, {fault}", check.expr, check.eval_time.0))
    }));
    failures
}

fn load(
    store: &Arc<dyn SeriesStore>,
    test: &TestGroup,
    start: Timestamp,
    interval: Millis,
) -> Result<(), String> {
    let mut batch = SampleBatch::default();
    for series in &test.input_series {
        let text = format!("{} {}", series.series, series.values);
        let description = SeriesDescription::parse(&text)
            .map_err(|error| format!("series {:?}: {error}", series.series))?;
        description.push_into(&mut batch, start, interval);
    }
    let outcome = store
        .append(&batch, &AppendOptions::default())
        .map_err(|error| format!("loading input_series: {error}"))?;
    match outcome.rejections.examples().first() {
        None => Ok(()),
        Some(refused) => Err(format!("series {}: {}", refused.labels, refused.reason)),
    }
}

/// Runs the recording rules up to the last `eval_time`; all errors of the first
/// point that has some end it.
fn record(
    engine: &Engine,
    store: &Arc<dyn SeriesStore>,
    tests: &TestFile,
    test: &TestGroup,
    groups: &[&RuleGroup],
) -> Result<(), Vec<String>> {
    let rules: usize = groups.iter().map(|group| group.rules.len()).sum();
    let (start, step) = (test.start(), tests.evaluation_interval());
    let span = test.eval_times().max().unwrap_or_default();
    if rules == 0 || test.promql_expr_test.is_empty() {
        return Ok(());
    }
    if step <= Millis::ZERO {
        return Err(vec!["evaluation_interval must be greater than 0".to_owned()]);
    }
    let evals = (span.get() / step.get()) as u64 * rules as u64;
    if evals > RULE_EVALS_MAX {
        return Err(vec![format!(
            "{evals} rule evaluations are more than {RULE_EVALS_MAX}; raise evaluation_interval"
        )]);
    }
    let mut recorders: Vec<Recorder<'_>> =
        groups.iter().flat_map(|group| Recorder::of_group(group)).collect();
    let mut at = start;
    while at <= start + span {
        let faults: Vec<String> = recorders
            .iter_mut()
            .filter_map(|recorder| {
                let fault = recorder.run(engine, store, at).err()?;
                Some(format!("rule: {}, time: {}ms, err: {fault}", recorder.name(), at))
            })
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        at = at + step;
    }
    Ok(())
}

fn check_expr(
    engine: &Engine,
    store: &Arc<dyn SeriesStore>,
    check: &ExprTest,
    start: Timestamp,
    is_fuzzy: bool,
) -> Result<(), String> {
    let time = start + check.eval_time.0.as_millis();
    let mut wanted = check.exp_samples.iter().map(expected).collect::<Result<Vec<_>, _>>()?;
    let mut found: Vec<Sample> = ask(engine, store, &check.expr, time)?
        .into_iter()
        .map(|sample| Sample { labels: sample.labels, value: sample.value })
        .collect();
    wanted.sort_by(|a, b| a.labels.cmp(&b.labels));
    found.sort_by(|a, b| a.labels.cmp(&b.labels));
    let is_same = |(wanted, found): (&Sample, &Sample)| {
        wanted.labels == found.labels && is_same(&wanted.value, &found.value, is_fuzzy)
    };
    if wanted.len() == found.len() && wanted.iter().zip(&found).all(is_same) {
        return Ok(());
    }
    Err(format!("\n    exp: {}\n    got: {}", show(&wanted), show(&found)))
}

/// The vector that an expression gives; a scalar is one without labels.
fn ask(
    engine: &Engine,
    store: &Arc<dyn SeriesStore>,
    expr: &str,
    time: Timestamp,
) -> Result<Vec<VectorSample>, String> {
    let query = InstantQuery { text: expr.to_owned(), time, options: QueryOptions::default() };
    let output = engine.instant(store, &query).map_err(|error| format!("err: {error}"))?;
    match output.value {
        Value::Vector(samples) => Ok(samples),
        Value::Scalar { timestamp, value } => Ok(vec![VectorSample {
            labels: Labels::empty(),
            timestamp,
            value: SampleValue::Float(value),
        }]),
        _ => Err("err: rule result is not a vector or scalar".to_owned()),
    }
}

fn expected(sample: &file::ExpectedSample) -> Result<Sample, String> {
    let fault = |error: &dyn std::fmt::Display| format!("labels {:?}: {error}", sample.labels);
    let labels = parse_metric(&sample.labels).map_err(|error| fault(&error))?;
    let Some(histogram) = sample.histogram.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(Sample { labels, value: SampleValue::Float(sample.value.0) });
    };
    match parse_values(histogram).map_err(|error| fault(&error))?.as_slice() {
        [SequenceValue::Histogram { histogram, .. }] => {
            Ok(Sample { labels, value: SampleValue::Histogram(Arc::clone(histogram)) })
        }
        other => Err(fault(&format!("expected one histogram, got {} values", other.len()))),
    }
}

fn is_same(wanted: &SampleValue, found: &SampleValue, is_fuzzy: bool) -> bool {
    match (wanted, found) {
        (SampleValue::Float(wanted), SampleValue::Float(found)) => {
            let is_beside = wanted.next_up() == *found || wanted.next_down() == *found;
            wanted == found || wanted.is_nan() && found.is_nan() || is_fuzzy && is_beside
        }
        (SampleValue::Histogram(wanted), SampleValue::Histogram(found)) => {
            compare::histograms_are_close(wanted, found, false)
        }
        _ => false,
    }
}

fn show(samples: &[Sample]) -> String {
    if samples.is_empty() {
        return "nil".to_owned();
    }
    let mut text = String::new();
    for sample in samples {
        let value = match &sample.value {
            SampleValue::Float(value) => compare::show_float(*value),
            SampleValue::Histogram(histogram) => compare::show_histogram(histogram),
        };
        // Writing to a string can't fail.
        let _ = write!(text, "\n        {} {value}", sample.labels);
    }
    text
}

#[cfg(test)]
mod tests;
