//! Bodies made of messages: every type, every form of a histogram, and broken ones.

use proptest::prelude::*;

use super::super::super::parse_series_key;
use super::*;

const BOTH: HistogramForms = HistogramForms { native: true, classic_beside_native: true };
const NATIVE: HistogramForms = HistogramForms { native: true, classic_beside_native: false };
const CLASSIC: HistogramForms = HistogramForms { native: false, classic_beside_native: false };

fn label(name: &str, value: &str) -> proto::LabelPair {
    proto::LabelPair { name: name.into(), value: value.into() }
}

fn family(name: &str, kind: MetricType, metric: Vec<proto::Metric>) -> proto::MetricFamily {
    proto::MetricFamily {
        name: name.into(),
        kind: kind as i32,
        metric,
        ..proto::MetricFamily::default()
    }
}

fn body(families: &[proto::MetricFamily]) -> Vec<u8> {
    families.iter().flat_map(|family| family.encode_length_delimited_to_vec()).collect()
}

/// Each entry as a line; labels as they are after parsing.
fn lines(bytes: &[u8], forms: HistogramForms) -> Result<Vec<String>, ParseError> {
    let mut decoder = Decoder::new(bytes, forms);
    let mut lines = Vec::new();
    while let Some(entry) = decoder.next_entry() {
        lines.push(match entry? {
            Entry::Kind { family, kind } => format!("TYPE {family} {kind}"),
            Entry::Help { family, help } => format!("HELP {family} {help}"),
            Entry::Unit { family, unit } => format!("UNIT {family} {unit}"),
            Entry::Series(series) => {
                let mut line = format!("{} {}", labels(series.key), series.value);
                with(&mut line, "@", series.timestamp);
                with(&mut line, "since ", series.created);
                if let Some(exemplar) = series.exemplar {
                    line += &format!(" # {} {}", labels(exemplar.labels), exemplar.value);
                    with(&mut line, "@", exemplar.timestamp);
                }
                line
            }
            Entry::Histogram(entry) => {
                let histogram = &entry.histogram;
                let buckets: Vec<_> = histogram.positive.iter().collect();
                let mut line =
                    format!("{} native {} {buckets:?}", labels(entry.key), histogram.count);
                with(&mut line, "since ", entry.created);
                for exemplar in &entry.exemplars {
                    line += &format!(" # {} {}", labels(exemplar.labels), exemplar.value);
                }
                line
            }
        });
    }
    Ok(lines)
}

fn labels(key: &str) -> String {
    let mut labels = model::LabelsBuilder::default();
    parse_series_key(key, &mut labels).unwrap();
    labels.build().to_string()
}

fn with(line: &mut String, sign: &str, at: Option<Timestamp>) {
    if let Some(at) = at {
        *line += &format!(" {sign}{at}");
    }
}

fn exemplar(trace: &str, seconds: Option<i64>) -> proto::Exemplar {
    let timestamp = seconds.map(|seconds| proto::Time { seconds, nanos: 5_000_000 });
    proto::Exemplar { label: vec![label("trace_id", trace)], value: 0.5, timestamp }
}

#[test]
fn plain_types() {
    let counter = proto::Metric {
        label: vec![label("path", "a\"\\\nb")],
        counter: Some(proto::Counter {
            value: 3.0,
            exemplar: Some(exemplar("x", Some(1))),
            created_timestamp: Some(proto::Time { seconds: 2, nanos: 0 }),
        }),
        timestamp_ms: 77,
        ..Default::default()
    };
    let gauge = proto::Metric { gauge: Some(proto::Gauge { value: -1.5 }), ..Default::default() };
    let untyped =
        proto::Metric { untyped: Some(proto::Untyped { value: f64::NAN }), ..Default::default() };
    let mut described = family("hits_total", MetricType::Counter, vec![counter]);
    described.help = "Help.".into();
    described.unit = "total".into();
    let bytes = body(&[
        described,
        family("temp", MetricType::Gauge, vec![gauge]),
        family("my.name", MetricType::Untyped, vec![untyped]),
    ]);
    assert_eq!(
        lines(&bytes, CLASSIC).unwrap(),
        [
            "TYPE hits_total counter",
            "HELP hits_total Help.",
            "UNIT hits_total total",
            r#"hits_total{path="a\"\\\nb"} 3 @77 since 2000 # {trace_id="x"} 0.5 @1005"#,
            "TYPE temp gauge",
            "temp -1.5",
            "TYPE my.name unknown",
            r#"{"my.name"} NaN"#,
        ]
    );
}

#[test]
fn a_summary() {
    let summary = proto::Summary {
        sample_count: 4,
        sample_sum: 2.5,
        quantile: vec![proto::Quantile { quantile: 0.5, value: 1.0 }],
        created_timestamp: Some(proto::Time { seconds: 1, nanos: 0 }),
    };
    let metric = proto::Metric { summary: Some(summary), ..Default::default() };
    assert_eq!(
        lines(&body(&[family("s", MetricType::Summary, vec![metric])]), CLASSIC).unwrap(),
        [
            "TYPE s summary",
            "s_count 4 since 1000",
            "s_sum 2.5 since 1000",
            r#"s{quantile="0.5"} 1"#
        ]
    );
}

fn histogram() -> proto::Histogram {
    proto::Histogram {
        sample_count: 3,
        sample_sum: 4.5,
        bucket: vec![proto::Bucket {
            cumulative_count: 2,
            upper_bound: 1.0,
            exemplar: Some(exemplar("b", Some(1))),
            ..Default::default()
        }],
        schema: 0,
        positive_span: vec![proto::BucketSpan { offset: 0, length: 2 }],
        positive_delta: vec![2, -1],
        created_timestamp: Some(proto::Time { seconds: 9, nanos: 0 }),
        exemplars: vec![exemplar("n", Some(1)), exemplar("untimed", None)],
        ..Default::default()
    }
}

fn histogram_lines(
    histogram: proto::Histogram,
    kind: MetricType,
    forms: HistogramForms,
) -> Vec<String> {
    let metric = proto::Metric {
        label: vec![label("a", "b")],
        histogram: Some(histogram),
        ..Default::default()
    };
    lines(&body(&[family("h", kind, vec![metric])]), forms).unwrap()
}

#[test]
fn forms_of_a_histogram() {
    let native = r#"h{a="b"} native 3 [(0, 2.0), (1, 1.0)] since 9000 # {trace_id="n"} 0.5"#;
    let classic = [
        r#"h_count{a="b"} 3 since 9000"#,
        r#"h_sum{a="b"} 4.5 since 9000"#,
        r#"h_bucket{a="b", le="1.0"} 2 since 9000 # {trace_id="b"} 0.5 @1005"#,
        r#"h_bucket{a="b", le="+Inf"} 3 since 9000"#,
    ];
    let of = |forms| histogram_lines(histogram(), MetricType::Histogram, forms);
    assert_eq!(of(NATIVE)[1..], [native]);
    assert_eq!(of(CLASSIC)[1..], classic);
    assert_eq!(of(BOTH)[1], native);
    assert_eq!(of(BOTH)[2..], classic);
    // Without exemplars of its own the native form takes those of the buckets.
    let bare = proto::Histogram { exemplars: Vec::new(), ..histogram() };
    let lines = histogram_lines(bare, MetricType::Histogram, NATIVE);
    assert!(lines[1].ends_with(r#"# {trace_id="b"} 0.5"#), "{lines:?}");
    // A classic one stays classic whatever is wanted, a native one never gains buckets.
    let classic_only =
        proto::Histogram { positive_span: Vec::new(), positive_delta: Vec::new(), ..histogram() };
    assert_eq!(histogram_lines(classic_only, MetricType::Histogram, NATIVE)[1..], classic);
    let native_only = proto::Histogram { bucket: Vec::new(), ..histogram() };
    assert_eq!(histogram_lines(native_only, MetricType::Histogram, BOTH).len(), 2);
}

#[test]
fn a_gauge_histogram_did_not_start_at_zero() {
    let lines = histogram_lines(histogram(), MetricType::GaugeHistogram, BOTH);
    assert_eq!(lines[0], "TYPE h gaugehistogram");
    assert!(lines.iter().all(|line| !line.contains("since")), "{lines:?}");
}

#[test]
fn float_histograms_have_float_counts() {
    let float = proto::Histogram {
        sample_count_float: 2.5,
        bucket: vec![proto::Bucket {
            cumulative_count_float: 1.5,
            upper_bound: f64::INFINITY,
            ..Default::default()
        }],
        ..Default::default()
    };
    let lines = histogram_lines(float, MetricType::Histogram, CLASSIC);
    assert_eq!(
        lines[1..],
        [r#"h_count{a="b"} 2.5"#, r#"h_sum{a="b"} 0"#, r#"h_bucket{a="b", le="+Inf"} 1.5"#]
    );
}

#[test]
fn broken_bodies_are_refused_behind_what_is_sound() {
    let gauge = proto::Metric { gauge: Some(proto::Gauge { value: 1.0 }), ..Default::default() };
    let sound = body(&[family("g", MetricType::Gauge, vec![gauge.clone()])]);
    let broken = |tail: &[u8]| {
        let error = lines(&[&sound, tail].concat(), BOTH).unwrap_err();
        assert_eq!(error.position, Position::Byte(sound.len()));
        error.reason
    };
    assert!(broken(&[0x05, 0x0a]).contains("longer than the body"));
    assert!(broken(&[0xff; 11]).contains("varint"));
    assert!(broken(&[0x01, 0xff]).contains("varint"));
    assert!(broken(&[0x00]).contains("no name"));
    assert!(broken(&body(&[family("c", MetricType::Counter, vec![gauge])])).contains("Counter"));
    let unknown = proto::MetricFamily { name: "u".into(), kind: 9, ..Default::default() };
    assert!(broken(&body(&[unknown])).contains("unknown metric type 9"));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut decoder = Decoder::new(&bytes, BOTH);
        while decoder.next_entry().is_some() {}
    }

    #[test]
    fn no_histogram_panics(
        schema in -10i32..60,
        offset in any::<i32>(),
        lengths in proptest::collection::vec(any::<u32>(), 0..4),
        deltas in proptest::collection::vec(any::<i64>(), 0..6),
        counts in proptest::collection::vec(any::<f64>(), 0..6),
        bound in any::<f64>(),
        count in any::<u64>(),
        float in any::<f64>(),
    ) {
        let spans = lengths.iter().map(|length| proto::BucketSpan { offset, length: *length % 5 });
        let histogram = proto::Histogram {
            schema, sample_count: count, sample_count_float: float,
            positive_span: spans.collect(), positive_delta: deltas, positive_count: counts,
            bucket: vec![proto::Bucket { upper_bound: bound, ..Default::default() }],
            ..Default::default()
        };
        let metric = proto::Metric { histogram: Some(histogram), ..Default::default() };
        let bytes = body(&[family("h", MetricType::Histogram, vec![metric])]);
        let mut decoder = Decoder::new(&bytes, BOTH);
        while let Some(entry) = decoder.next_entry() {
            if let Ok(Entry::Series(series)) = entry {
                labels(series.key);
            }
        }
    }

    #[test]
    fn any_name_and_value_survive_the_key(name in "[^\u{0}]{1,12}", value in "\\PC{0,12}") {
        let metric = proto::Metric {
            label: vec![label("l", &value)],
            gauge: Some(proto::Gauge { value: 1.0 }),
            ..Default::default()
        };
        let bytes = body(&[family(&name, MetricType::Gauge, vec![metric])]);
        let mut decoder = Decoder::new(&bytes, BOTH);
        decoder.next_entry().unwrap().unwrap();
        let Entry::Series(series) = decoder.next_entry().unwrap().unwrap() else { panic!() };
        let mut labels = model::LabelsBuilder::default();
        parse_series_key(series.key, &mut labels).unwrap();
        let pairs = [("__name__", name.as_str()), ("l", value.as_str())];
        prop_assert_eq!(labels.build(), model::Labels::from_pairs(pairs));
    }
}
