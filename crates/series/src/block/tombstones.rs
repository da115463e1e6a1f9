//! What was deleted from a block: series and ranges of time.

use std::path::Path;

use disk::Disk;
use model::{SampleColumns, TimeRange, Timestamp};
use roaring::RoaringBitmap;

use super::{BlockError, damaged_by};
use crate::codec::DecodeError;
use crate::codec::varint::{read, read_signed, write, write_signed};

/// The file's name.
pub const FILE: &str = "tombstones";

/// Deletions of one block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tombstones {
    deletions: Vec<(TimeRange, RoaringBitmap)>,
}

impl Tombstones {
    /// Adds a deletion.
    pub fn add(&mut self, range: TimeRange, series: RoaringBitmap) {
        match self.deletions.iter_mut().find(|(known, _)| *known == range) {
            Some((_, known)) => *known |= series,
            None => self.deletions.push((range, series)),
        }
    }

    /// Whether nothing is deleted.
    pub fn is_empty(&self) -> bool {
        self.deletions.is_empty()
    }

    /// Whether something of series `number` is deleted.
    pub fn concerns(&self, number: u32) -> bool {
        self.deletions.iter().any(|(_, series)| series.contains(number))
    }

    /// Removes the deleted samples of series `number` from `columns`.
    pub fn apply(&self, number: u32, columns: &mut SampleColumns) {
        for (range, series) in &self.deletions {
            if series.contains(number) {
                retain(columns, |time| !range.contains(time));
            }
        }
    }

    /// Reads the file in `dir`; none where it is not there.
    ///
    /// # Errors
    /// Where it can't be read or is damaged.
    pub fn read(disk: &dyn Disk, dir: &Path) -> Result<Self, BlockError> {
        let path = dir.join(FILE);
        let bytes = match disk.read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(BlockError::io(&path)(error)),
        };
        let mut tombstones = Self::default();
        let mut result = Ok(());
        let mut expected = None;
        let report = disk::frame::scan(&bytes, |mut payload| {
            if expected.is_none() {
                expected = read(&mut payload).ok();
                return;
            }
            let mut read_one = || -> Result<(), DecodeError> {
                let start = Timestamp::from_millis(read_signed(&mut payload)?);
                let end = Timestamp::from_millis(read_signed(&mut payload)?);
                let series = RoaringBitmap::deserialize_from(payload)
                    .map_err(|_| DecodeError::Invalid("set of series"))?;
                tombstones.add(TimeRange::new(start, end), series);
                Ok(())
            };
            if let Err(error) = read_one() {
                result = Err(error);
            }
        });
        result.map_err(damaged_by(&path))?;
        let is_complete =
            expected.is_some_and(|expected| report.frames.checked_sub(1) == Some(expected));
        if report.damaged > 0 || report.is_torn || !is_complete {
            return Err(BlockError::damaged(&path, "a checksum is wrong or it is cut short"));
        }
        Ok(tombstones)
    }

    /// Writes the file in `dir`, whole or not at all.
    ///
    /// # Errors
    /// Where the file system fails.
    pub fn write(&self, disk: &dyn Disk, dir: &Path) -> Result<(), BlockError> {
        let mut out = Vec::new();
        let mut count = Vec::new();
        write(self.deletions.len() as u64, &mut count);
        disk::frame::write(&count, &mut out);
        for (range, series) in &self.deletions {
            let mut payload = Vec::new();
            write_signed(range.start.as_millis(), &mut payload);
            write_signed(range.end.as_millis(), &mut payload);
            series.serialize_into(&mut payload).expect("writing to memory does not fail");
            disk::frame::write(&payload, &mut out);
        }
        let path = dir.join(FILE);
        disk::file::replace(disk, &path, &out).map_err(BlockError::io(&path))
    }
}

fn retain(columns: &mut SampleColumns, keep: impl Fn(Timestamp) -> bool) {
    let mut kept = SampleColumns::default();
    for (time, value) in columns.floats.timestamps.iter().zip(&columns.floats.values) {
        if keep(*time) {
            kept.floats.push(*time, *value);
        }
    }
    for (time, value) in columns.histograms.timestamps.iter().zip(&columns.histograms.histograms) {
        if keep(*time) {
            kept.histograms.push(*time, std::sync::Arc::clone(value));
        }
    }
    *columns = kept;
}
