//! What notations stand for.

use super::*;

fn floats(text: &str) -> Vec<Option<f64>> {
    let values = parse_values(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    values
        .into_iter()
        .map(|value| match value {
            SequenceValue::Omitted => None,
            SequenceValue::Float(value) => Some(value),
            SequenceValue::Histogram { .. } => panic!("{text} has a histogram"),
        })
        .collect()
}

fn histograms(text: &str) -> Vec<Arc<Histogram>> {
    let values = parse_values(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    values
        .into_iter()
        .map(|value| match value {
            SequenceValue::Histogram { histogram, .. } => histogram,
            other => panic!("{text}: {other:?}"),
        })
        .collect()
}

#[test]
fn numbers_repeat_and_step() {
    let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
    for (text, expected) in [
        ("", some(&[])),
        ("1 2  3", some(&[1.0, 2.0, 3.0])),
        ("1x2", some(&[1.0, 1.0, 1.0])),
        ("1+2x2", some(&[1.0, 3.0, 5.0])),
        ("-1-2x2 7", some(&[-1.0, -3.0, -5.0, 7.0])),
        ("1e2+1e-1x1", some(&[100.0, 100.1])),
        (".5 5. +3", some(&[0.5, 5.0, 3.0])),
        ("Inf -inf 0x0", some(&[f64::INFINITY, f64::NEG_INFINITY, 0.0])),
        ("_ 1 _x2", vec![None, Some(1.0), None, None]),
    ] {
        assert_eq!(floats(text), expected, "{text}");
    }
    assert!(floats("NaN")[0].unwrap().is_nan());
    assert!(model::sample::is_stale_nan(floats("stale")[0].unwrap()));
    assert!(!model::sample::is_stale_nan(floats("NaN")[0].unwrap()));
}

#[test]
fn faults_are_named() {
    for (text, reason) in [
        ("a", "expected a number"),
        ("1+2", "a step needs a number of repetitions"),
        ("1x", "invalid repetition"),
        ("1x-1", "invalid repetition"),
        ("1 2x9999999", "more than 1000000 values"),
        ("1x18446744073709551615", "invalid repetition"),
        ("{{schema:1", "without closing braces"),
        ("{{schema:1 schema:1}}", "duplicate key"),
        ("{{color:1}}", "bad histogram descriptor"),
        ("{{schema:1000}}", "no such schema"),
        ("{{schema:1.5}}", "expected an integer"),
        ("{{buckets:1}}", "expected [numbers]"),
        ("{{schema:1}}+{{schema:0}}x2", "cannot merge from schema 0 to 1"),
        ("1{{}}", "a blank is missing"),
    ] {
        let error = parse_values(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn label_sets_end_where_values_begin() {
    for (text, labels, values) in [
        ("up 1", r#"up"#, 1),
        (r#"up{a="b"} 1 2"#, r#"up{a="b"}"#, 2),
        (r#"up{a="} 1", b='"}\''} 1"#, r#"up{a="} 1", b="\"}'"}"#, 1),
        (r#"{a="b"}1"#, r#"{a="b"}"#, 1),
        (r#"{"a.b", c="d"} _"#, r#"{"a.b", c="d"}"#, 1),
        ("up {{}} 1", "up", 2),
        ("sum 1", "sum", 1),
        ("{} 1", "{}", 1),
    ] {
        let series = SeriesDescription::parse(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(series.labels.to_string(), labels, "{text}");
        assert_eq!(series.values.len(), values, "{text}");
    }
    assert!(parse_metric(r#"{a=~"b"}"#).unwrap_err().to_string().contains("`=` only"));
}

#[test]
fn histograms_have_all_their_fields() {
    let text = "{{schema:1 sum:-0.3 count:7.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7] \
                offset:-3 n_buckets:[4.1 5] n_offset:-5 counter_reset_hint:gauge}}";
    let histogram = &histograms(text)[0];
    assert_eq!((histogram.schema, histogram.sum, histogram.count), (1, -0.3, 7.1));
    assert_eq!((histogram.zero_count, histogram.zero_threshold), (7.1, 0.05));
    assert_eq!(histogram.positive.iter().collect::<Vec<_>>(), [(-3, 5.1), (-2, 10.0), (-1, 7.0)]);
    assert_eq!(histogram.negative.iter().collect::<Vec<_>>(), [(-5, 4.1), (-4, 5.0)]);
    assert_eq!(histogram.reset_hint, model::histogram::ResetHint::Gauge);
    let custom = &histograms("{{schema:-53 custom_values:[1 5 10] buckets:[1 0 2 3]}}")[0];
    assert_eq!(custom.custom_bounds, [1.0, 5.0, 10.0]);
    assert_eq!(histograms("{{ }}")[0].schema, 0);
}

#[test]
fn histograms_repeat_and_step() {
    let counts = |text: &str| histograms(text).iter().map(|h| h.count).collect::<Vec<_>>();
    assert_eq!(counts("{{count:2}}x2"), [2.0, 2.0, 2.0]);
    assert_eq!(counts("{{count:2}}+{{count:3}}x2"), [2.0, 5.0, 8.0]);
    assert_eq!(counts("{{count:9}}-{{count:3}}x2 {{count:1}}"), [9.0, 6.0, 3.0, 1.0]);
    // Schema 1 has two buckets where schema 0 has one.
    let summed =
        histograms("{{schema:0 buckets:[1 1]}}+{{schema:1 offset:-2 buckets:[1 2 4 8]}}x1");
    let buckets: Vec<_> = summed[1].positive.iter().collect();
    assert_eq!(buckets, [(-1, 1.0), (0, 1.0 + 6.0), (1, 1.0 + 8.0)]);
}

#[test]
fn values_stand_an_interval_apart() {
    let mut batch = SampleBatch::default();
    let series = SeriesDescription::parse("up 1 _ 3 {{count:4}}").unwrap();
    series.push_into(&mut batch, Timestamp::from_millis(5), Millis::new(10));
    let view = batch.view(0);
    assert_eq!(view.timestamps, [5, 25].map(Timestamp::from_millis));
    assert_eq!(view.histograms[0].0, Timestamp::from_millis(35));
}
