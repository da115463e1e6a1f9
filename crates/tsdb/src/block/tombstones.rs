//! What was deleted of a block: `tombstones`.

use std::io::ErrorKind;
use std::path::Path;

use disk::Disk;
use hashbrown::HashMap;
use model::{TimeRange, Timestamp};

use crate::error::{Malformed, TsdbError};
use crate::input::Input;

/// The file's name.
pub(super) const FILE: &str = "tombstones";
const MAGIC: u32 = 0x0130_BA30;
const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;

/// Deleted times, by the reference of the series.
#[derive(Clone, Debug, Default)]
pub(super) struct Tombstones(HashMap<u64, Vec<TimeRange>>);

impl Tombstones {
    /// Reads the file in `dir`; none is no deletions.
    pub(super) fn read(disk: &dyn Disk, dir: &Path) -> Result<Self, TsdbError> {
        let path = dir.join(FILE);
        match disk.read(&path) {
            Ok(bytes) => Self::parse(&bytes).map_err(|error| error.within(&path, 0)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(TsdbError::io(path)(error)),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let end = bytes.len().saturating_sub(CHECKSUM_BYTES);
        let mut input = Input::new(&bytes[..end]);
        if input.be_u32()? != MAGIC {
            return Err(Malformed { at: 0, reason: "it is no file of tombstones" });
        }
        if input.byte()? != VERSION {
            return Err(Malformed { at: 4, reason: "its version is not known" });
        }
        // The version is not part of what is summed.
        let checksum = Input::at(bytes, end).be_u32()?;
        if crc32c::crc32c(&bytes[input.position()..end]) != checksum {
            return Err(Malformed { at: end, reason: "its checksum is wrong" });
        }
        let mut all: HashMap<u64, Vec<TimeRange>> = HashMap::new();
        while !input.is_empty() {
            let series = input.uvarint()?;
            let first = Timestamp::from_millis(input.varint()?);
            let last = Timestamp::from_millis(input.varint()?);
            all.entry(series).or_default().push(TimeRange::new(first, last));
        }
        Ok(Self(all))
    }

    /// What was deleted of a series.
    pub(super) fn of(&self, series: u64) -> &[TimeRange] {
        self.0.get(&series).map_or(&[], Vec::as_slice)
    }
}

/// The file of a block of which nothing was deleted.
pub(super) fn empty() -> Vec<u8> {
    let mut bytes = MAGIC.to_be_bytes().to_vec();
    bytes.push(VERSION);
    bytes.extend(crc32c::crc32c(&[]).to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{put_uvarint, put_varint};

    fn file(stones: &[(u64, i64, i64)]) -> Vec<u8> {
        let mut bytes = empty();
        bytes.truncate(5);
        for (series, first, last) in stones {
            put_uvarint(&mut bytes, *series);
            put_varint(&mut bytes, *first);
            put_varint(&mut bytes, *last);
        }
        let checksum = crc32c::crc32c(&bytes[5..]);
        bytes.extend(checksum.to_be_bytes());
        bytes
    }

    #[test]
    fn deletions_are_read() {
        let stones = Tombstones::parse(&file(&[(7, -5, 10), (9, 0, 1), (7, 20, 30)])).unwrap();
        let range = |first, last| {
            TimeRange::new(Timestamp::from_millis(first), Timestamp::from_millis(last))
        };
        assert_eq!(stones.of(7), [range(-5, 10), range(20, 30)]);
        assert_eq!(stones.of(9), [range(0, 1)]);
        assert!(stones.of(8).is_empty());
        assert!(Tombstones::parse(&empty()).unwrap().0.is_empty());
    }

    #[test]
    fn damage_is_told_by_its_place() {
        let mut bytes = file(&[(7, -5, 10)]);
        bytes[6] ^= 1;
        let error = Tombstones::parse(&bytes).unwrap_err();
        assert_eq!(error, Malformed { at: bytes.len() - 4, reason: "its checksum is wrong" });
        for length in 0..bytes.len() {
            assert!(Tombstones::parse(&bytes[..length]).is_err(), "cut to {length}");
        }
    }
}
