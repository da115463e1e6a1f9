//! Logs as Prometheus writes them, put together by hand, whole and damaged.

use std::collections::BTreeMap;
use std::path::Path;

use disk::FileDisk;
use model::histogram::ResetHint;
use model::{Labels, Matcher, MetricKind, SampleColumns, TimeRange, Timestamp};
use proptest::prelude::*;

use super::head::{EXEMPLARS_MAX, METADATA_MAX};
use super::record::Visitor;
use super::segment::PAGE_BYTES;
use super::*;
use crate::data_dir::DataDir;
use crate::error::{Damage, TsdbError};
use crate::input::{put_str, put_uvarint, put_varint};
use crate::select::Selection;

/// Type, length and checksum of a fragment.
const HEADER_BYTES: usize = 7;

#[derive(Clone, Copy, Debug)]
enum Packing {
    None,
    Snappy,
    Zstd,
}

/// Writes segments as Prometheus does: records in fragments that fill pages.
struct LogWriter {
    bytes: Vec<u8>,
    packing: Packing,
}

impl LogWriter {
    fn new(packing: Packing) -> Self {
        Self { bytes: Vec::new(), packing }
    }

    fn record(&mut self, record: &[u8]) {
        let (packed, flag) = match self.packing {
            Packing::None => (record.to_vec(), 0),
            Packing::Snappy => (snap::raw::Encoder::new().compress_vec(record).unwrap(), 8),
            Packing::Zstd => (zstd::bulk::compress(record, 1).unwrap(), 16),
        };
        let mut rest = packed.as_slice();
        let mut is_first = true;
        loop {
            let left = PAGE_BYTES - self.bytes.len() % PAGE_BYTES;
            if left <= HEADER_BYTES {
                self.bytes.resize(self.bytes.len() + left, 0);
                continue;
            }
            let (part, after) = rest.split_at(rest.len().min(left - HEADER_BYTES));
            let kind = match (is_first, after.is_empty()) {
                (true, true) => 1,
                (true, false) => 2,
                (false, false) => 3,
                (false, true) => 4,
            };
            self.bytes.push(kind | flag);
            self.bytes.extend((part.len() as u16).to_be_bytes());
            self.bytes.extend(crc32c::crc32c(part).to_be_bytes());
            self.bytes.extend_from_slice(part);
            (rest, is_first) = (after, false);
            if rest.is_empty() {
                return;
            }
        }
    }

    fn write(&self, path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &self.bytes).unwrap();
    }
}

fn series(all: &[(u64, &str)]) -> Vec<u8> {
    let mut record = vec![1];
    for (reference, name) in all {
        record.extend(reference.to_be_bytes());
        put_uvarint(&mut record, 2);
        for text in ["__name__", name, "job", "x"] {
            put_str(&mut record, text);
        }
    }
    record
}

fn samples(all: &[(u64, i64, f64)]) -> Vec<u8> {
    let mut record = vec![2];
    let (base, time, _) = all[0];
    record.extend(base.to_be_bytes());
    record.extend(time.to_be_bytes());
    for (reference, at, value) in all {
        put_varint(&mut record, *reference as i64 - base as i64);
        put_varint(&mut record, at - time);
        record.extend(value.to_bits().to_be_bytes());
    }
    record
}

fn histogram(reference: u64, at: i64, is_float: bool, bounds: Option<&[f64]>) -> Vec<u8> {
    let mut record = vec![match (is_float, bounds) {
        (false, None) => 7,
        (true, None) => 8,
        (false, Some(_)) => 9,
        (true, Some(_)) => 10,
    }];
    record.extend(reference.to_be_bytes());
    record.extend(at.to_be_bytes());
    record.extend([0, 0]);
    record.push(2);
    put_varint(&mut record, if bounds.is_some() { -53 } else { 3 });
    let threshold = if bounds.is_some() { 0.0f64 } else { 0.5 };
    record.extend(threshold.to_bits().to_be_bytes());
    let zero_count = if bounds.is_some() { 0 } else { 4 };
    if is_float {
        record.extend((zero_count as f64).to_bits().to_be_bytes());
        record.extend((zero_count as f64 + 7.0).to_bits().to_be_bytes());
    } else {
        put_uvarint(&mut record, zero_count);
        put_uvarint(&mut record, zero_count + 7);
    }
    record.extend(18.5f64.to_bits().to_be_bytes());
    // One positive span of two buckets, 2 and 5; no negative one.
    put_uvarint(&mut record, 1);
    put_varint(&mut record, 0);
    put_uvarint(&mut record, 2);
    put_uvarint(&mut record, 0);
    put_uvarint(&mut record, 2);
    if is_float {
        [2.0f64, 5.0].iter().for_each(|count| record.extend(count.to_bits().to_be_bytes()));
    } else {
        put_varint(&mut record, 2);
        put_varint(&mut record, 3);
    }
    put_uvarint(&mut record, 0);
    if let Some(bounds) = bounds {
        put_uvarint(&mut record, bounds.len() as u64);
        bounds.iter().for_each(|bound| record.extend(bound.to_bits().to_be_bytes()));
    }
    record
}

type Content = BTreeMap<String, SampleColumns>;

fn read_with(
    dir: &Path,
    want: &Selection,
    batch_bytes_max: u64,
    damage: &mut Damage,
) -> (Content, WalContent) {
    let data_dir = DataDir::open(&FileDisk, dir, damage).unwrap();
    let wal =
        Wal::open(&FileDisk, &data_dir).unwrap().unwrap().with_batch_bytes_max(batch_bytes_max);
    let surveyed = wal.survey(&FileDisk, want, damage).unwrap();
    let mut content = Content::new();
    let mut last: Option<Labels> = None;
    wal.visit(&FileDisk, &surveyed, want, |labels, columns| {
        assert!(last.as_ref().is_none_or(|last| last < labels));
        last = Some(labels.clone());
        content.insert(labels.metric_name().unwrap().to_owned(), columns.clone());
        Ok::<_, TsdbError>(())
    })
    .unwrap();
    (content, surveyed)
}

fn read(dir: &Path) -> (Content, WalContent) {
    let mut damage = Damage::default();
    let read = read_with(dir, &Selection::all(), u64::MAX, &mut damage);
    assert!(damage.is_empty(), "{damage:?}");
    read
}

fn millis(columns: &SampleColumns) -> Vec<i64> {
    columns.floats.timestamps.iter().map(|time| time.as_millis()).collect()
}

#[test]
fn samples_return_however_they_are_packed_and_split() {
    for packing in [Packing::None, Packing::Snappy, Packing::Zstd] {
        let dir = tempfile::tempdir().unwrap();
        let mut log = LogWriter::new(packing);
        log.record(&series(&[(7, "b"), (9, "a")]));
        let mut expected = Vec::new();
        for round in 0..40i64 {
            // Larger than a page where it is not packed, and of numbers that pack badly.
            let all: Vec<_> = (0..900)
                .map(|i| (7, round * 1_000 + i, ((round * 900 + i) as f64).sin()))
                .collect();
            expected.extend(all.iter().map(|(_, at, _)| *at));
            log.record(&samples(&all));
        }
        log.record(&samples(&[(9, 5, 1.0)]));
        log.write(&dir.path().join("wal/00000000"));
        let (content, surveyed) = read(dir.path());
        assert_eq!(surveyed.series_len(), 2);
        assert_eq!(content.keys().collect::<Vec<_>>(), ["a", "b"], "{packing:?}");
        assert_eq!(millis(&content["b"]), expected, "{packing:?}");
        // The same where only few samples fit into memory at once.
        let mut damage = Damage::default();
        let (batched, _) = read_with(dir.path(), &Selection::all(), 16, &mut damage);
        assert_eq!(batched, content);
    }
}

#[test]
fn a_checkpoint_stands_for_the_segments_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let segment = |records: &[Vec<u8>], path: &str| {
        let mut log = LogWriter::new(Packing::Snappy);
        records.iter().for_each(|record| log.record(record));
        log.write(&dir.path().join(path));
    };
    segment(&[series(&[(1, "gone")])], "wal/checkpoint.00000003/00000000");
    segment(&[series(&[(2, "kept")])], "wal/checkpoint.00000005/00000000");
    segment(&[samples(&[(2, 10, 1.0)])], "wal/checkpoint.00000005/00000001");
    segment(&[samples(&[(2, 20, 99.0)])], "wal/00000005");
    segment(&[samples(&[(2, 30, 3.0)])], "wal/00000006");
    // A late sample, and one that repeats a time: the first stays.
    segment(&[samples(&[(2, 5, 0.5), (2, 30, 9.0)])], "wbl/00000000");
    let (content, _) = read(dir.path());
    assert_eq!(content.len(), 1);
    assert_eq!(millis(&content["kept"]), [5, 10, 30]);
    assert_eq!(content["kept"].floats.values, [0.5, 1.0, 3.0]);
}

#[test]
fn histograms_of_all_kinds_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogWriter::new(Packing::Snappy);
    log.record(&series(&[(1, "h")]));
    let bounds: &[f64] = &[0.5, 2.0];
    log.record(&histogram(1, 10, false, None));
    log.record(&histogram(1, 20, true, None));
    log.record(&histogram(1, 30, false, Some(bounds)));
    log.record(&histogram(1, 40, true, Some(bounds)));
    log.write(&dir.path().join("wal/00000000"));
    let (content, _) = read(dir.path());
    let read = &content["h"].histograms;
    assert_eq!(read.len(), 4);
    for (place, histogram) in read.histograms.iter().enumerate() {
        let is_custom = place >= 2;
        assert_eq!(histogram.schema, if is_custom { -53 } else { 3 });
        assert_eq!(histogram.count, if is_custom { 7.0 } else { 11.0 });
        assert_eq!((histogram.sum, histogram.reset_hint), (18.5, ResetHint::NotReset));
        assert_eq!(histogram.positive.iter().collect::<Vec<_>>(), [(0, 2.0), (1, 5.0)]);
        assert_eq!(histogram.custom_bounds, if is_custom { bounds } else { &[] });
    }
}

#[test]
fn samples_with_start_times_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogWriter::new(Packing::None);
    log.record(&series(&[(4, "a"), (6, "b")]));
    let mut record = vec![11];
    for field in [4, 1_000, 900] {
        put_varint(&mut record, field);
    }
    record.extend(1.0f64.to_bits().to_be_bytes());
    // (difference to the sample before, to the first time, marker of the start)
    for (reference, time, marker) in [(2i64, 5i64, 0u8), (0, 10, 1), (-2, 20, 2)] {
        put_varint(&mut record, reference);
        put_varint(&mut record, time);
        record.push(marker);
        if marker == 2 {
            put_varint(&mut record, -50);
        }
        record.extend(2.0f64.to_bits().to_be_bytes());
    }
    log.record(&record);
    log.write(&dir.path().join("wal/00000000"));
    let (content, _) = read(dir.path());
    assert_eq!(millis(&content["a"]), [1_000, 1_020]);
    assert_eq!(millis(&content["b"]), [1_005, 1_010]);
}

#[test]
fn deletions_metadata_and_exemplars_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogWriter::new(Packing::None);
    log.record(&series(&[(1, "latency_bucket"), (2, "up")]));
    log.record(&samples(&[(1, 10, 1.0), (1, 20, 2.0), (1, 30, 3.0), (2, 10, 1.0)]));
    let mut record = vec![3];
    record.extend(1u64.to_be_bytes());
    put_varint(&mut record, 15);
    put_varint(&mut record, 25);
    log.record(&record);
    let mut record = vec![6];
    put_uvarint(&mut record, 1);
    record.push(3);
    put_uvarint(&mut record, 2);
    for text in ["UNIT", "seconds", "HELP", "How long."] {
        put_str(&mut record, text);
    }
    log.record(&record);
    let mut record = vec![4];
    record.extend(1u64.to_be_bytes());
    record.extend(12i64.to_be_bytes());
    record.extend([0, 0]);
    record.extend(0.25f64.to_bits().to_be_bytes());
    put_uvarint(&mut record, 1);
    put_str(&mut record, "trace_id");
    put_str(&mut record, "abc");
    log.record(&record);
    // Markers of chunks in memory and kinds of the future are passed over.
    log.record(&[5, 1, 2, 3]);
    log.record(&[200, 1, 2, 3]);
    log.write(&dir.path().join("wal/00000000"));
    let (content, surveyed) = read(dir.path());
    assert_eq!(millis(&content["latency_bucket"]), [10, 30]);
    let [metadata] = &surveyed.metadata[..] else { panic!("{:?}", surveyed.metadata) };
    assert_eq!((&*metadata.family, metadata.kind), ("latency", MetricKind::Histogram));
    assert_eq!((&*metadata.unit, &*metadata.help), ("seconds", "How long."));
    let [(labels, exemplar)] = &surveyed.exemplars[..] else { panic!() };
    assert_eq!(labels.metric_name(), Some("latency_bucket"));
    assert_eq!((exemplar.value, exemplar.timestamp.as_millis()), (0.25, 12));
    assert_eq!(exemplar.labels.get("trace_id"), Some("abc"));
}

#[test]
fn only_wanted_series_and_times_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogWriter::new(Packing::None);
    log.record(&series(&[(1, "a"), (2, "b")]));
    log.record(&samples(&[(1, 10, 1.0), (1, 20, 2.0), (2, 10, 1.0), (3, 10, 1.0)]));
    log.write(&dir.path().join("wal/00000000"));
    let want = Selection {
        selectors: vec![vec![Matcher::equal("__name__", "a")]],
        range: TimeRange::new(Timestamp::from_millis(15), Timestamp::from_millis(99)),
    };
    let (content, surveyed) = read_with(dir.path(), &want, u64::MAX, &mut Damage::default());
    assert_eq!(content.len(), 1);
    assert_eq!(millis(&content["a"]), [20]);
    assert_eq!((surveyed.series_len(), surveyed.orphans), (1, 0), "out of range, so not missed");
    let (_, surveyed) = read_with(dir.path(), &Selection::all(), u64::MAX, &mut Damage::default());
    assert_eq!(surveyed.orphans, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happens to a segment: an error, or less, but never a wrong sample.
    #[test]
    fn damaged_segments_give_no_wrong_samples(place in any::<u32>(), cut in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let mut log = LogWriter::new(Packing::Snappy);
        log.record(&series(&[(1, "a"), (2, "b")]));
        for round in 0..30i64 {
            let all: Vec<_> = (0..300)
                .map(|i| (1 + (i % 2) as u64, round * 1_000 + i, (i as f64).sqrt()))
                .collect();
            log.record(&samples(&all));
        }
        let path = dir.path().join("wal/00000000");
        log.write(&path);
        let (expected, _) = read(dir.path());
        let bit = place as usize % (log.bytes.len() * 8);
        if cut {
            log.bytes.truncate(bit / 8);
        } else {
            log.bytes[bit / 8] ^= 1 << (bit % 8);
        }
        log.write(&path);
        let mut damage = Damage::default();
        let (content, surveyed) = read_with(dir.path(), &Selection::all(), u64::MAX, &mut damage);
        let mut lost = 0;
        for (name, expected) in &expected {
            let empty = SampleColumns::default();
            let found = content.get(name).unwrap_or(&empty);
            let pairs = |columns: &SampleColumns| -> BTreeMap<i64, u64> {
                let values = columns.floats.values.iter().map(|value| value.to_bits());
                millis(columns).into_iter().zip(values).collect()
            };
            let (found, expected) = (pairs(found), pairs(expected));
            prop_assert!(found.iter().all(|(at, value)| expected.get(at) == Some(value)));
            lost += expected.len() - found.len();
        }
        prop_assert!(lost == 0 || cut || !damage.is_empty() || surveyed.orphans > 0);
        for error in damage.examples() {
            let name = path.display().to_string();
            prop_assert!(error.to_string().starts_with(&name), "{}", error);
        }
    }
}

struct Nothing;
impl Visitor for Nothing {}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Records whose checksum is right and whose content is not.
    #[test]
    fn hostile_records_are_errors(
        kind in 0u8..16,
        content in proptest::collection::vec(prop_oneof![3 => 0u8..4, 1 => any::<u8>()], 0..80),
    ) {
        let mut bytes = vec![kind];
        bytes.extend(content);
        if let Err(fault) = record::visit(&bytes, &mut Nothing) {
            prop_assert!(fault.at <= bytes.len(), "{fault:?}");
        }
    }
}

#[test]
fn a_log_that_is_cut_short_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogWriter::new(Packing::None);
    log.record(&series(&[(1, "a")]));
    log.record(&samples(&[(1, 10, 1.0)]));
    log.record(&samples(&[(1, 20, 2.0)]));
    log.bytes.truncate(log.bytes.len() - 3);
    log.write(&dir.path().join("wal/00000000"));
    let (content, _) = read(dir.path());
    assert_eq!(millis(&content["a"]), [10]);
}

#[test]
fn the_newest_exemplars_and_a_limited_number_of_families_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogWriter::new(Packing::Snappy);
    let names: Vec<String> = (0..METADATA_MAX + 5).map(|number| format!("m{number}")).collect();
    let all: Vec<_> =
        names.iter().enumerate().map(|(place, name)| (place as u64, &**name)).collect();
    log.record(&series(&all));
    let mut metadata = vec![6];
    for (reference, _) in &all {
        put_uvarint(&mut metadata, *reference);
        metadata.extend([2, 0]);
    }
    log.record(&metadata);
    let mut exemplars = vec![4];
    exemplars.extend(0u64.to_be_bytes());
    exemplars.extend(0i64.to_be_bytes());
    for time in 0..EXEMPLARS_MAX as i64 + 5 {
        exemplars.push(0);
        put_varint(&mut exemplars, time);
        exemplars.extend([0; 8]);
        exemplars.push(0);
    }
    log.record(&exemplars);
    log.write(&dir.path().join("wal/00000000"));
    let (_, surveyed) = read(dir.path());
    assert_eq!(surveyed.metadata.len(), METADATA_MAX);
    assert_eq!(surveyed.exemplars.len(), EXEMPLARS_MAX);
    assert_eq!(surveyed.exemplars[0].1.timestamp.as_millis(), 5, "the oldest went");
}

#[test]
fn a_record_that_says_it_is_huge_is_damage_and_takes_no_memory() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogWriter::new(Packing::None);
    log.record(&series(&[(1, "a")]));
    // What Snappy begins with: the length when unpacked.
    let mut bomb = Vec::new();
    put_uvarint(&mut bomb, u64::from(u32::MAX));
    let at = log.bytes.len();
    log.record(&bomb);
    log.bytes[at] |= 8;
    log.bytes.resize(PAGE_BYTES, 0);
    log.record(&samples(&[(1, 10, 1.0)]));
    log.write(&dir.path().join("wal/00000000"));
    let mut damage = Damage::default();
    let (content, _) = read_with(dir.path(), &Selection::all(), u64::MAX, &mut damage);
    assert_eq!(damage.count(), 1);
    assert!(damage.examples()[0].to_string().ends_with("a record can't be unpacked"));
    assert_eq!(millis(&content["a"]), [10], "the next page is read");
}
