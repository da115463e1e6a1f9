//! Cutting, compaction, retention, deletion, snapshots.

use model::{ByteSize, PromDuration};
use storage::{Maintenance, MaintenanceOutcome};

use super::*;

const HOUR_MS: i64 = 3_600_000;

/// Samples of three series, one a minute, for so many hours.
fn fill(store: &Store, from_hour: i64, hours: i64) {
    let labels: Vec<_> = (0..3).map(|id| series("m", id)).collect();
    for minute in from_hour * 60..(from_hour + hours) * 60 {
        let samples: Vec<_> =
            labels.iter().map(|labels| (labels, minute * 60_000, minute as f64)).collect();
        append(store, &samples);
    }
}

fn expected(hours: i64) -> Vec<(i64, f64)> {
    (0..hours * 60).map(|minute| (minute * 60_000, minute as f64)).collect()
}

fn compact(store: &Store) {
    assert_eq!(store.maintain(&Maintenance::Compact).unwrap(), MaintenanceOutcome::Done);
}

#[test]
fn a_cut_moves_what_is_over_and_keeps_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, 0, 5);
    compact(&store);
    let status = store.status(10);
    let ends: Vec<_> = status.blocks.iter().map(|block| block.range.end).collect();
    assert_eq!(ends, [at(2 * HOUR_MS - 60_000)], "the newest is at 4:59, so 4:00 may still come");
    assert_eq!(status.head.range.unwrap().start, at(2 * HOUR_MS));
    assert_eq!(status.blocks[0].samples, 3 * 120);
    assert_eq!(floats_of(&store, &series("m", 1)), expected(5));
    drop(store);
    let store = open(dir.path());
    assert_eq!(floats_of(&store, &series("m", 1)), expected(5));
    assert_eq!(store.status(0).head.range.unwrap().start, at(2 * HOUR_MS));
}

#[test]
fn blocks_of_a_day_become_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, 0, 30);
    compact(&store);
    let status = store.status(0);
    let levels: Vec<_> = status.blocks.iter().map(|block| block.level).collect();
    assert_eq!(levels, [2, 1, 1], "{:?}", status.blocks);
    assert_eq!(floats_of(&store, &series("m", 0)), expected(30));
    let left = std::fs::read_dir(dir.path().join("blocks")).unwrap().count();
    assert_eq!(left, 3, "merged blocks are removed");
}

#[test]
fn shutdown_leaves_blocks_and_nothing_to_replay() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, 0, 3);
    store.shutdown().unwrap();
    drop(store);
    let store = open(dir.path());
    let status = store.status(0);
    assert_eq!((status.head.chunks, status.blocks.len()), (0, 2));
    assert_eq!(floats_of(&store, &series("m", 2)), expected(3));
    // Repetitions are still told from news, and what comes next is in order.
    let again = append(&store, &[(&series("m", 2), 179 * 60_000, 179.0)]);
    assert_eq!((again.samples_appended, again.rejections.total()), (0, 0));
    let other = append(&store, &[(&series("m", 2), 179 * 60_000, 1.0)]);
    assert_eq!(other.rejections.total(), 1);
    fill(&store, 3, 3);
    compact(&store);
    assert_eq!(floats_of(&store, &series("m", 2)), expected(6));
}

#[test]
fn old_blocks_are_dropped_by_time_and_by_size() {
    let dir = tempfile::tempdir().unwrap();
    let mut config =
        Config { retention_time: PromDuration::from_secs(6 * 3600), ..Config::default() };
    let store = Store::open(config.clone(), dir.path()).unwrap();
    fill(&store, 0, 14);
    compact(&store);
    let first = floats_of(&store, &series("m", 0))[0].0;
    assert_eq!(first, 6 * HOUR_MS, "13:59 less 6 h lies within the block of 6:00");
    drop(store);
    config.retention_size = Some(ByteSize(1));
    let store = Store::open(config, dir.path()).unwrap();
    compact(&store);
    assert!(store.status(0).blocks.is_empty());
    assert!(!floats_of(&store, &series("m", 0)).is_empty(), "the head stays");
}

#[test]
fn deleted_samples_are_gone_from_head_and_blocks_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, 0, 5);
    compact(&store);
    let range = TimeRange::new(at(HOUR_MS), at(3 * HOUR_MS - 1));
    store.delete(&[vec![Matcher::equal("id", "1")]], range).unwrap();
    let kept: Vec<_> =
        expected(5).into_iter().filter(|(at, _)| *at < HOUR_MS || *at >= 3 * HOUR_MS).collect();
    assert_eq!(floats_of(&store, &series("m", 1)), kept);
    assert_eq!(floats_of(&store, &series("m", 0)), expected(5));
    store.maintain(&Maintenance::CleanTombstones).unwrap();
    assert_eq!(store.status(0).blocks[0].samples, 3 * 120 - 60, "the disk has them no more");
    drop(store);
    let store = open(dir.path());
    assert_eq!(floats_of(&store, &series("m", 1)), kept);
}

#[test]
fn a_snapshot_is_a_store_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, 0, 5);
    compact(&store);
    let snapshot = |skip_head| match store.maintain(&Maintenance::Snapshot { skip_head }).unwrap() {
        MaintenanceOutcome::Snapshot(path) => path,
        MaintenanceOutcome::Done => panic!("a snapshot has a directory"),
    };
    let (whole, blocks_only) = (snapshot(false), snapshot(true));
    assert!(whole.starts_with(dir.path().join("snapshots")));
    fill(&store, 5, 1);
    assert_eq!(floats_of(&open(&whole), &series("m", 0)), expected(5));
    assert_eq!(floats_of(&open(&blocks_only), &series("m", 0)), expected(2));
    assert_eq!(floats_of(&store, &series("m", 0)), expected(6));
}

#[test]
fn series_that_stopped_leave_the_head() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let gone = series("gone", 0);
    append(&store, &[(&gone, 0, 1.0)]);
    fill(&store, 0, 5);
    compact(&store);
    assert_eq!(store.status(0).head.series, 3);
    assert_eq!(floats_of(&store, &gone), [(0, 1.0)]);
    // A slot that became free goes to another series, also for the next replay.
    for id in 0..40 {
        append(&store, &[(&series("new", id), 5 * HOUR_MS, id as f64)]);
    }
    drop(store);
    let store = open(dir.path());
    for id in 0..40 {
        assert_eq!(floats_of(&store, &series("new", id)), [(5 * HOUR_MS, id as f64)]);
    }
    assert_eq!(floats_of(&store, &gone), [(0, 1.0)]);
}

#[test]
fn appends_during_a_cut_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    fill(&store, 0, 5);
    let writer = {
        let store = Arc::clone(&store);
        std::thread::spawn(move || fill(&store, 5, 10))
    };
    while !writer.is_finished() {
        compact(&store);
    }
    writer.join().unwrap();
    compact(&store);
    for id in 0..3 {
        assert_eq!(floats_of(&store, &series("m", id)), expected(15));
    }
}
