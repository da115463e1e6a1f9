//! Running scripts.

use std::sync::Arc;

use model::{Millis, SampleBatch, Timestamp};
use storage::{AppendOptions, SeriesStore};

use super::check;
use super::read::{self, Command, Eval, EvalKind, Expected};
use super::{Failure, Report, When};
use crate::promql::{
    Engine, InstantQuery, QueryError, QueryOptions, QueryOutput, RangeQuery, Value,
};
use crate::testing::memory_store::MemoryStore;
use crate::testing::series_notation::SeriesDescription;

/// Half of the range query that checks an instant evaluation.
const AROUND: Millis = Millis::from_secs(60);

/// Runs a script to its end, whatever fails on the way.
pub fn run(script: &str, engine: &Engine) -> Report {
    let mut report = Report::default();
    let steps = match read::read(script) {
        Ok(steps) => steps,
        Err(failure) => {
            report.failures.push(failure);
            return report;
        }
    };
    let memory = Arc::new(MemoryStore::new());
    let store: Arc<dyn SeriesStore> = Arc::clone(&memory) as _;
    for step in steps {
        let result = match step.command {
            Command::Clear => {
                memory.clear();
                Ok(())
            }
            Command::Load { interval, series } => load(&store, interval, &series),
            Command::Eval(eval) => {
                report.evals += 1;
                evaluate(engine, &store, &eval).map_err(|fault| format!("{}\n{fault}", eval.text))
            }
        };
        report.failures.extend(result.err().map(|message| Failure { line: step.line, message }));
    }
    report
}

fn load(
    store: &Arc<dyn SeriesStore>,
    interval: Millis,
    series: &[SeriesDescription],
) -> Result<(), String> {
    let mut batch = SampleBatch::default();
    for description in series {
        description.push_into(&mut batch, Timestamp::from_millis(0), interval);
    }
    let outcome = store
        .append(&batch, &AppendOptions::default())
        .map_err(|error| format!("load failed: {error}"))?;
    match outcome.rejections.examples().first() {
        None => Ok(()),
        Some(example) => Err(format!("{}: {}", example.labels, example.reason)),
    }
}

fn evaluate(engine: &Engine, store: &Arc<dyn SeriesStore>, eval: &Eval) -> Result<(), String> {
    let result = ask(engine, store, &eval.text, eval.when);
    if eval.kind == EvalKind::Fail {
        return match result {
            Ok(output) => Err(format!("should fail, but gives\n{}", check::show(&output.value))),
            Err(error) => check::contains_all(&eval.messages, &[error.to_string()]),
        };
    }
    let output = result.map_err(|error| format!("fails: {error}"))?;
    check::value(eval, &output.value)?;
    annotations(eval, &output)?;
    match eval.when {
        When::Instant(at) if makes_sense_as_range(eval, &output.value) => {
            as_range(engine, store, eval, at)
        }
        _ => Ok(()),
    }
}

fn ask(
    engine: &Engine,
    store: &Arc<dyn SeriesStore>,
    text: &str,
    when: When,
) -> Result<QueryOutput, QueryError> {
    let (text, options) = (text.to_owned(), QueryOptions::default());
    match when {
        When::Instant(time) => engine.instant(store, &InstantQuery { text, time, options }),
        When::Range { start, end, step } => {
            engine.range(store, &RangeQuery { text, start, end, step, options })
        }
    }
}

fn annotations(eval: &Eval, output: &QueryOutput) -> Result<(), String> {
    let found = &output.annotations;
    let wanted = match eval.kind {
        EvalKind::Warn => &found.warnings,
        EvalKind::Info => &found.infos,
        _ => &Vec::new(),
    };
    if wanted.is_empty() && matches!(eval.kind, EvalKind::Warn | EvalKind::Info) {
        return Err(format!(
            "should warn or inform; has warnings {:?} and infos {:?}",
            found.warnings, found.infos
        ));
    }
    if eval.kind != EvalKind::Warn && !found.warnings.is_empty() {
        return Err(format!("has unexpected warnings: {:?}", found.warnings));
    }
    check::contains_all(&eval.messages, wanted)
}

/// Texts and range vectors are no results of range queries; an order has no
/// meaning there; and what names the query's own times changes with them.
fn makes_sense_as_range(eval: &Eval, value: &Value) -> bool {
    const NAMES_TIMES: [&str; 6] =
        ["start()", "end()", "step()", "range()", "limitk", "limit_ratio"];
    matches!(value, Value::Scalar { .. } | Value::Vector(_))
        && eval.kind != EvalKind::Ordered
        && !NAMES_TIMES.iter().any(|name| eval.text.contains(name))
}

/// The same expression as the middle of a range query.
fn as_range(
    engine: &Engine,
    store: &Arc<dyn SeriesStore>,
    eval: &Eval,
    at: Timestamp,
) -> Result<(), String> {
    let when = When::Range { start: at - AROUND, end: at + AROUND, step: AROUND };
    let output = ask(engine, store, &eval.text, when)
        .map_err(|error| format!("fails as part of a range query: {error}"))?;
    let Value::Matrix(series) = &output.value else {
        return Err("a range query gives no matrix".into());
    };
    let middle = check::at(series, at);
    let middle = match (&eval.expected, middle.as_slice()) {
        (Expected::Scalar(_), [only]) => match only.value {
            crate::promql::SampleValue::Float(value) => Value::Scalar { timestamp: at, value },
            _ => Value::Vector(middle),
        },
        _ => Value::Vector(middle),
    };
    check::value(eval, &middle).map_err(|fault| format!("as part of a range query: {fault}"))
}
