//! Answers of the Prometheus API as Grafana's data frames: columns with a schema.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::grafana::error::GrafanaError;

type Labels = BTreeMap<String, String>;
type Sample = (f64, String);

#[derive(Deserialize)]
struct Series {
    metric: Labels,
    #[serde(default)]
    value: Option<Sample>,
    #[serde(default)]
    values: Vec<Sample>,
    #[serde(default)]
    histogram: Option<Value>,
    #[serde(default)]
    histograms: Vec<Value>,
}

impl Series {
    fn has_histograms(&self) -> bool {
        self.histogram.is_some() || !self.histograms.is_empty()
    }

    fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.value.iter().chain(&self.values)
    }
}

/// What is said of a query beside its data.
pub(super) struct Legend<'a> {
    pub(super) ref_id: &'a str,
    /// `{{label}}` stands for a label's value.
    pub(super) format: &'a str,
}

/// The frames of an answer: one for each series, or with `is_table` one for all.
///
/// # Errors
/// Where the answer is not of a shape that Prometheus answers in.
pub(super) fn of(
    data: &Value,
    legend: &Legend<'_>,
    expr: &str,
    step_ms: Option<i64>,
    is_table: bool,
) -> Result<Vec<Value>, GrafanaError> {
    let kind = data["resultType"].as_str().unwrap_or("");
    let result = &data["result"];
    let fault = |error: serde_json::Error| {
        GrafanaError::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the answer: {error}"))
    };
    let series: Vec<Series> = match kind {
        "scalar" => {
            let value = Sample::deserialize(result).map_err(fault)?;
            vec![Series {
                metric: Labels::new(),
                value: Some(value),
                values: Vec::new(),
                histogram: None,
                histograms: Vec::new(),
            }]
        }
        "vector" | "matrix" => Vec::deserialize(result).map_err(fault)?,
        _ => {
            let message = format!("an answer of type {kind:?} has no frames");
            return Err(GrafanaError::bad_request(message));
        }
    };
    let meta = meta(kind, expr, step_ms, series.iter().any(Series::has_histograms));
    if is_table {
        return Ok(vec![table(&series, legend, &meta)]);
    }
    let with_samples = series.iter().filter(|series| series.samples().next().is_some());
    Ok(with_samples.map(|series| frame(series, legend, &meta, step_ms)).collect())
}

fn meta(kind: &str, expr: &str, step_ms: Option<i64>, has_histograms: bool) -> Value {
    let step = step_ms.map_or_else(String::new, |ms| format!("\nStep: {}s", ms as f64 / 1000.0));
    let mut meta = json!({
        "type": if kind == "matrix" { "timeseries-multi" } else { "numeric-multi" },
        "typeVersion": [0, 1],
        "custom": {"resultType": kind},
        "executedQueryString": format!("Expr: {expr}{step}"),
    });
    if has_histograms {
        meta["notices"] = json!([{
            "severity": "warning",
            "text": "native histograms have no frames here and were left out; ask the Prometheus API for them",
        }]);
    }
    meta
}

fn frame(series: &Series, legend: &Legend<'_>, meta: &Value, step_ms: Option<i64>) -> Value {
    let name = display_name(&series.metric, legend.format);
    let mut labels = series.metric.clone();
    let metric = labels.remove("__name__");
    let times: Vec<i64> = series.samples().map(|(at, _)| millis(*at)).collect();
    let (values, entities) = numbers(series.samples());
    let time_config = step_ms.map_or_else(|| json!({}), |ms| json!({"interval": ms}));
    json!({
        "schema": {
            "name": name,
            "refId": legend.ref_id,
            "meta": meta,
            "fields": [
                time_field(&time_config),
                {
                    "name": metric.unwrap_or_else(|| "Value".to_owned()),
                    "type": "number",
                    "typeInfo": {"frame": "float64"},
                    "labels": labels,
                    "config": {"displayNameFromDS": name},
                },
            ],
        },
        "data": {"values": [times, values], "entities": [null, entities]},
    })
}

fn time_field(config: &Value) -> Value {
    json!({"name": "Time", "type": "time", "typeInfo": {"frame": "time.Time"}, "config": config})
}

/// One row for each sample, one column for each label.
fn table(series: &[Series], legend: &Legend<'_>, meta: &Value) -> Value {
    let names: BTreeSet<&String> = series.iter().flat_map(|series| series.metric.keys()).collect();
    let rows: Vec<(&Labels, &Sample)> = series
        .iter()
        .flat_map(|series| series.samples().map(|sample| (&series.metric, sample)))
        .collect();
    let times: Vec<i64> = rows.iter().map(|(_, (at, _))| millis(*at)).collect();
    let (numbers, number_entities) = numbers(rows.iter().map(|(_, sample)| *sample));
    let (mut fields, mut values) = (vec![time_field(&json!({}))], vec![json!(times)]);
    let mut entities = vec![Value::Null];
    for name in names {
        let column: Vec<&str> =
            rows.iter().map(|(labels, _)| labels.get(name).map_or("", String::as_str)).collect();
        fields.push(json!({
            "name": name,
            "type": "string",
            "typeInfo": {"frame": "string"},
            "config": {"filterable": true},
        }));
        values.push(json!(column));
        entities.push(Value::Null);
    }
    fields.push(json!({
        "name": "Value",
        "type": "number",
        "typeInfo": {"frame": "float64"},
        "config": {},
    }));
    values.push(numbers);
    entities.push(number_entities);
    json!({
        "schema": {"refId": legend.ref_id, "meta": meta, "fields": fields},
        "data": {"values": values, "entities": entities},
    })
}

fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

/// A column of numbers. JSON has no infinity and no NaN: they are null, and their rows are
/// listed beside.
fn numbers<'a>(samples: impl Iterator<Item = &'a Sample>) -> (Value, Value) {
    let (mut column, mut nan, mut infinite, mut negative) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (row, (_, text)) in samples.enumerate() {
        let number: f64 = text.parse().unwrap_or(f64::NAN);
        if number.is_finite() {
            column.push(json!(number));
            continue;
        }
        column.push(Value::Null);
        if number.is_nan() {
            nan.push(row);
        } else if number > 0.0 {
            infinite.push(row);
        } else {
            negative.push(row);
        }
    }
    let is_plain = nan.is_empty() && infinite.is_empty() && negative.is_empty();
    let entities = if is_plain {
        Value::Null
    } else {
        json!({"NaN": nan, "Inf": infinite, "NegInf": negative})
    };
    (column.into(), entities)
}

fn display_name(metric: &Labels, format: &str) -> String {
    if !format.is_empty() && format != "__auto" {
        return from_legend(metric, format);
    }
    let name = metric.get("__name__").map_or("", String::as_str);
    let pairs: Vec<String> = metric
        .iter()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    match (name, pairs.is_empty()) {
        ("", true) => "Value".to_owned(),
        (name, true) => name.to_owned(),
        (name, false) => format!("{name}{{{}}}", pairs.join(", ")),
    }
}

fn from_legend(metric: &Labels, format: &str) -> String {
    let (mut out, mut rest) = (String::new(), format);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((label, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(metric.get(label.trim()).map_or("", String::as_str));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEGEND: Legend<'_> = Legend { ref_id: "A", format: "" };

    #[test]
    fn a_matrix_is_a_frame_for_each_series() {
        let data = json!({"resultType": "matrix", "result": [
            {"metric": {"__name__": "up", "job": "a"}, "values": [[1.5, "1"], [2, "+Inf"], [3, "NaN"]]},
            {"metric": {"job": "b"}, "histograms": [[1, {}]]},
        ]});
        let frames = of(&data, &LEGEND, "up", Some(1000), false).unwrap();
        assert_eq!(frames.len(), 1);
        let frame = &frames[0];
        assert_eq!(frame["data"]["values"], json!([[1500, 2000, 3000], [1.0, null, null]]));
        assert_eq!(frame["data"]["entities"][1], json!({"NaN": [2], "Inf": [1], "NegInf": []}));
        let field = &frame["schema"]["fields"][1];
        assert_eq!((&field["name"], &field["labels"]), (&json!("up"), &json!({"job": "a"})));
        assert_eq!(field["config"]["displayNameFromDS"], "up{job=\"a\"}");
        assert_eq!(frame["schema"]["meta"]["executedQueryString"], "Expr: up\nStep: 1s");
        assert_eq!(frame["schema"]["meta"]["notices"][0]["severity"], "warning");
    }

    #[test]
    fn a_vector_is_a_table_where_that_is_wanted() {
        let data = json!({"resultType": "vector", "result": [
            {"metric": {"a": "x"}, "value": [1, "2"]},
            {"metric": {"b": "y"}, "value": [1, "3"]},
        ]});
        assert_eq!(of(&data, &LEGEND, "e", None, false).unwrap().len(), 2);
        let frames = of(&data, &LEGEND, "e", None, true).unwrap();
        let values = &frames[0]["data"]["values"];
        assert_eq!(*values, json!([[1000, 1000], ["x", ""], ["", "y"], [2.0, 3.0]]));
    }

    #[test]
    fn scalars_and_legends() {
        let data = json!({"resultType": "scalar", "result": [1, "2"]});
        let frames = of(&data, &LEGEND, "2", None, false).unwrap();
        assert_eq!(frames[0]["schema"]["fields"][1]["name"], "Value");
        assert!(of(&json!({"resultType": "string"}), &LEGEND, "", None, false).is_err());
        let metric = [("job".to_owned(), "a".to_owned())].into();
        assert_eq!(display_name(&metric, "{{ job }}/{{none}} {{"), "a/ {{");
        assert_eq!(display_name(&metric, "__auto"), "{job=\"a\"}");
    }
}
