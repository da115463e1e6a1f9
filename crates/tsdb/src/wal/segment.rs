//! Segments: files of 32 KiB pages that hold records in fragments.

use std::path::{Path, PathBuf};

use disk::Disk;

use crate::error::{Damage, Malformed, TsdbError};
use crate::input::Input;

/// A page; a fragment does not cross its end.
pub(super) const PAGE_BYTES: usize = 32 << 10;
/// A record is at most this large when it is unpacked; beyond is damage.
const RECORD_BYTES_MAX: usize = 256 << 20;

const TYPE_MASK: u8 = 0b0000_0111;
const SNAPPY: u8 = 0b0000_1000;
const ZSTD: u8 = 0b0001_0000;

const PADDING: u8 = 0;
const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

const CHECKPOINT_PREFIX: &str = "checkpoint.";

/// The segments of the log in `dir`, in the order in which they were written: the
/// newest checkpoint's, then those that it does not stand for.
pub(super) fn list(disk: &dyn Disk, dir: &Path) -> Result<Vec<PathBuf>, TsdbError> {
    let entries = disk.list(dir).map_err(TsdbError::io(dir))?;
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let checkpoint = entries
        .iter()
        .filter(|entry| entry.is_dir)
        .filter_map(|entry| {
            let number = name(&entry.path)?.strip_prefix(CHECKPOINT_PREFIX)?.parse::<u64>().ok()?;
            Some((number, entry.path.clone()))
        })
        .max();
    let mut segments = Vec::new();
    if let Some((_, dir)) = &checkpoint {
        segments.extend(numbered(disk, dir)?.into_iter().map(|(_, path)| path));
    }
    let covered = checkpoint.map(|(number, _)| number);
    let newer = numbered(disk, dir)?.into_iter();
    segments.extend(
        newer
            .filter(|(number, _)| covered.is_none_or(|covered| *number > covered))
            .map(|(_, path)| path),
    );
    Ok(segments)
}

fn numbered(disk: &dyn Disk, dir: &Path) -> Result<Vec<(u64, PathBuf)>, TsdbError> {
    let entries = disk.list(dir).map_err(TsdbError::io(dir))?;
    let number = |path: &Path| path.file_name()?.to_str()?.parse::<u64>().ok();
    let files = entries.into_iter().filter(|entry| !entry.is_dir);
    let mut numbered: Vec<_> =
        files.filter_map(|entry| Some((number(&entry.path)?, entry.path))).collect();
    numbered.sort();
    Ok(numbered)
}

/// Hands each record of a segment to `each`, unpacked, with the place where it
/// begins. A damaged page is left out with the records that touch it; that the
/// last record is cut short is no damage, for a crash does that.
pub(super) fn read(
    disk: &dyn Disk,
    path: &Path,
    damage: &mut Damage,
    mut each: impl FnMut(u64, &[u8], &mut Damage),
) -> Result<(), TsdbError> {
    let map = disk.map(path).map_err(TsdbError::io(path))?;
    let mut assembly = Assembly::default();
    for (number, page) in map.chunks(PAGE_BYTES).enumerate() {
        let base = (number * PAGE_BYTES) as u64;
        let is_last = (number + 1) * PAGE_BYTES >= map.len();
        let read = assembly.read_page(page, base, &mut |at, record| each(at, record, damage));
        if let Err(error) = read {
            assembly.abandon();
            if !(is_last && error.reason == TORN) {
                damage.add(error.within(path, base));
            }
        }
    }
    Ok(())
}

/// The bytes end within a fragment.
const TORN: &str = "a record is cut short";

/// A record being put together.
#[derive(Default)]
struct Assembly {
    record: Vec<u8>,
    unpacked: Vec<u8>,
    /// Where the record began; `None` between records.
    begun_at: Option<u64>,
}

impl Assembly {
    fn abandon(&mut self) {
        self.record.clear();
        self.begun_at = None;
    }

    fn read_page(
        &mut self,
        page: &[u8],
        base: u64,
        each: &mut impl FnMut(u64, &[u8]),
    ) -> Result<(), Malformed> {
        let mut input = Input::new(page);
        while !input.is_empty() {
            let at = input.position();
            let header = input.byte()?;
            let kind = header & TYPE_MASK;
            if kind == PADDING {
                // The rest of the page is not used.
                return Ok(());
            }
            let torn = |_| Malformed { at, reason: TORN };
            let length = input.be_u16().map_err(torn)?;
            let checksum = input.be_u32().map_err(torn)?;
            let data = input.take(usize::from(length)).map_err(torn)?;
            if crc32c::crc32c(data) != checksum {
                return Err(Malformed { at, reason: "a record's checksum is wrong" });
            }
            match (kind, self.begun_at) {
                (FULL | FIRST, None) => self.begun_at = Some(base + at as u64),
                (MIDDLE | LAST, Some(_)) => {}
                // The start of this record stood on a page that was left out.
                (MIDDLE | LAST, None) => continue,
                (FULL | FIRST, Some(_)) => {
                    return Err(Malformed { at, reason: "a record begins within another" });
                }
                _ => return Err(Malformed { at, reason: "a record's type is not known" }),
            }
            self.record.extend_from_slice(data);
            if self.record.len() > RECORD_BYTES_MAX {
                return Err(Malformed { at, reason: "a record is too large" });
            }
            if matches!(kind, FULL | LAST) {
                self.finish(header, at, each)?;
            }
        }
        Ok(())
    }

    /// Hands the record out; the flags of its last fragment say how it is packed.
    fn finish(
        &mut self,
        header: u8,
        at: usize,
        each: &mut impl FnMut(u64, &[u8]),
    ) -> Result<(), Malformed> {
        let Some(begun_at) = self.begun_at.take() else { return Ok(()) };
        let bad = |reason| Malformed { at, reason };
        if header & SNAPPY != 0 {
            let length = snap::raw::decompress_len(&self.record).unwrap_or(usize::MAX);
            if length > RECORD_BYTES_MAX {
                return Err(bad("a record can't be unpacked"));
            }
            self.unpacked.resize(length, 0);
            snap::raw::Decoder::new()
                .decompress(&self.record, &mut self.unpacked)
                .map_err(|_| bad("a record can't be unpacked"))?;
            each(begun_at, &self.unpacked);
        } else if header & ZSTD != 0 {
            let unpacked = zstd::bulk::decompress(&self.record, RECORD_BYTES_MAX)
                .map_err(|_| bad("a record can't be unpacked"))?;
            each(begun_at, &unpacked);
        } else {
            each(begun_at, &self.record);
        }
        self.record.clear();
        Ok(())
    }
}
