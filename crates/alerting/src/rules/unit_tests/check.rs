//! Comparing what was found with what a test expects.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use model::{Labels, Timestamp};
use query::promql::{Engine, InstantQuery, QueryOptions, SampleValue};
use query::testing::compare;
use query::testing::series_notation::{SequenceValue, parse_metric, parse_values};
use storage::SeriesStore;

use super::file::{AlertTest, ExpectedSample, ExprTest};
use crate::rules::alert::AlertState;
use crate::rules::alerting::ALERT_NAME;
use crate::rules::group::RuleGroup;
use crate::rules::recording;

/// Labels and texts of an alert.
type Alert = (Labels, BTreeMap<String, String>);

/// Whether exactly the expected alerts fire.
pub(super) fn alerts(groups: &[RuleGroup], test: &AlertTest) -> Result<(), String> {
    let mut found = Vec::new();
    for group in groups {
        let status = group.watch().read().clone();
        let rules = status.rules.iter().filter(|rule| rule.definition.name() == test.alertname);
        for alert in rules.flat_map(|rule| &rule.alerts) {
            if alert.state == AlertState::Firing {
                found.push((alert.labels.clone(), alert.annotations.clone()));
            }
        }
    }
    let mut wanted: Vec<Alert> = test
        .exp_alerts
        .iter()
        .flatten()
        .map(|alert| {
            let mut labels = alert.exp_labels.clone().unwrap_or_default();
            labels.insert(ALERT_NAME.to_owned(), test.alertname.clone());
            (Labels::from_pairs(labels), alert.exp_annotations.clone().unwrap_or_default())
        })
        .collect();
    wanted.sort();
    found.sort();
    if wanted == found {
        return Ok(());
    }
    Err(format!(
        "alertname: {}, time: {},\n    exp: {}\n    got: {}",
        test.alertname,
        test.eval_time,
        show_alerts(&wanted),
        show_alerts(&found)
    ))
}

fn show_alerts(alerts: &[Alert]) -> String {
    if alerts.is_empty() {
        return "nil".to_owned();
    }
    let mut text = String::new();
    for (labels, annotations) in alerts {
        let annotations = Labels::from_pairs(annotations);
        // Writing to a string can't fail.
        let _ = write!(text, "\n        labels: {labels}\n        annotations: {annotations}");
    }
    text
}

/// A sample that is expected or was found.
struct Sample {
    labels: Labels,
    value: SampleValue,
}

/// Whether an expression gives exactly the expected samples.
pub(super) fn expr(
    engine: &Engine,
    store: &Arc<dyn SeriesStore>,
    test: &ExprTest,
    start: Timestamp,
    is_fuzzy: bool,
) -> Result<(), String> {
    let time = start + test.eval_time.as_millis();
    let query = InstantQuery { text: test.expr.clone(), time, options: QueryOptions::default() };
    let answer = engine.instant(store, &query).map_err(|error| format!("err: {error}"))?;
    let found = recording::vector(answer.value, time).map_err(|error| format!("err: {error}"))?;
    let found = found.into_iter().map(|s| Sample { labels: s.labels, value: s.value });
    let mut found: Vec<Sample> = found.collect();
    let wanted = test.exp_samples.iter().flatten().map(expected);
    let mut wanted = wanted.collect::<Result<Vec<_>, _>>()?;
    wanted.sort_by(|a, b| a.labels.cmp(&b.labels));
    found.sort_by(|a, b| a.labels.cmp(&b.labels));
    let is_same = |(wanted, found): (&Sample, &Sample)| {
        wanted.labels == found.labels && is_same(&wanted.value, &found.value, is_fuzzy)
    };
    if wanted.len() == found.len() && wanted.iter().zip(&found).all(is_same) {
        return Ok(());
    }
    Err(format!("\n    exp: {}\n    got: {}", show_samples(&wanted), show_samples(&found)))
}

fn expected(sample: &ExpectedSample) -> Result<Sample, String> {
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

fn show_samples(samples: &[Sample]) -> String {
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
