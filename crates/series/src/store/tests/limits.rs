//! What is refused, at the limit.

use model::{Exemplar, MetricKind, MetricMetadata};
use storage::{ExemplarRequest, MetadataRequest, RejectReason};

use super::*;

fn open_with(dir: &Path, change: impl FnOnce(&mut Config)) -> Arc<Store> {
    let mut config = Config::default();
    change(&mut config);
    Store::open(config, dir).unwrap()
}

fn reasons(outcome: &AppendOutcome) -> Vec<(RejectReason, u64)> {
    RejectReason::ALL
        .into_iter()
        .map(|reason| (reason, outcome.rejections.count(reason)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[test]
fn series_over_the_limit_are_refused_and_the_others_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_with(dir.path(), |config| config.limits.series_max = 2);
    let labels: Vec<_> = (0..3).map(|id| series("m", id)).collect();
    let samples: Vec<_> = labels.iter().map(|labels| (labels, 0, 1.0)).collect();
    let outcome = append(&store, &samples);
    assert_eq!((outcome.samples_appended, outcome.series_created), (2, 2));
    assert_eq!(reasons(&outcome), [(RejectReason::SeriesLimit, 1)]);
    let again: Vec<_> = labels.iter().map(|labels| (labels, 15_000, 1.0)).collect();
    assert_eq!(append(&store, &again).samples_appended, 2, "known series go on");
}

#[test]
fn series_of_one_metric_are_limited_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_with(dir.path(), |config| config.limits.series_per_metric_max = 1);
    let (a, b, other) = (series("m", 0), series("m", 1), series("n", 0));
    let outcome = append(&store, &[(&a, 0, 1.0), (&b, 0, 1.0), (&other, 0, 1.0)]);
    assert_eq!(outcome.samples_appended, 2);
    assert_eq!(reasons(&outcome), [(RejectReason::MetricSeriesLimit, 1)]);
}

#[test]
fn labels_are_limited_in_number_and_size() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_with(dir.path(), |config| {
        config.limits.labels_max = 2;
        config.limits.label_name_bytes_max = 8;
        config.limits.label_value_bytes_max = 4;
    });
    let of = |pairs: &[(&str, &str)]| Labels::from_pairs(pairs.iter().copied());
    let good = of(&[("__name__", "four"), ("a", "1")]);
    let bad = [
        of(&[("__name__", "m"), ("a", "1"), ("b", "2")]),
        of(&[("__name__", "five5")]),
        of(&[("__name__", "m"), ("ninechars", "1")]),
        of(&[("a", "1")]),
    ];
    for labels in &bad {
        let outcome = append(&store, &[(labels, 0, 1.0), (&good, 0, 1.0)]);
        assert_eq!(reasons(&outcome), [(RejectReason::InvalidLabels, 1)], "{labels}");
    }
    assert_eq!(floats_of(&store, &good), [(0, 1.0)]);
}

#[test]
fn order_is_judged_as_prometheus_does() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let a = series("m", 0);
    let hour = 3_600_000;
    append(&store, &[(&a, 2 * hour, 1.0)]);
    let outcome = |offset, value| {
        let outcome = append(&store, &[(&a, offset, value)]);
        (outcome.samples_appended, reasons(&outcome))
    };
    use RejectReason::*;
    assert_eq!(outcome(2 * hour, 1.0), (0, vec![]), "a repetition is neither stored nor refused");
    assert_eq!(outcome(2 * hour, 2.0), (0, vec![(DuplicateForTimestamp, 1)]));
    assert_eq!(outcome(hour, 5.0), (1, vec![]), "the window's edge is inside");
    assert_eq!(outcome(hour, 5.0), (0, vec![]));
    assert_eq!(outcome(hour, 6.0), (0, vec![(DuplicateForTimestamp, 1)]));
    assert_eq!(outcome(hour - 1, 5.0), (0, vec![(TooOld, 1)]));
    assert_eq!(floats_of(&store, &a), [(hour, 5.0), (2 * hour, 1.0)]);
}

#[test]
fn without_a_window_nothing_is_taken_late() {
    let dir = tempfile::tempdir().unwrap();
    let store =
        open_with(dir.path(), |c| c.out_of_order_window = model::PromDuration::from_secs(0));
    let (a, b) = (series("m", 0), series("m", 1));
    let hour = 3_600_000;
    append(&store, &[(&a, 2 * hour, 1.0)]);
    let of = |labels, offset| reasons(&append(&store, &[(labels, offset, 1.0)]));
    assert_eq!(of(&a, 2 * hour - 1), [(RejectReason::OutOfOrder, 1)]);
    assert_eq!(of(&b, 2 * hour - 1), []);
    assert_eq!(of(&b, hour - 1), [(RejectReason::OutOfBounds, 1)]);
}

#[test]
fn the_future_is_bounded_by_the_caller() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut batch = SampleBatch::default();
    batch.begin_series(&series("m", 0));
    batch.push(at(1000), 1.0);
    batch.push(at(1001), 1.0);
    let options = AppendOptions { timestamp_max: Some(at(1000)) };
    let outcome = store.append(&batch, &options).unwrap();
    assert_eq!(outcome.samples_appended, 1);
    assert_eq!(reasons(&outcome), [(RejectReason::TooFarInFuture, 1)]);
}

#[test]
fn a_counter_begins_at_zero_where_that_is_wanted() {
    let counter = series("m", 0);
    let mut batch = SampleBatch::default();
    for (created, time) in [(1000, 5000), (1000, 6000), (6500, 7000), (9000, 8000)] {
        batch.begin_series(&counter);
        batch.push(at(time), time as f64);
        batch.set_created(at(created));
    }
    for (injects, zeros) in [(false, vec![]), (true, vec![1000, 6500])] {
        let dir = tempfile::tempdir().unwrap();
        let store = open_with(dir.path(), |c| c.created_timestamp_zero_samples = injects);
        store.append(&batch, &AppendOptions::default()).unwrap();
        drop(store);
        let stored = floats_of(&open(dir.path()), &counter);
        let found: Vec<_> = stored.iter().filter(|(_, v)| *v == 0.0).map(|(at, _)| *at).collect();
        assert_eq!((found, stored.len()), (zeros.clone(), 4 + zeros.len()));
    }
}

#[test]
fn exemplars_of_a_refused_series_are_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_with(dir.path(), |config| config.limits.series_max = 1);
    let mut batch = SampleBatch::default();
    for id in 0..2 {
        batch.begin_series(&series("m", id));
        batch.push(at(0), 1.0);
        batch.push_exemplar(Exemplar {
            labels: Labels::from_pairs([("trace_id", "x")]),
            value: 1.0,
            timestamp: at(0),
        });
    }
    let outcome = store.append(&batch, &AppendOptions::default()).unwrap();
    assert_eq!((outcome.samples_appended, outcome.exemplars_appended), (1, 1));
}

#[test]
fn exemplars_and_metadata_return_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let labels = series("m", 0);
    let exemplar =
        Exemplar { labels: Labels::from_pairs([("trace_id", "x")]), value: 2.0, timestamp: at(5) };
    let metadata = MetricMetadata {
        family: "m".into(),
        kind: MetricKind::Counter,
        unit: "".into(),
        help: "Things.".into(),
    };
    let mut batch = SampleBatch::default();
    batch.begin_series(&labels);
    batch.push(at(5), 1.0);
    batch.push_exemplar(exemplar.clone());
    batch.push_metadata(metadata.clone());
    assert_eq!(store.append(&batch, &AppendOptions::default()).unwrap().exemplars_appended, 1);
    let check = |store: &Store| {
        let cancel = Cancel::new();
        let selectors = [vec![Matcher::equal("id", "0")]];
        let request =
            ExemplarRequest { selectors: &selectors, range: TimeRange::ALL, cancel: &cancel };
        let found = store.exemplars(&request).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].labels, &found[0].exemplars[..]), (&labels, &[exemplar.clone()][..]));
        let request = MetadataRequest::default();
        assert_eq!(store.metadata(&request).unwrap(), std::slice::from_ref(&metadata));
    };
    check(&store);
    drop(store);
    let store = open(dir.path());
    check(&store);
    store.shutdown().unwrap();
    drop(store);
    check(&open(dir.path()));
}

#[test]
fn a_store_that_is_shut_down_takes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.shutdown().unwrap();
    store.shutdown().unwrap();
    let mut batch = SampleBatch::default();
    batch.begin_series(&series("m", 0));
    batch.push(at(0), 1.0);
    let error = store.append(&batch, &AppendOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error}");
}
