//! Reading: order, ranges, limits, and reading while others write.

use std::sync::atomic::{AtomicBool, Ordering};

use storage::LabelRequest;

use super::*;

#[test]
fn series_come_sorted_and_cut_to_the_range() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let labels: Vec<_> = (0..20).rev().map(|id| series("m", id)).collect();
    for step in 0..500 {
        let samples: Vec<_> =
            labels.iter().map(|labels| (labels, step * 1000, step as f64)).collect();
        append(&store, &samples);
    }
    let found = select(&store, &[], TimeRange::new(at(100_000), at(399_000)));
    let names: Vec<_> = found.iter().map(|(labels, _)| labels.clone()).collect();
    assert_eq!(names.len(), 20);
    assert!(names.is_sorted());
    for (_, columns) in &found {
        assert_eq!(columns.floats.timestamps.first(), Some(&at(100_000)));
        assert_eq!(columns.floats.len(), 300);
    }
    assert!(select(&store, &[], TimeRange::new(at(500_000), at(600_000))).is_empty());
}

#[test]
fn a_selection_over_its_limit_fails_and_at_the_limit_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let labels: Vec<_> = (0..20).map(|id| series("m", id)).collect();
    append(&store, &labels.iter().map(|labels| (labels, 0, 1.0)).collect::<Vec<_>>());
    assert_eq!(try_select(&store, &[], TimeRange::ALL, 20).unwrap().len(), 20);
    let error = try_select(&store, &[], TimeRange::ALL, 19).unwrap_err();
    assert!(matches!(error, StoreError::TooManySeries { max: 19 }), "{error}");
}

#[test]
fn label_names_and_values_follow_the_selectors() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (a, b) = (series("a", 1), Labels::from_pairs([("__name__", "b"), ("zone", "z")]));
    append(&store, &[(&a, 0, 1.0), (&b, 0, 1.0)]);
    let cancel = Cancel::new();
    let selectors = [vec![Matcher::equal("__name__", "b")]];
    let all = LabelRequest { selectors: &[], range: TimeRange::ALL, limit: None, cancel: &cancel };
    let some = LabelRequest { selectors: &selectors, ..all.clone() };
    let limited = LabelRequest { limit: Some(2), ..all.clone() };
    assert_eq!(store.label_names(&all).unwrap().values, ["__name__", "id", "zone"]);
    assert_eq!(store.label_names(&some).unwrap().values, ["__name__", "zone"]);
    let names = store.label_names(&limited).unwrap();
    assert_eq!((names.values.len(), names.is_truncated), (2, true));
    assert_eq!(store.label_values("__name__", &all).unwrap().values, ["a", "b"]);
    assert_eq!(store.label_values("__name__", &some).unwrap().values, ["b"]);
    assert!(store.label_values("none", &all).unwrap().values.is_empty());
    cancel.cancel();
    assert!(matches!(store.label_names(&all), Err(StoreError::Cancelled)));
}

#[test]
fn readers_see_each_writers_samples_in_order() {
    const STEPS: i64 = 2000;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|id| {
                let store = &store;
                scope.spawn(move || {
                    let own = series("m", id);
                    for step in 0..STEPS {
                        append(store, &[(&own, step * 1000, step as f64)]);
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            let mut seen = [0; 3];
            while !is_done.load(Ordering::Relaxed) {
                for (id, seen) in seen.iter_mut().enumerate() {
                    let samples = floats_of(&store, &series("m", id));
                    assert!(samples.len() >= *seen, "what was there is gone");
                    *seen = samples.len();
                    for (step, sample) in samples.iter().enumerate() {
                        assert_eq!(*sample, (step as i64 * 1000, step as f64));
                    }
                }
            }
        });
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                let _exclusive = store.core.maintenance.lock();
                store.core.checkpoint().unwrap();
            }
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        is_done.store(true, Ordering::Relaxed);
    });
    drop(store);
    let store = open(dir.path());
    for id in 0..3 {
        assert_eq!(floats_of(&store, &series("m", id)).len(), STEPS as usize);
    }
}
