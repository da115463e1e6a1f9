//! Blocks that are written, read, damaged, and cut short by crashes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use disk::faulty::{Fault, Kept};
use disk::{Disk, FaultyDisk, FileDisk};
use model::{Histogram, Labels, LabelsBuilder, Matcher, SampleColumns, TimeRange, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::error::{Damage, TsdbError};
use crate::select::Selection;

type Content = BTreeMap<Labels, SampleColumns>;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn content(series: usize, samples: i64) -> Content {
    let mut content = Content::new();
    for number in 0..series {
        let mut labels = LabelsBuilder::default();
        labels.set("__name__", ["requests_total", "größe"][number % 2]);
        labels.set("instance", &format!("host-{}", number / 2));
        let mut columns = SampleColumns::default();
        for sample in 0..samples {
            let time = at(1_700_000_000_000 + sample * 15_000 + number as i64);
            if number % 5 == 4 {
                let mut histogram = Histogram::new(3);
                histogram.positive.push(number as i32, sample as f64);
                histogram.count = sample as f64;
                columns.histograms.push(time, Arc::new(histogram));
            } else {
                columns.floats.push(time, (sample * 7 % 13) as f64);
            }
        }
        content.insert(labels.build(), columns);
    }
    content
}

fn write(dir: &Path, content: &Content, segment_bytes_max: u64) -> BlockMeta {
    let disk: Arc<dyn Disk> = Arc::new(FileDisk);
    let labels: Vec<Labels> = content.keys().cloned().collect();
    let mut writer =
        BlockWriter::create(&disk, dir, &labels).unwrap().with_segment_bytes_max(segment_bytes_max);
    for (labels, columns) in content {
        writer.add(labels, columns).unwrap();
    }
    writer.finish().unwrap().unwrap()
}

fn read(dir: &Path, want: &Selection, damage: &mut Damage) -> Result<Content, TsdbError> {
    let block = Block::open(&FileDisk, dir)?;
    let mut content = Content::new();
    block.visit(want, damage, |labels, columns| {
        content.insert(labels.clone(), columns.clone());
        Ok::<_, TsdbError>(())
    })?;
    Ok(content)
}

/// The samples without hints and empty buckets, which an encoding may change.
fn samples(content: &Content) -> BTreeMap<(String, i64), String> {
    let mut all = BTreeMap::new();
    for (labels, columns) in content {
        for (time, value) in columns.floats.timestamps.iter().zip(&columns.floats.values) {
            all.insert((labels.to_string(), time.as_millis()), value.to_string());
        }
        let histograms = &columns.histograms;
        for (time, histogram) in histograms.timestamps.iter().zip(&histograms.histograms) {
            let buckets: Vec<_> =
                histogram.positive.iter().filter(|(_, count)| *count > 0.0).collect();
            let shown = format!("{} {} {buckets:?}", histogram.schema, histogram.count);
            all.insert((labels.to_string(), time.as_millis()), shown);
        }
    }
    all
}

#[test]
fn what_is_written_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let written = content(40, 500);
    let meta = write(dir.path(), &written, 5_000);
    assert_eq!((meta.stats.num_series, meta.stats.num_samples), (40, 40 * 500));
    assert_eq!(meta.stats.num_histogram_samples, 8 * 500);
    assert_eq!(meta.min_time, at(1_700_000_000_000));
    assert_eq!(meta.max_time, at(1_700_000_000_000 + 499 * 15_000 + 39 + 1));
    let block = dir.path().join(meta.ulid.as_str());
    assert!(block.join("chunks/000003").exists(), "several files of chunks");
    assert_eq!(BlockMeta::read(&FileDisk, &block).unwrap(), meta);
    let mut damage = Damage::default();
    let back = read(&block, &Selection::all(), &mut damage).unwrap();
    assert!(damage.is_empty(), "{damage:?}");
    assert_eq!(samples(&back), samples(&written));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing temporary is left");
}

#[test]
fn only_wanted_series_and_times_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write(dir.path(), &content(10, 500), u64::MAX);
    let block = dir.path().join(meta.ulid.as_str());
    let want = Selection {
        selectors: vec![
            vec![Matcher::equal("instance", "host-1"), Matcher::equal("__name__", "größe")],
            vec![Matcher::equal("instance", "host-3")],
        ],
        range: TimeRange::new(at(1_700_000_000_000 + 15_000), at(1_700_000_000_000 + 60_000)),
    };
    let back = read(&block, &want, &mut Damage::default()).unwrap();
    let shown: Vec<_> =
        back.iter().map(|(labels, columns)| (labels.to_string(), columns.len())).collect();
    let expected = [
        ("{\"größe\", instance=\"host-1\"}", 3),
        ("{\"größe\", instance=\"host-3\"}", 3),
        ("requests_total{instance=\"host-3\"}", 3),
    ];
    assert_eq!(shown, expected.map(|(labels, count)| (labels.to_owned(), count)));
}

#[test]
fn an_empty_block_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(FileDisk);
    let labels = [Labels::from_pairs([("__name__", "up")])];
    let mut writer = BlockWriter::create(&disk, dir.path(), &labels).unwrap();
    writer.add(&labels[0], &SampleColumns::default()).unwrap();
    assert!(writer.finish().unwrap().is_none());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn deleted_samples_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write(dir.path(), &content(1, 10), u64::MAX);
    let block = dir.path().join(meta.ulid.as_str());
    // The first series begins behind header and symbols, at a multiple of 16.
    let index = std::fs::read(block.join("index")).unwrap();
    let symbols = u32::from_be_bytes(index[5..9].try_into().unwrap()) as u64;
    let reference = (5 + 4 + symbols + 4).div_ceil(16);
    let mut stones = vec![0x01, 0x30, 0xBA, 0x30, 1];
    crate::input::put_uvarint(&mut stones, reference);
    crate::input::put_varint(&mut stones, 1_700_000_000_000);
    crate::input::put_varint(&mut stones, 1_700_000_000_000 + 30_000);
    let checksum = crc32c::crc32c(&stones[5..]);
    stones.extend(checksum.to_be_bytes());
    std::fs::write(block.join("tombstones"), stones).unwrap();
    let back = read(&block, &Selection::all(), &mut Damage::default()).unwrap();
    assert_eq!(back.values().map(SampleColumns::len).sum::<usize>(), 7);
}

#[test]
fn versions_that_are_not_known_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let meta = write(dir.path(), &content(1, 10), u64::MAX);
    let block = dir.path().join(meta.ulid.as_str());
    let mut index = std::fs::read(block.join("index")).unwrap();
    index[4] = 1;
    std::fs::write(block.join("index"), index).unwrap();
    let error = Block::open(&FileDisk, &block).unwrap_err().to_string();
    assert!(error.ends_with("index has version 1, which is not supported; 2 is"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens to a file: an error, or less, but never a wrong sample.
    #[test]
    fn damaged_blocks_give_no_wrong_samples(
        file in 0usize..3,
        place in any::<u32>(),
        cut in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let written = content(6, 130);
        let meta = write(dir.path(), &written, 1_000);
        let block = dir.path().join(meta.ulid.as_str());
        let path = block.join(["index", "chunks/000001", "tombstones"][file]);
        let mut bytes = std::fs::read(&path).unwrap();
        let bit = place as usize % (bytes.len() * 8);
        if cut {
            bytes.truncate(bit / 8);
        } else {
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        std::fs::write(&path, bytes).unwrap();
        let mut damage = Damage::default();
        let expected = samples(&written);
        match read(&block, &Selection::all(), &mut damage) {
            Ok(back) => {
                let back = samples(&back);
                prop_assert!(back.iter().all(|(key, value)| expected.get(key) == Some(value)));
                prop_assert!(back == expected || !damage.is_empty(), "silently lost samples");
            }
            Err(error) => {
                let name = path.display().to_string();
                prop_assert!(error.to_string().starts_with(&name), "{}", error);
            }
        }
    }
}

#[test]
fn a_crash_while_a_block_is_written_leaves_it_whole_or_not_there() {
    let written = content(3, 130);
    let labels: Vec<Labels> = written.keys().cloned().collect();
    for crash_in in 0.. {
        let faulty = FaultyDisk::default();
        faulty.create_dir_all(Path::new("/data")).unwrap();
        faulty.sync_dir(Path::new("/")).unwrap();
        let disk: Arc<dyn Disk> = Arc::new(faulty.clone());
        faulty.set_fault(Fault::CrashIn(crash_in));
        let write = || {
            let mut writer = BlockWriter::create(&disk, Path::new("/data"), &labels)?;
            for (labels, columns) in &written {
                writer.add(labels, columns)?;
            }
            writer.finish()
        };
        let is_done = write().is_ok();
        for kept in Kept::samples() {
            let after = faulty.after_crash(kept);
            let entries = after.list(Path::new("/data")).unwrap();
            let blocks = entries.iter().filter(|entry| {
                Ulid::parse(entry.path.file_name().unwrap().to_str().unwrap()).is_some()
            });
            let mut found = 0;
            for entry in blocks {
                let mut back = Content::new();
                let block = Block::open(&after, &entry.path).unwrap();
                let mut damage = Damage::default();
                block
                    .visit(&Selection::all(), &mut damage, |labels, columns| {
                        back.insert(labels.clone(), columns.clone());
                        Ok::<_, TsdbError>(())
                    })
                    .unwrap();
                assert!(damage.is_empty(), "crash in {crash_in}, {kept:?}: {damage:?}");
                assert_eq!(samples(&back), samples(&written), "crash in {crash_in}, {kept:?}");
                found += 1;
            }
            assert!(found == 1 || !is_done, "crash in {crash_in}, {kept:?}");
        }
        if is_done {
            assert!(crash_in > 10, "files, directories and their syncs");
            return;
        }
    }
}
