//! Damaged files: the rest is served, and the damage is reported.

use super::*;

/// A store with samples of ten series, killed; and the path of its only segment with records.
fn killed_store(dir: &Path) -> std::path::PathBuf {
    let store = open(dir);
    for step in 0..100 {
        let labels: Vec<_> = (0..10).map(|id| series("m", id)).collect();
        let samples: Vec<_> =
            labels.iter().map(|labels| (labels, step * 15_000, step as f64)).collect();
        append(&store, &samples);
    }
    drop(store);
    let segments = crate::wal::list_segments(&dir.join("wal"));
    segments.into_iter().find(|path| std::fs::metadata(path).unwrap().len() > 0).unwrap()
}

/// Opens the store, writes a checkpoint, and kills it.
fn checkpoint_and_kill(dir: &Path) {
    let store = open(dir);
    let _exclusive = store.core.maintenance.lock();
    store.core.checkpoint().unwrap();
}

fn samples_total(store: &Store) -> usize {
    select(store, &[], TimeRange::ALL).iter().map(|(_, columns)| columns.len()).sum()
}

#[test]
fn a_torn_tail_loses_what_was_not_acknowledged_only() {
    let dir = tempfile::tempdir().unwrap();
    let segment = killed_store(dir.path());
    let length = std::fs::metadata(&segment).unwrap().len();
    std::fs::File::options().write(true).open(&segment).unwrap().set_len(length - 3).unwrap();
    let store = open(dir.path());
    assert!((990..1000).contains(&samples_total(&store)));
    assert_eq!(store.status(0).replay.damaged_records, 0, "a torn tail is no damage");
}

#[test]
fn a_flipped_bit_costs_a_record_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let segment = killed_store(dir.path());
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&segment, bytes).unwrap();
    let store = open(dir.path());
    assert!((980..1000).contains(&samples_total(&store)));
    assert_eq!(store.status(0).replay.damaged_records, 1);
    assert_eq!(store.core.metrics.wal_damaged_records.get(), 1);
    let new = series("new", 0);
    append(&store, &[(&new, 2_000_000, 1.0)]);
    store.shutdown().unwrap();
    drop(store);
    let store = open(dir.path());
    assert_eq!(floats_of(&store, &new), [(2_000_000, 1.0)]);
    assert_eq!(store.status(0).replay.damaged_records, 0, "the checkpoint left it behind");
}

#[test]
fn a_damaged_checkpoint_serves_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    killed_store(dir.path());
    checkpoint_and_kill(dir.path());
    let checkpoint = std::fs::read_dir(dir.path().join("wal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("checkpoint"))
        .unwrap();
    let whole = std::fs::read(&checkpoint).unwrap();
    let mut least = usize::MAX;
    for eighth in 1..8 {
        let mut bytes = whole.clone();
        let place = bytes.len() * eighth / 8;
        bytes[place] ^= 4;
        std::fs::write(&checkpoint, bytes).unwrap();
        let store = open(dir.path());
        assert_eq!(store.status(0).replay.damaged_records, 1);
        least = least.min(samples_total(&store));
    }
    assert!((500..1000).contains(&least), "{least}");
}

#[test]
fn a_checkpoint_that_was_not_finished_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    killed_store(dir.path());
    std::fs::write(dir.path().join("wal/checkpoint-00000099.tmp"), b"half").unwrap();
    let store = open(dir.path());
    assert_eq!(samples_total(&store), 1000);
    assert!(!dir.path().join("wal/checkpoint-00000099.tmp").exists());
}

#[test]
fn segments_that_a_checkpoint_covers_are_not_replayed_twice() {
    let dir = tempfile::tempdir().unwrap();
    let segment = killed_store(dir.path());
    let old = std::fs::read(&segment).unwrap();
    checkpoint_and_kill(dir.path());
    // As after a crash between the checkpoint and the removal of what it covers.
    std::fs::write(&segment, old).unwrap();
    let store = open(dir.path());
    assert_eq!(samples_total(&store), 1000);
    assert!(!segment.exists());
}

#[test]
fn a_directory_has_one_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let error = Store::open(Config::default(), dir.path()).unwrap_err();
    assert!(error.to_string().contains("in use by another process"), "{error}");
    drop(store);
    open(dir.path());
}

#[test]
fn a_damaged_block_is_set_aside_and_a_damaged_chunk_left_out() {
    let dir = tempfile::tempdir().unwrap();
    killed_store(dir.path());
    open(dir.path()).shutdown().unwrap();
    let block =
        std::fs::read_dir(dir.path().join("blocks")).unwrap().next().unwrap().unwrap().path();
    let flip = |file: &str| {
        let path = block.join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    flip("chunks");
    let store = open(dir.path());
    assert_eq!(samples_total(&store), 900, "one chunk of ten is damaged");
    assert_eq!(store.core.metrics.damaged_chunks.get(), 1);
    drop(store);
    flip("index");
    let store = open(dir.path());
    assert_eq!(samples_total(&store), 0);
    assert!(dir.path().join("damaged").join(block.file_name().unwrap()).exists());
    append(&store, &[(&series("m", 0), 2_000_000, 1.0)]);
    assert_eq!(samples_total(&store), 1);
}
