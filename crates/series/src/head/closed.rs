//! Chunks of floats that take no more samples.

use std::cell::RefCell;
use std::sync::Arc;

use model::{FloatColumn, TimeRange, Timestamp};

use super::chunk::{self, OpenChunk};
use crate::codec::light;
use crate::wal::varint::{Input, Malformed, put_i64, put_u64};

/// How the bytes of a chunk are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// As an open chunk streams it.
    Stream,
    /// A run of [`light`].
    Run,
}

/// Float samples of one series, shared with readers.
#[derive(Clone, Debug)]
pub(crate) struct ClosedChunk {
    range: TimeRange,
    count: u32,
    encoding: Encoding,
    bytes: Arc<[u8]>,
}

#[derive(Default)]
struct Scratch {
    column: FloatColumn,
    scaled: Vec<i64>,
    encoded: Vec<u8>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl ClosedChunk {
    /// The samples of `open`, as it has them: cheap, for a reader.
    pub(crate) fn copy_of(open: &OpenChunk) -> Self {
        Self::new(open.range(), open.len(), Encoding::Stream, open.bytes())
    }

    /// The samples of `open`, which is not empty, packed.
    pub(crate) fn pack(open: &OpenChunk) -> Self {
        if open.len() as usize > light::RUN_SAMPLES_MAX {
            return Self::copy_of(open);
        }
        SCRATCH.with_borrow_mut(|Scratch { column, scaled, encoded }| {
            column.clear();
            encoded.clear();
            open.read(TimeRange::ALL, column);
            let timestamps = Timestamp::column_as_millis(&column.timestamps);
            light::encode(timestamps, &column.values, scaled, encoded);
            if encoded.len() < open.bytes().len() {
                Self::new(open.range(), open.len(), Encoding::Run, encoded)
            } else {
                Self::copy_of(open)
            }
        })
    }

    fn new(range: TimeRange, count: u32, encoding: Encoding, bytes: &[u8]) -> Self {
        Self { range, count, encoding, bytes: Arc::from(bytes) }
    }

    pub(crate) fn range(&self) -> TimeRange {
        self.range
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Appends the samples in `range` to `into`.
    pub(crate) fn read(&self, range: TimeRange, into: &mut FloatColumn) {
        match self.encoding {
            Encoding::Stream => chunk::decode(&self.bytes, self.count, range, into),
            Encoding::Run => {
                let start = into.len();
                let decoded = light::decode(&mut &self.bytes[..], into);
                debug_assert!(decoded.is_ok(), "this process packed the chunk");
                let times = &into.timestamps[start..];
                let first = start + times.partition_point(|at| *at < range.start);
                let end = start + times.partition_point(|at| *at <= range.end);
                into.timestamps.truncate(end);
                into.values.truncate(end);
                into.timestamps.drain(start..first.min(end));
                into.values.drain(start..first.min(end));
            }
        }
    }

    /// The chunk without the samples in `range`; `None` where nothing is left.
    pub(crate) fn without(&self, range: TimeRange) -> Option<Self> {
        let mut all = FloatColumn::default();
        self.read(TimeRange::ALL, &mut all);
        let kept = OpenChunk::of(&all, range);
        (!kept.is_empty()).then(|| Self::pack(&kept))
    }

    /// Appends all of the chunk's state to `out`.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_i64(out, self.range.start.as_millis());
        put_i64(out, self.range.end.as_millis());
        put_u64(out, u64::from(self.count) << 1 | u64::from(self.encoding == Encoding::Run));
        put_u64(out, self.bytes.len() as u64);
        out.extend_from_slice(&self.bytes);
    }

    /// Reads what [`ClosedChunk::encode`] wrote.
    pub(crate) fn decode(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let start = Timestamp::from_millis(input.i64()?);
        let end = Timestamp::from_millis(input.i64()?);
        let tagged = input.u64()?;
        let count = u32::try_from(tagged >> 1).map_err(|_| Malformed)?;
        let encoding = if tagged & 1 == 0 { Encoding::Stream } else { Encoding::Run };
        let length = input.count()?;
        let bytes = input.bytes(length)?;
        Ok(Self::new(TimeRange::new(start, end), count, encoding, bytes))
    }
}
