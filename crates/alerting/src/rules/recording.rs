//! A recording rule at one time: its expression's series under another name.

use std::collections::BTreeMap;

use model::{Labels, METRIC_NAME, Timestamp};
use query::promql::{SampleValue, VectorSample};

/// The series that a recording rule writes.
///
/// # Errors
/// Where two would be the same, or there are more than `limit` (0 is none).
pub(super) fn evaluate(
    name: &str,
    labels: &BTreeMap<String, String>,
    found: Vec<VectorSample>,
    limit: usize,
) -> Result<Vec<(Labels, SampleValue)>, String> {
    let mut series: Vec<(Labels, SampleValue)> = found
        .into_iter()
        .map(|sample| {
            let mut builder = sample.labels.to_builder();
            builder.set(METRIC_NAME, name);
            for (name, value) in labels {
                builder.set(name, value);
            }
            (builder.build(), sample.value)
        })
        .collect();
    series.sort_by(|(a, _), (b, _)| a.cmp(b));
    if series.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(
            "vector contains metrics with the same labelset after applying rule labels".to_owned()
        );
    }
    if limit > 0 && series.len() > limit {
        return Err(format!("exceeded limit of {limit} with {} series", series.len()));
    }
    Ok(series)
}

/// The vector that an expression gave; a number is a series without labels.
pub(super) fn vector(
    value: query::promql::Value,
    at: Timestamp,
) -> Result<Vec<VectorSample>, String> {
    use query::promql::Value;
    match value {
        Value::Vector(samples) => Ok(samples),
        Value::Scalar { value, .. } => Ok(vec![VectorSample {
            labels: Labels::empty(),
            timestamp: at,
            value: SampleValue::Float(value),
        }]),
        _ => Err("rule result is not a vector or scalar".to_owned()),
    }
}
