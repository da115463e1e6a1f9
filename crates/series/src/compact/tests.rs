//! Merges against maps, plans by hand, crashes at every operation.

use std::collections::BTreeMap;

use disk::FaultyDisk;
use disk::faulty::{Fault, Kept};
use model::Labels;
use proptest::prelude::*;

use super::*;
use crate::metrics::StoreMetrics;

const PARENT: &str = "/blocks";
const HOUR_MS: i64 = 3_600_000;

/// Series to times to values.
type Samples = BTreeMap<u8, BTreeMap<i64, u8>>;

fn new_disk() -> (FaultyDisk, Arc<dyn Disk>) {
    let faulty = FaultyDisk::default();
    faulty.create_dir_all(Path::new(PARENT)).unwrap();
    faulty.sync_dir(Path::new("/")).unwrap();
    let disk: Arc<dyn Disk> = Arc::new(faulty.clone());
    (faulty, disk)
}

fn labels(id: u8) -> Labels {
    Labels::from_pairs([("__name__", "m".to_owned()), ("id", format!("{id:03}"))])
}

fn block(disk: &Arc<dyn Disk>, samples: &Samples) -> Option<Arc<Block>> {
    let mut writer = BlockWriter::create(disk, Path::new(PARENT), 1, Vec::new()).unwrap();
    for (id, samples) in samples {
        let mut columns = SampleColumns::default();
        for (time, value) in samples {
            columns.floats.push(Timestamp::from_millis(*time), f64::from(*value));
        }
        writer.add(&labels(*id), &columns).unwrap();
    }
    writer.finish().unwrap().map(|dir| open(disk, &dir))
}

fn open(disk: &Arc<dyn Disk>, dir: &Path) -> Arc<Block> {
    Arc::new(Block::open(disk, dir, StoreMetrics::default()).unwrap())
}

fn contents(block: &Block) -> Samples {
    let mut all = Samples::new();
    for number in 0..block.index().series_len() as u32 {
        let id = block.labels(number).unwrap().get("id").unwrap().parse().unwrap();
        let mut columns = SampleColumns::default();
        block.read(number, TimeRange::ALL, &mut columns, &mut SelectStats::default()).unwrap();
        let times = Timestamp::column_as_millis(&columns.floats.timestamps).iter().copied();
        all.insert(id, times.zip(columns.floats.values.iter().map(|v| *v as u8)).collect());
    }
    all
}

fn some_samples() -> impl Strategy<Value = Samples> {
    let samples = prop::collection::btree_map(0i64..500, any::<u8>(), 1..60);
    prop::collection::btree_map(0u8..80, samples, 1..50)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_merge_holds_what_its_blocks_held(
        parts in prop::collection::vec(some_samples(), 1..5),
        deletions in prop::collection::vec((any::<prop::sample::Index>(), 0u8..80, 0i64..500, 0i64..200), 0..4),
    ) {
        let (_, disk) = new_disk();
        let blocks: Vec<_> = parts.iter().filter_map(|part| block(&disk, part)).collect();
        for (part, id, start, length) in deletions {
            let range = TimeRange::new(Timestamp::from_millis(start), Timestamp::from_millis(start + length));
            let block = part.get(&blocks);
            let matcher = model::Matcher::equal("id", format!("{id:03}"));
            block.delete(block.find(&[matcher]), range).unwrap();
        }
        // Blocks that came first win, in the order of their names.
        let mut ranked = blocks.clone();
        ranked.sort_by(|a, b| b.meta().rank().cmp(a.meta().rank()));
        let mut expected = Samples::new();
        for block in &ranked {
            for (id, samples) in contents(block) {
                expected.entry(id).or_default().extend(samples);
            }
        }
        expected.retain(|_, samples| !samples.is_empty());
        let merged = merge(&disk, Path::new(PARENT), &blocks, &Cancel::new()).unwrap();
        let found = merged.map(|dir| contents(&open(&disk, &dir))).unwrap_or_default();
        prop_assert_eq!(found, expected);
    }
}

fn one(id: u8, times: std::ops::Range<i64>, value: u8) -> Samples {
    BTreeMap::from([(id, times.map(|time| (time, value)).collect())])
}

#[test]
fn a_crash_during_a_merge_leaves_the_blocks_and_the_merged_one_whole_or_not() {
    let expected = contents_of_merge();
    for crash_in in 0.. {
        let (faulty, disk) = new_disk();
        let blocks = [one(1, 0..300, 1), one(1, 200..400, 2), one(2, 0..9, 3)]
            .map(|samples| block(&disk, &samples).unwrap());
        faulty.set_fault(Fault::CrashIn(crash_in));
        let is_done = merge(&disk, Path::new(PARENT), &blocks, &Cancel::new()).is_ok();
        for kept in Kept::samples() {
            let after: Arc<dyn Disk> = Arc::new(faulty.after_crash(kept));
            disk::file::remove_temporaries(&*after, Path::new(PARENT)).unwrap();
            let mut merged = Vec::new();
            for entry in after.list(Path::new(PARENT)).unwrap() {
                let block = open(&after, &entry.path);
                match blocks.iter().find(|old| old.dir() == entry.path) {
                    Some(old) => assert_eq!(contents(&block), contents(old)),
                    None => merged.push(contents(&block)),
                }
            }
            assert!(merged.iter().all(|merged| *merged == expected), "{crash_in} {kept:?}");
            assert!(merged.len() <= 1 && (!is_done || merged.len() == 1), "{crash_in} {kept:?}");
            let left = after.list(Path::new(PARENT)).unwrap().len() - merged.len();
            assert_eq!(left, blocks.len(), "a merge removes nothing itself");
        }
        if is_done {
            return;
        }
    }
}

fn contents_of_merge() -> Samples {
    let mut first = one(1, 0..300, 1);
    first.get_mut(&1).unwrap().extend((300..400).map(|time| (time, 2)));
    first.extend(one(2, 0..9, 3));
    first
}

#[test]
fn a_cancelled_merge_leaves_nothing_visible() {
    let (_, disk) = new_disk();
    let blocks =
        [one(1, 0..30, 1), one(2, 20..40, 2)].map(|samples| block(&disk, &samples).unwrap());
    let cancel = Cancel::new();
    cancel.cancel();
    let error = merge(&disk, Path::new(PARENT), &blocks, &cancel).unwrap_err();
    assert!(matches!(error, StoreError::Cancelled));
    disk::file::remove_temporaries(&*disk, Path::new(PARENT)).unwrap();
    assert_eq!(disk.list(Path::new(PARENT)).unwrap().len(), 2);
}

/// The places, among blocks of so many ms from start to end, of those that are to be merged.
fn planned(spans: &[(i64, i64)]) -> Option<Vec<usize>> {
    let (_, disk) = new_disk();
    let blocks: Vec<_> = spans
        .iter()
        .map(|(start, end)| {
            let samples = BTreeMap::from([(0, BTreeMap::from([(*start, 0), (*end, 0)]))]);
            block(&disk, &samples).unwrap()
        })
        .collect();
    let base = Millis::new(2 * HOUR_MS);
    let chosen = plan(&blocks, base, Millis::new(30 * 24 * HOUR_MS))?;
    let place = |chosen: &Arc<Block>| blocks.iter().position(|block| Arc::ptr_eq(block, chosen));
    let mut places: Vec<_> = chosen.iter().map(|chosen| place(chosen).unwrap()).collect();
    places.sort();
    Some(places)
}

fn hours(from: i64, to: i64) -> (i64, i64) {
    (from * HOUR_MS, to * HOUR_MS - 1)
}

#[test]
fn plans_follow_aligned_windows() {
    assert_eq!(planned(&[]), None);
    assert_eq!(planned(&[hours(0, 2)]), None);
    assert_eq!(planned(&[hours(0, 2), hours(2, 4)]), None, "the day is not over");
    assert_eq!(planned(&[hours(0, 2), hours(22, 24), hours(24, 26)]), Some(vec![0, 1]));
    assert_eq!(planned(&[hours(22, 24), hours(24, 26)]), None, "alone in its day");
    assert_eq!(planned(&[hours(0, 2), hours(1, 3), hours(4, 6)]), Some(vec![0, 1]), "overlap");
    assert_eq!(planned(&[(0, 10), (20, 30), hours(2, 4)]), Some(vec![0, 1]), "of one base window");
    let days: Vec<_> = (0..13).map(|day| hours(day * 24, day * 24 + 24)).collect();
    assert_eq!(planned(&days), Some((0..12).collect()), "twelve days are over");
}
