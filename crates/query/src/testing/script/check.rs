//! Comparing what a script expects with what an engine gives.

use std::fmt::Write;
use std::sync::Arc;

use model::{Labels, Millis, SampleColumns, Timestamp};

use super::When;
use super::read::{Eval, EvalKind, Expected, Series, Wanted};
use crate::promql::{MatrixSeries, SampleValue, Value, VectorSample};
use crate::testing::compare;
use crate::testing::series_notation::SequenceValue;

/// Checks a value; the error shows what differs.
pub(super) fn value(eval: &Eval, value: &Value) -> Result<(), String> {
    match (&eval.expected, value) {
        (Expected::Scalar(wanted), Value::Scalar { value, .. }) => {
            check_one(wanted, &SampleValue::Float(*value))
        }
        (Expected::Text(wanted), Value::String { value, .. }) => {
            if wanted == value {
                Ok(())
            } else {
                Err(format!("expected {wanted:?}, got {value:?}"))
            }
        }
        (Expected::Series(wanted), Value::Vector(found)) => {
            let found = found.iter().map(|sample| (&sample.labels, vec![Some(&sample.value)]));
            check_series(wanted, found.collect(), eval.kind == EvalKind::Ordered)
        }
        (Expected::Series(wanted), Value::Matrix(found)) => {
            let columns: Vec<_> =
                found.iter().map(|series| (&series.labels, steps(eval.when, series))).collect();
            let found = columns.iter().map(|(labels, values)| {
                (*labels, values.iter().map(Option::as_ref).collect::<Vec<_>>())
            });
            check_series(wanted, found.collect(), eval.kind == EvalKind::Ordered)
        }
        (Expected::Scalar(wanted), Value::Matrix(found)) => match found.as_slice() {
            [only] if only.labels.is_empty() => {
                let values = steps(eval.when, only);
                check_values(wanted, &values.iter().map(Option::as_ref).collect::<Vec<_>>())
            }
            _ => Err(format!("expected a scalar, got\n{}", show(value))),
        },
        (_, value) => {
            Err(format!("expected another type, got {}\n{}", value.type_name(), show(value)))
        }
    }
}

/// The elements of a matrix at one point.
pub(super) fn at(series: &[MatrixSeries], at: Timestamp) -> Vec<VectorSample> {
    let found = series.iter().filter_map(|series| {
        let value = sample_at(&series.samples, at)?;
        Some(VectorSample { labels: series.labels.clone(), timestamp: at, value })
    });
    found.collect()
}

/// Whether each part stands in one of the texts.
pub(super) fn contains_all(parts: &[String], texts: &[String]) -> Result<(), String> {
    match parts.iter().find(|part| !texts.iter().any(|text| text.contains(*part))) {
        None => Ok(()),
        Some(part) => Err(format!("expected a message with {part:?}, got {texts:?}")),
    }
}

/// A value as text, one element a line.
pub(super) fn show(value: &Value) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = match value {
        Value::Scalar { value, .. } => write!(text, "  {}", compare::show_float(*value)),
        Value::String { value, .. } => write!(text, "  {value:?}"),
        Value::Vector(samples) => samples.iter().try_for_each(|sample| {
            writeln!(text, "  {} {}", sample.labels, show_value(&sample.value))
        }),
        Value::Matrix(series) => series.iter().try_for_each(|series| {
            write!(text, "  {}", series.labels)?;
            for (at, value) in samples(&series.samples) {
                write!(text, " {}@{at}", show_value(&value))?;
            }
            writeln!(text)
        }),
    };
    text
}

fn check_series(
    wanted: &[Series],
    mut found: Vec<(&Labels, Vec<Option<&SampleValue>>)>,
    is_ordered: bool,
) -> Result<(), String> {
    let mut faults = String::new();
    for (place, series) in wanted.iter().enumerate() {
        let position = match is_ordered {
            true => (!found.is_empty() && *found[0].0 == series.labels).then_some(0),
            false => found.iter().position(|(labels, _)| **labels == series.labels),
        };
        let Some(position) = position else {
            faults += &format!("  expected {} in place {place}, not found\n", series.labels);
            continue;
        };
        let (labels, values) = found.remove(position);
        if let Err(fault) = check_values(&series.values, &values) {
            faults += &format!("  {labels}: {fault}\n");
        }
    }
    for (labels, values) in found {
        let values: Vec<_> =
            values.iter().map(|value| value.map_or("_".into(), show_value)).collect();
        faults += &format!("  not expected: {labels} {}\n", values.join(" "));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check_values(wanted: &[Wanted], found: &[Option<&SampleValue>]) -> Result<(), String> {
    let fits = wanted.len() == found.len()
        && wanted.iter().zip(found).all(|(wanted, found)| is_wanted(wanted, *found));
    if fits {
        return Ok(());
    }
    let wanted: Vec<_> = wanted.iter().map(show_wanted).collect();
    let found: Vec<_> = found.iter().map(|value| value.map_or("_".into(), show_value)).collect();
    Err(format!("expected {}, got {}", wanted.join(" "), found.join(" ")))
}

fn check_one(wanted: &[Wanted], found: &SampleValue) -> Result<(), String> {
    check_values(wanted, &[Some(found)])
}

fn is_wanted(wanted: &Wanted, found: Option<&SampleValue>) -> bool {
    match (&wanted.value, found) {
        (SequenceValue::Omitted, None) => true,
        (SequenceValue::Float(wanted_value), Some(SampleValue::Float(found))) => {
            if wanted.is_exact {
                compare::floats_are_same(*wanted_value, *found)
            } else {
                compare::floats_are_close(*wanted_value, *found)
            }
        }
        (
            SequenceValue::Histogram { histogram, names_hint },
            Some(SampleValue::Histogram(found)),
        ) => compare::histograms_are_close(histogram, found, *names_hint),
        _ => false,
    }
}

/// The values of a series at each step of a range.
fn steps(when: When, series: &MatrixSeries) -> Vec<Option<SampleValue>> {
    match when {
        // A range vector: what it holds, whenever.
        When::Instant(_) => samples(&series.samples).map(|(_, value)| Some(value)).collect(),
        When::Range { start, end, step } => {
            points(start, end, step).map(|point| sample_at(&series.samples, point)).collect()
        }
    }
}

fn points(start: Timestamp, end: Timestamp, step: Millis) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(start), move |at| Some(*at + step)).take_while(move |at| *at <= end)
}

fn sample_at(samples: &SampleColumns, at: Timestamp) -> Option<SampleValue> {
    let float = samples.floats.timestamps.binary_search(&at).ok();
    let histogram = samples.histograms.timestamps.binary_search(&at).ok();
    float.map(|index| SampleValue::Float(samples.floats.values[index])).or_else(|| {
        histogram
            .map(|index| SampleValue::Histogram(Arc::clone(&samples.histograms.histograms[index])))
    })
}

/// All samples of a series, by time.
fn samples(samples: &SampleColumns) -> impl Iterator<Item = (Timestamp, SampleValue)> {
    let mut times: Vec<Timestamp> = samples.floats.timestamps.clone();
    times.extend(&samples.histograms.timestamps);
    times.sort_unstable();
    times.into_iter().filter_map(|at| sample_at(samples, at).map(|value| (at, value)))
}

fn show_value(value: &SampleValue) -> String {
    match value {
        SampleValue::Float(value) => compare::show_float(*value),
        SampleValue::Histogram(histogram) => compare::show_histogram(histogram),
    }
}

fn show_wanted(wanted: &Wanted) -> String {
    let value = match &wanted.value {
        SequenceValue::Omitted => "_".to_owned(),
        SequenceValue::Float(value) => compare::show_float(*value),
        SequenceValue::Histogram { histogram, .. } => compare::show_histogram(histogram),
    };
    if wanted.is_exact { value + "!" } else { value }
}
