//! Crashes of the machine and full disks, on a disk in memory that forgets what
//! was not synced.

use disk::faulty::{Fault, Kept};
use disk::{Disk, FaultyDisk};

use super::*;
use crate::WalSync;
use crate::store::StoreCore;

const MINUTE_MS: i64 = 60_000;

fn open_on(disk: &FaultyDisk) -> Result<StoreCore, StoreError> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let config = Config { wal_sync: WalSync::Always, ..Config::default() };
    StoreCore::open_on(disk, config, Path::new("/data"), None)
}

fn append_one(core: &StoreCore, labels: &Labels, minute: i64) -> Result<(), StoreError> {
    let mut batch = SampleBatch::default();
    batch.begin_series(labels);
    batch.push(at(minute * MINUTE_MS), minute as f64);
    core.append_batch(&batch, &AppendOptions::default()).map(drop)
}

fn minutes_of(core: &StoreCore, labels: &Labels) -> Vec<i64> {
    let cancel = Cancel::new();
    let matchers: Vec<_> = labels.iter().map(|(n, v)| Matcher::equal(n, v)).collect();
    let request = SelectRequest {
        matchers: &matchers,
        range: TimeRange::ALL,
        hints: SelectHints::default(),
        series_max: 1,
        cancel: &cancel,
    };
    let selection = core.select_series(&request).unwrap();
    let mut columns = SampleColumns::default();
    if !selection.labels().is_empty() {
        selection.read(0, &mut columns).unwrap();
    }
    let minutes: Vec<_> = columns
        .floats
        .timestamps
        .iter()
        .map(|time| (time.as_millis() - BASE_MS) / MINUTE_MS)
        .collect();
    let values: Vec<_> = columns.floats.values.iter().map(|value| *value as i64).collect();
    assert_eq!(minutes, values);
    minutes
}

/// Appends, checkpoints, cuts and merges until something fails. Returns the
/// acknowledged samples, and the one that was under way.
fn work(disk: &FaultyDisk, labels: &Labels) -> (Vec<i64>, Option<i64>) {
    let mut acknowledged = Vec::new();
    let Ok(core) = open_on(disk) else { return (acknowledged, None) };
    for minute in (0..600).step_by(40) {
        if append_one(&core, labels, minute).is_err() {
            return (acknowledged, Some(minute));
        }
        acknowledged.push(minute);
        let exclusive = core.maintenance.lock();
        let is_done = match minute % 200 {
            80 => core.checkpoint().is_ok(),
            160 => {
                drop(exclusive);
                core.compact_now().is_ok()
            }
            _ => true,
        };
        if !is_done {
            return (acknowledged, None);
        }
    }
    let _ = core.flush();
    (acknowledged, None)
}

#[test]
fn a_crash_at_any_operation_keeps_what_was_acknowledged() {
    let labels = series("m", 0);
    let whole = FaultyDisk::default();
    assert_eq!(work(&whole, &labels).0.len(), 15);
    let operations = whole.operations();
    assert!(operations > 60, "{operations}");
    for crash_in in 0..operations {
        let disk = FaultyDisk::default();
        disk.set_fault(Fault::CrashIn(crash_in));
        let (acknowledged, under_way) = work(&disk, &labels);
        for kept in Kept::samples() {
            let core = open_on(&disk.after_crash(kept)).unwrap();
            let mut found = minutes_of(&core, &labels);
            found.retain(|minute| Some(*minute) != under_way);
            assert_eq!(found, acknowledged, "crash in {crash_in}, {kept:?}");
            assert_eq!(core.replay.damaged_records, 0, "crash in {crash_in}, {kept:?}");
        }
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing_that_was_acknowledged() {
    let labels = series("m", 0);
    for space in [0, 1, 50, 101, 1000] {
        let disk = FaultyDisk::default();
        let core = open_on(&disk).unwrap();
        let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
        for minute in 0..200 {
            match minute {
                50 => disk.set_fault(Fault::FullIn(space)),
                120 => disk.clear_fault(),
                _ => {}
            }
            match append_one(&core, &labels, minute) {
                Ok(()) => acknowledged.push(minute),
                Err(error) => {
                    assert!(error.to_string().contains("write-ahead log"), "{error}");
                    refused.push(minute);
                }
            }
        }
        assert!(refused.len() > 30 && refused[refused.len() - 1] == 119, "{refused:?}");
        drop(core);
        let core = open_on(&disk.after_crash(Kept::Everything)).unwrap();
        assert_eq!(core.replay.damaged_records, 0);
        let mut found = minutes_of(&core, &labels);
        // The batch that was under way when the disk filled up may be there.
        found.retain(|minute| *minute != refused[0]);
        assert_eq!(found, acknowledged, "space for {space} bytes");
    }
}
