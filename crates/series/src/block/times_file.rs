//! The times of a block's chunks, each column once.
//!
//! The series of a target share the times of its scrapes, so a block has far
//! fewer columns of times than chunks. Columns at an even step are described by
//! their entry in the index alone; the others stand in the file `times`.

use std::io::{self, BufWriter, Write};

use disk::{DiskFile, Map};
use hashbrown::HashMap;
use model::{TimeRange, Timestamp};
use xxhash_rust::xxh3::xxh3_128;

use crate::codec::{DecodeError, times};

/// The file's name.
pub const FILE: &str = "times";
/// The first bytes of the file.
pub const MAGIC: &[u8; 8] = b"BWTIMES1";
/// The bytes of an entry in the index.
pub const ENTRY_BYTES: usize = 32;

/// How many columns are remembered to be shared: as many as targets that are
/// scraped into one block, and more.
const KNOWN_COLUMNS_MAX: usize = 1 << 16;

/// A column of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimesEntry {
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// How many there are.
    pub count: u32,
    /// The bytes in the file, without the checksum behind them.
    pub length: u32,
    /// Where they begin; 0 where the column is even and has none.
    pub offset: u64,
}

impl TimesEntry {
    /// The span from the first to the last.
    pub fn range(&self) -> TimeRange {
        TimeRange::new(self.first, self.last)
    }

    /// Appends the entry's bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.first.as_millis().to_le_bytes());
        out.extend_from_slice(&self.last.as_millis().to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.offset.to_le_bytes());
    }

    /// Reads what [`TimesEntry::write`] wrote.
    pub fn read(bytes: &[u8; ENTRY_BYTES]) -> Self {
        let word = |at: usize| {
            u64::from_le_bytes(bytes[at..at + 8].try_into().expect("a word has eight bytes"))
        };
        Self {
            first: Timestamp::from_millis(word(0) as i64),
            last: Timestamp::from_millis(word(8) as i64),
            count: word(16) as u32,
            length: (word(16) >> 32) as u32,
            offset: word(24),
        }
    }
}

/// Writes columns of times as chunks need them.
#[derive(Debug)]
pub struct TimesWriter {
    file: BufWriter<Box<dyn DiskFile>>,
    offset: u64,
    entries: Vec<TimesEntry>,
    /// By the hash of their content: two different columns of a block have the
    /// same with a probability of about 10^-27.
    known: HashMap<u128, u32>,
    encoded: Vec<u8>,
}

impl TimesWriter {
    /// Begins the file.
    ///
    /// # Errors
    /// What the file system says; so for all below.
    pub fn new(file: Box<dyn DiskFile>) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 16, file);
        file.write_all(MAGIC)?;
        Ok(Self {
            file,
            offset: MAGIC.len() as u64,
            entries: Vec::new(),
            known: HashMap::new(),
            encoded: Vec::new(),
        })
    }

    /// The number of the column with these times, of which there is at least one.
    pub fn add(&mut self, column: &[Timestamp]) -> io::Result<u32> {
        let millis = Timestamp::column_as_millis(column);
        let hash = xxh3_128(bytemuck::cast_slice(millis));
        if let Some(number) = self.known.get(&hash) {
            return Ok(*number);
        }
        if self.known.len() == KNOWN_COLUMNS_MAX {
            self.known.clear();
        }
        let mut entry = TimesEntry {
            first: column[0],
            last: column[column.len() - 1],
            count: column.len() as u32,
            length: 0,
            offset: 0,
        };
        if !times::is_even(millis) {
            self.encoded.clear();
            times::encode(millis, &mut self.encoded);
            (entry.offset, entry.length) = (self.offset, self.encoded.len() as u32);
            self.file.write_all(&self.encoded)?;
            self.file.write_all(&crc32c::crc32c(&self.encoded).to_le_bytes())?;
            self.offset += self.encoded.len() as u64 + 4;
        }
        let number = self.entries.len() as u32;
        self.entries.push(entry);
        self.known.insert(hash, number);
        Ok(number)
    }

    /// Makes the file durable and returns the columns by number.
    pub fn finish(self) -> io::Result<Vec<TimesEntry>> {
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync()?;
        Ok(self.entries)
    }
}

/// Appends the column of `entry` to `into`.
///
/// # Errors
/// Where the file does not hold what the entry says; `into` is then as before.
pub fn read(map: &Map, entry: &TimesEntry, into: &mut Vec<Timestamp>) -> Result<(), DecodeError> {
    let before = into.len();
    let result = if entry.offset == 0 {
        let (first, last) = (entry.first.as_millis(), entry.last.as_millis());
        times::extend_even(first, last, entry.count as usize, into)
    } else {
        super::checked_page(map, entry.offset, entry.length)
            .and_then(|bytes| times::decode(bytes, entry.count as usize, into))
    };
    if result.is_err() {
        into.truncate(before);
    }
    result
}
