//! Blocks as a whole, on a disk in memory that can be damaged and can crash.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::faulty::{Fault, Kept};
use disk::{Disk, FaultyDisk};
use model::{Histogram, Labels, MatchOp, Matcher, SampleColumns, TimeRange, Timestamp};
use proptest::prelude::*;
use storage::SelectStats;

use super::{Block, BlockError, BlockWriter};
use crate::codec::tests::samples;
use crate::metrics::StoreMetrics;

const PARENT: &str = "/blocks";

/// What a block should hold.
type Series = BTreeMap<Labels, SampleColumns>;

fn new_disk() -> (FaultyDisk, Arc<dyn Disk>) {
    let faulty = FaultyDisk::default();
    faulty.create_dir_all(Path::new(PARENT)).unwrap();
    faulty.sync_dir(Path::new("/")).unwrap();
    let disk: Arc<dyn Disk> = Arc::new(faulty.clone());
    (faulty, disk)
}

fn write(disk: &Arc<dyn Disk>, series: &Series) -> Result<Option<PathBuf>, BlockError> {
    let mut writer = BlockWriter::create(disk, Path::new(PARENT), 1, Vec::new())?;
    for (labels, columns) in series {
        writer.add(labels, columns)?;
    }
    writer.finish()
}

fn open(disk: &Arc<dyn Disk>, dir: &Path) -> Result<Block, BlockError> {
    Block::open(disk, dir, StoreMetrics::default())
}

fn read(block: &Block, number: u32, range: TimeRange) -> SampleColumns {
    let mut columns = SampleColumns::default();
    block.read(number, range, &mut columns, &mut SelectStats::default()).unwrap();
    columns
}

fn read_all(block: &Block) -> Series {
    (0..block.index().series_len() as u32)
        .map(|number| (block.labels(number).unwrap(), read(block, number, TimeRange::ALL)))
        .collect()
}

/// Floats by their bits, so that kinds of NaN differ.
fn bits(columns: &SampleColumns) -> Vec<(i64, u64)> {
    let times = Timestamp::column_as_millis(&columns.floats.timestamps);
    times.iter().zip(&columns.floats.values).map(|(t, v)| (*t, v.to_bits())).collect()
}

fn assert_same(found: &Series, expected: &Series) {
    assert!(found.keys().eq(expected.keys()), "{:?} {:?}", found.keys(), expected.keys());
    for (labels, columns) in found {
        let expected = &expected[labels];
        assert_eq!(bits(columns), bits(expected), "{labels}");
        assert_eq!(columns.histograms, expected.histograms, "{labels}");
    }
}

fn some_columns() -> impl Strategy<Value = SampleColumns> {
    let histograms = prop::option::weighted(0.2, 1i64..20);
    (samples(90), histograms).prop_map(|((times, values), histograms)| {
        let mut columns = SampleColumns::default();
        for (time, value) in times.iter().zip(values) {
            columns.floats.push(Timestamp::from_millis(*time), value);
        }
        let last = times[times.len() - 1];
        for step in 1..=histograms.unwrap_or(0) {
            let Some(time) = last.checked_add(step * 15_000) else { break };
            let mut histogram = Histogram::new(1);
            histogram.count = step as f64;
            columns.histograms.push(Timestamp::from_millis(time), Arc::new(histogram));
        }
        columns
    })
}

fn some_series() -> impl Strategy<Value = Series> {
    let labels =
        prop::collection::btree_map("[a-d]", "[xyz]{0,3}", 0..4).prop_map(Labels::from_pairs);
    prop::collection::btree_map(labels, some_columns(), 1..70)
}

fn some_matcher() -> impl Strategy<Value = Matcher> {
    let op = prop_oneof![
        Just(MatchOp::Equal),
        Just(MatchOp::NotEqual),
        Just(MatchOp::Regex),
        Just(MatchOp::NotRegex)
    ];
    (
        op,
        "[a-e]",
        prop_oneof!["[xyz]{0,2}", "[xyz]\\.\\*", Just("x|yz|".into()), Just("[xy]+".into())],
    )
        .prop_map(|(op, name, value)| Matcher::new(op, name, value).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn what_is_written_is_read(
        series in some_series(),
        matchers in prop::collection::vec(some_matcher(), 0..3),
        ends in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let (_, disk) = new_disk();
        let dir = write(&disk, &series).unwrap().unwrap();
        let block = open(&disk, &dir).unwrap();
        assert_same(&read_all(&block), &series);

        let meta = block.meta();
        prop_assert_eq!(meta.series, series.len() as u64);
        prop_assert_eq!(meta.samples, series.values().map(|c| c.len() as u64).sum::<u64>());

        let expected: Vec<u32> = (0..).zip(series.keys())
            .filter(|(_, labels)| matchers.iter().all(|matcher| matcher.matches_labels(labels)))
            .map(|(number, _)| number)
            .collect();
        prop_assert_eq!(block.find(&matchers).into_iter().collect::<Vec<_>>(), expected.clone());

        let mut walked = Series::new();
        block.each_series(&expected.iter().copied().collect(), |number, labels, chunks| {
            let mut columns = SampleColumns::default();
            let stats = &mut SelectStats::default();
            block.read_chunks(number, &chunks, TimeRange::ALL, &mut columns, stats)?;
            walked.insert(labels, columns);
            Ok::<_, BlockError>(())
        }).unwrap();
        let matching = |labels: &Labels| matchers.iter().all(|m| m.matches_labels(labels));
        let mut matched = series.clone();
        matched.retain(|labels, _| matching(labels));
        assert_same(&walked, &matched);

        let mut times: Vec<_> = series.values().flat_map(|c| c.floats.timestamps.clone()).collect();
        times.sort();
        let range = TimeRange::new(*ends.0.get(&times), *ends.1.get(&times));
        for (number, columns) in (0..).zip(series.values()) {
            let found = read(&block, number, range);
            let expected: Vec<_> = bits(columns).into_iter()
                .filter(|(time, _)| range.contains(Timestamp::from_millis(*time))).collect();
            prop_assert_eq!(bits(&found), expected);
            prop_assert!(found.histograms.timestamps.iter().all(|time| range.contains(*time)));
        }
    }

    #[test]
    fn deleted_samples_are_not_read(
        series in some_series(),
        chosen in prop::collection::vec((any::<prop::sample::Index>(), -1_000_000i64..9_000_000, 0i64..9_000_000), 1..4),
    ) {
        let (_, disk) = new_disk();
        let dir = write(&disk, &series).unwrap().unwrap();
        let block = open(&disk, &dir).unwrap();
        let mut expected = series.clone();
        for (index, after, length) in chosen {
            let number = index.index(series.len()) as u32;
            let columns = expected.values_mut().nth(number as usize).unwrap();
            let Some(first) = columns.floats.timestamps.first() else { continue };
            let start = Timestamp::from_millis(first.as_millis().saturating_add(after));
            let end = Timestamp::from_millis(start.as_millis().saturating_add(length));
            let range = TimeRange::new(start, end);
            block.delete([number].into_iter().collect(), range).unwrap();
            let kept = |time: &Timestamp| !range.contains(*time);
            let floats = std::mem::take(&mut columns.floats);
            for (time, value) in floats.timestamps.iter().zip(floats.values) {
                if kept(time) { columns.floats.push(*time, value); }
            }
            let histograms = std::mem::take(&mut columns.histograms);
            for (time, value) in histograms.timestamps.iter().zip(histograms.histograms) {
                if kept(time) { columns.histograms.push(*time, value); }
            }
        }
        assert_same(&read_all(&block), &expected);
        assert_same(&read_all(&open(&disk, &dir).unwrap()), &expected);
    }
}

/// A few series with all kinds of chunks, some of them with shared uneven times.
fn example() -> Series {
    let series = |id: i64| {
        let mut columns = SampleColumns::default();
        let start = if id == 3 { 7 } else { 0 };
        for step in 0..200i64 {
            let jitter = (step * step * 31 + start) % 5;
            let value = match id {
                0 => 42.0,
                1 => (step * 37 + step % 7) as f64,
                2 => 1.0 / (step + 3) as f64,
                _ => (step * step * 7919 % 1009) as f64 / 100.0,
            };
            columns.floats.push(Timestamp::from_millis(start + step * 15_000 + jitter), value);
        }
        if id == 1 {
            let histogram = Arc::new(Histogram::new(2));
            columns.histograms.push(Timestamp::from_millis(9_000_000), histogram);
        }
        (Labels::from_pairs([("__name__", "m"), ("id", &id.to_string())]), columns)
    };
    (0..5).map(series).collect()
}

#[test]
fn a_flipped_bit_anywhere_never_gives_a_wrong_sample() {
    let series = example();
    let (faulty, disk) = new_disk();
    let dir = write(&disk, &series).unwrap().unwrap();
    open(&disk, &dir).unwrap().delete([4].into_iter().collect(), TimeRange::ALL).unwrap();
    let (mut refused, mut partly) = (0, 0);
    for file in disk.list(&dir).unwrap() {
        for byte in 0..file.size_bytes as usize {
            let flip = |content: &mut Vec<u8>| content[byte] ^= 1 << (byte % 8);
            faulty.corrupt(&file.path, flip).unwrap();
            match open(&disk, &dir) {
                Err(_) => refused += 1,
                Ok(block) => partly += usize::from(serves_no_lie(&block, &series)),
            }
            faulty.corrupt(&file.path, flip).unwrap();
        }
    }
    assert!(refused > 200 && partly > 500, "{refused} refused, {partly} served in part");
}

/// Checks that what the block serves was written; returns whether something is missing.
fn serves_no_lie(block: &Block, series: &Series) -> bool {
    assert_eq!(block.meta().series, series.len() as u64);
    let found = read_all(block);
    assert!(found.keys().eq(series.keys()));
    let mut is_missing = false;
    for (labels, columns) in &found {
        let range = block.meta().range();
        let known: BTreeMap<_, _> = bits(&series[labels]).into_iter().collect();
        let floats = bits(columns);
        assert!(floats.iter().all(|(time, value)| known.get(time) == Some(value)), "{labels}");
        assert!(floats.iter().all(|(time, _)| range.contains(Timestamp::from_millis(*time))));
        let is_deleted = labels.get("id") == Some("4");
        assert!(!is_deleted || columns.is_empty(), "what was deleted stays so");
        is_missing |= !is_deleted && columns.len() < series[labels].len();
    }
    is_missing
}

#[test]
fn a_file_that_is_cut_short_is_refused_or_served_in_part() {
    let series = example();
    let (faulty, disk) = new_disk();
    let dir = write(&disk, &series).unwrap().unwrap();
    open(&disk, &dir).unwrap().delete([4].into_iter().collect(), TimeRange::ALL).unwrap();
    for file in disk.list(&dir).unwrap() {
        let whole = disk.read(&file.path).unwrap();
        for length in 0..whole.len() {
            faulty.corrupt(&file.path, |content| content.truncate(length)).unwrap();
            if let Ok(block) = open(&disk, &dir) {
                serves_no_lie(&block, &series);
            }
            faulty.corrupt(&file.path, |content| content.clone_from(&whole)).unwrap();
        }
    }
}

#[test]
fn a_crash_at_any_operation_leaves_the_whole_block_or_none() {
    let series = example();
    for crash_in in 0.. {
        let (faulty, disk) = new_disk();
        faulty.set_fault(Fault::CrashIn(crash_in));
        let is_done = write(&disk, &series).is_ok();
        for kept in Kept::samples() {
            let after: Arc<dyn Disk> = Arc::new(faulty.after_crash(kept));
            disk::file::remove_temporaries(&*after, Path::new(PARENT)).unwrap();
            let left = after.list(Path::new(PARENT)).unwrap();
            assert!(left.len() == 1 || (left.is_empty() && !is_done), "{crash_in} {kept:?}");
            for block in left {
                assert_same(&read_all(&open(&after, &block.path).unwrap()), &series);
            }
        }
        if is_done {
            assert!(crash_in > 10, "{crash_in} operations are too few to be crash-safe");
            return;
        }
    }
}

#[test]
fn a_crash_while_deleting_leaves_the_old_tombstones_or_the_new() {
    let series = example();
    for crash_in in 0.. {
        let (faulty, disk) = new_disk();
        let dir = write(&disk, &series).unwrap().unwrap();
        let block = open(&disk, &dir).unwrap();
        block.delete([0].into_iter().collect(), TimeRange::ALL).unwrap();
        faulty.set_fault(Fault::CrashIn(crash_in));
        let is_done = block.delete([1].into_iter().collect(), TimeRange::ALL).is_ok();
        for kept in Kept::samples() {
            let after: Arc<dyn Disk> = Arc::new(faulty.after_crash(kept));
            let block = open(&after, &dir).unwrap();
            assert!(read(&block, 0, TimeRange::ALL).is_empty());
            assert!(!is_done || read(&block, 1, TimeRange::ALL).is_empty(), "{crash_in} {kept:?}");
            assert!(!read(&block, 2, TimeRange::ALL).is_empty());
        }
        if is_done {
            return;
        }
    }
}

#[test]
fn a_full_disk_fails_and_leaves_nothing_visible() {
    let series = example();
    let (faulty, disk) = new_disk();
    write(&disk, &series).unwrap();
    let needed: u64 = 4000;
    for space in (0..needed).step_by(97) {
        faulty.set_fault(Fault::FullIn(space));
        if write(&disk, &series).is_err() {
            disk::file::remove_temporaries(&*disk, Path::new(PARENT)).unwrap();
            assert_eq!(disk.list(Path::new(PARENT)).unwrap().len(), 1);
        } else {
            assert!(space > 1000);
            return;
        }
    }
}

#[test]
fn an_index_names_labels_and_their_values() {
    let (_, disk) = new_disk();
    let dir = write(&disk, &example()).unwrap().unwrap();
    let block = open(&disk, &dir).unwrap();
    assert_eq!(block.index().names().collect::<Vec<_>>(), ["__name__", "id"]);
    let mut values = Vec::new();
    block.index().each_value("id", |value, series| values.push((value.to_owned(), series.len())));
    assert_eq!(values[1], ("1".to_owned(), 1));
    assert_eq!(values.len(), 5);
    block.index().each_value("nope", |_, _| panic!("there is no such label"));
}

#[test]
fn long_series_and_many_labels_come_back() {
    let mut columns = SampleColumns::default();
    for step in 0..20_000i64 {
        columns.floats.push(Timestamp::from_millis(step * 15_000), (step % 1000) as f64);
    }
    let labels = |id: usize| {
        let many = (0..70).map(|name| (format!("l{name:02}"), format!("v{}", id * (name % 2))));
        Labels::from_pairs(many)
    };
    let series: Series = (1..40).map(|id| (labels(id), columns.clone())).collect();
    let (_, disk) = new_disk();
    let dir = write(&disk, &series).unwrap().unwrap();
    let block = open(&disk, &dir).unwrap();
    assert_same(&read_all(&block), &series);
    let mut stats = SelectStats::default();
    let day = TimeRange::new(Timestamp::from_millis(0), Timestamp::from_millis(80_000_000));
    block.read(7, day, &mut SampleColumns::default(), &mut stats).unwrap();
    assert_eq!((stats.chunks_read, stats.chunks_pruned), (1, 3), "midnights part the chunks");
}
