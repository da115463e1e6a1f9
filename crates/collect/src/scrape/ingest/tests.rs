//! Whole scrapes through the cache: what is stored, what goes stale, what is refused.

use model::sample::is_stale_nan;
use pipeline::RelabelConfig;

use super::*;
use crate::scrape::parse::text;

fn rules(relabel: &str) -> IngestRules {
    let configs: Vec<RelabelConfig> = serde_saphyr::from_str(relabel).unwrap();
    IngestRules {
        rules: RelabelConfig::compile_all(&configs).unwrap().into(),
        ..IngestRules::plain(model::Labels::from_pairs([("job", "j"), ("instance", "i")]))
    }
}

fn scrape(
    rules: &IngestRules,
    state: &mut TargetState,
    body: &str,
    at: i64,
) -> Result<IngestCounts, IngestError> {
    ingest(rules, state, Decoder::Text(text::Decoder::new(body)), Timestamp::from_millis(at))
}

/// The batch as `series@time=value` lines, sorted.
fn shown(state: &TargetState) -> Vec<String> {
    let mut lines: Vec<_> = state
        .batch
        .series()
        .flat_map(|series| {
            let samples = series.timestamps.iter().zip(series.values);
            let floats = samples.map(move |(at, value)| {
                let value = if is_stale_nan(*value) { "stale".into() } else { value.to_string() };
                format!("{}@{at}={value}", series.labels)
            });
            let histograms = series.histograms.iter().map(move |(at, h)| {
                let buckets: Vec<_> = h.positive.iter().collect();
                let bounds = &h.custom_bounds;
                format!("{}@{at}={}/{} {buckets:?} {bounds:?}", series.labels, h.count, h.sum)
            });
            floats.chain(histograms)
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn series_are_stored_cached_and_go_stale() {
    let (rules, mut state) = (rules("[]"), TargetState::default());
    let counts = scrape(&rules, &mut state, "a 1\nb{x=\"y\"} 2 77\n", 1000).unwrap();
    assert_eq!(counts, IngestCounts { scraped: 2, post_relabel: 2, added: 2 });
    assert_eq!(
        shown(&state),
        [r#"a{instance="i", job="j"}@1000=1"#, r#"b{instance="i", job="j", x="y"}@77=2"#]
    );
    let counts = scrape(&rules, &mut state, "c 3\n", 2000).unwrap();
    assert_eq!(counts, IngestCounts { scraped: 1, post_relabel: 1, added: 1 });
    // A series with a timestamp of its own is not tracked.
    assert_eq!(
        shown(&state),
        [r#"a{instance="i", job="j"}@2000=stale"#, r#"c{instance="i", job="j"}@2000=3"#]
    );
}

#[test]
fn a_failed_scrape_stores_nothing_and_makes_all_stale() {
    let (rules, mut state) = (rules("[]"), TargetState::default());
    scrape(&rules, &mut state, "a 1\n", 1000).unwrap();
    let error = scrape(&rules, &mut state, "a 2\nb x\n", 2000).unwrap_err();
    assert_eq!(error.to_string(), "line 2: \"x\" is not a number");
    assert_eq!(shown(&state), [r#"a{instance="i", job="j"}@2000=stale"#]);
    let counts = scrape(&rules, &mut state, "a 3\n", 3000).unwrap();
    assert_eq!(counts.added, 1);
}

#[test]
fn clashing_labels_are_renamed_or_honoured() {
    let (mut rules, mut state) = (rules("[]"), TargetState::default());
    scrape(&rules, &mut state, "a{job=\"own\",exported_job=\"x\"} 1\n", 1).unwrap();
    assert_eq!(
        shown(&state),
        [r#"a{exported_exported_job="own", exported_job="x", instance="i", job="j"}@1=1"#]
    );
    rules.honor_labels = true;
    let mut state = TargetState::default();
    scrape(&rules, &mut state, "a{job=\"own\"} 1\n", 1).unwrap();
    assert_eq!(shown(&state), [r#"a{instance="i", job="own"}@1=1"#]);
}

#[test]
fn relabelling_drops_and_is_remembered() {
    let rules = rules("[{source_labels: [__name__], regex: 'go_.*', action: drop}]");
    let mut state = TargetState::default();
    for at in [1, 2] {
        let counts = scrape(&rules, &mut state, "go_x 1\na 1\n", at).unwrap();
        assert_eq!((counts.scraped, counts.post_relabel), (2, 1));
        assert_eq!(shown(&state).len(), 1);
    }
}

#[test]
fn limits_refuse_the_whole_scrape_at_one_more() {
    let check = |limits: ScrapeLimits, good: &str, bad: &str| {
        let rules = IngestRules { limits, ..rules("[]") };
        assert!(scrape(&rules, &mut TargetState::default(), good, 1).is_ok(), "{good}");
        assert!(scrape(&rules, &mut TargetState::default(), bad, 1).is_err(), "{bad}");
    };
    let none = ScrapeLimits::default();
    check(ScrapeLimits { sample_limit: Some(2), ..none }, "a 1\nb 1\n", "a 1\nb 1\nc 1\n");
    check(
        ScrapeLimits { label_limit: Some(4), ..none },
        "a{b=\"1\"} 1\n",
        "a{b=\"1\",c=\"1\"} 1\n",
    );
    check(
        ScrapeLimits { label_name_length_limit: Some(8), ..none },
        "a{bbbbbbbb=\"1\"} 1\n",
        "a{bbbbbbbbb=\"1\"} 1\n",
    );
    check(
        ScrapeLimits { label_value_length_limit: Some(3), ..none },
        "abc{b=\"123\"} 1\n",
        "abc{b=\"1234\"} 1\n",
    );
}

#[test]
fn bounds_are_canonical() {
    let (rules, mut state) = (rules("[]"), TargetState::default());
    let body = "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n\
                h_bucket{le=\"1e-7\"} 1\n# TYPE s summary\ns{quantile=\"0.50\"} 1\n\
                # TYPE g gauge\ng{le=\"1\"} 1\n";
    scrape(&rules, &mut state, body, 1).unwrap();
    let bounds: Vec<_> = state
        .batch
        .series()
        .filter_map(|s| s.labels.get("le").or(s.labels.get("quantile")).map(str::to_owned))
        .collect();
    assert_eq!(bounds, ["1.0", "+Inf", "1e-07", "0.5", "1"]);
}

#[test]
fn metadata_is_sent_once() {
    let (rules, mut state) = (rules("[]"), TargetState::default());
    scrape(&rules, &mut state, "# HELP a Help.\n# TYPE a gauge\na 1\n", 1).unwrap();
    assert_eq!(state.batch.metadata().last().unwrap().kind, MetricKind::Gauge);
    scrape(&rules, &mut state, "# HELP a Help.\n# TYPE a gauge\na 1\n", 2).unwrap();
    assert!(state.batch.metadata().is_empty());
}

const CLASSIC: &str = "# TYPE h histogram\nh_bucket{a=\"x\",le=\"1\"} 2\nh_bucket{a=\"x\",le=\"5\"} 2\n\
    h_bucket{a=\"x\",le=\"+Inf\"} 3\nh_sum{a=\"x\"} 7.5\nh_count{a=\"x\"} 3\n\
    h_bucket{a=\"y\",le=\"+Inf\"} 0\nh_sum{a=\"y\"} 0\nh_count{a=\"y\"} 0\n\
    h_bucket{a=\"broken\",le=\"1\"} 5\nh_count{a=\"broken\"} 3\nh_created{a=\"x\"} 1\n\
    # TYPE g gauge\nh_bucket_free 1\n";

#[test]
fn classic_histograms_become_native_ones() {
    let mut rules = rules("[]");
    rules.histograms.converts_classic = true;
    let mut state = TargetState::default();
    for at in [1, 2] {
        let counts = scrape(&rules, &mut state, CLASSIC, at).unwrap();
        assert_eq!((counts.scraped, counts.post_relabel), (4, 4));
        assert_eq!(
            shown(&state),
            [
                format!(r#"h_bucket_free{{instance="i", job="j"}}@{at}=1"#),
                format!(r#"h_created{{a="x", instance="i", job="j"}}@{at}=1"#),
                format!(
                    r#"h{{a="x", instance="i", job="j"}}@{at}=3/7.5 [(0, 2.0), (2, 1.0)] [1.0, 5.0]"#
                ),
                format!(r#"h{{a="y", instance="i", job="j"}}@{at}=0/0 [] []"#),
            ]
        );
    }
    rules.histograms.forms.classic_beside_native = true;
    let counts = scrape(&rules, &mut TargetState::default(), CLASSIC, 3).unwrap();
    assert_eq!(counts.scraped, 4 + 10);
}

#[test]
fn a_histogram_over_the_bucket_limit_refuses_the_scrape() {
    let mut rules = rules("[]");
    rules.histograms.converts_classic = true;
    rules.histograms.buckets_max = 2;
    assert!(scrape(&rules, &mut TargetState::default(), CLASSIC, 1).is_ok());
    rules.histograms.buckets_max = 1;
    let error = scrape(&rules, &mut TargetState::default(), CLASSIC, 1).unwrap_err();
    assert_eq!(error, IngestError::BucketLimit(1));
}

#[test]
fn foreign_names_are_refused_where_only_the_old_alphabet_is_allowed() {
    let mut rules = rules("[]");
    for body in ["{\"a.b\"} 1\n", "a{\"b.c\"=\"x\"} 1\n"] {
        rules.names = NameValidation::Utf8;
        assert!(scrape(&rules, &mut TargetState::default(), body, 1).is_ok());
        rules.names = NameValidation::Legacy;
        let error = scrape(&rules, &mut TargetState::default(), body, 1).unwrap_err();
        assert!(matches!(error, IngestError::Name(_)), "{error}");
    }
}
