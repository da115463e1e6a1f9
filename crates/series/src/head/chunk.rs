//! The open chunk of a series: a light encoding that samples stream into.
//!
//! A sample takes 1 to 17 bytes: a control byte, what is left of the timestamp,
//! what is left of the value. A regular timestamp leaves nothing (the delta is
//! the last delta), a repeated value neither, a counter's step the bytes of the
//! step, any other value the bytes of its XOR with the last one that are not
//! zero at either end. Whole bytes rather than bits: an append is a few
//! instructions, and what the bits would save comes when a chunk is closed.
//!
//! ```text
//! first sample   timestamp i64, value f64
//! each other     control u8, timestamp 0|1|2|8 bytes, value 0|1|2|4|..8 bytes
//! control        bits 7-6  timestamp: 0 last delta, 1 delta + i8, 2 delta + i16, 3 i64
//!                bit  5    0: bits 4-0 are 0 same bits, 1 last + i8, 2 last + i16, 3 last + i32
//!                          1: XOR; bits 4-3 zero bytes at the top, bits 2-0 at the bottom
//! ```

use model::{FloatColumn, TimeRange, Timestamp};

use crate::wal::varint::{Input, Malformed, put_i64, put_u64};

/// Integers up to here are exact as `f64`, and so are their sums with an `i32`.
const EXACT_INTEGER_MAX: f64 = (1u64 << 52) as f64;

const XOR: u8 = 1 << 5;

/// Samples of one series, by strictly rising time, open for more.
#[derive(Debug, Default)]
pub(crate) struct OpenChunk {
    bytes: Vec<u8>,
    count: u32,
    first: i64,
    last: i64,
    last_delta: i64,
    last_bits: u64,
}

impl OpenChunk {
    /// A chunk of the samples of `all` that are not in `without`.
    pub(crate) fn of(all: &FloatColumn, without: TimeRange) -> Self {
        let mut chunk = Self::default();
        for (timestamp, value) in all.timestamps.iter().zip(&all.values) {
            if !without.contains(*timestamp) {
                chunk.push(timestamp.as_millis(), *value);
            }
        }
        chunk
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    /// The time of the first sample, in ms.
    pub(crate) fn first(&self) -> i64 {
        self.first
    }

    pub(crate) fn range(&self) -> TimeRange {
        TimeRange::new(Timestamp::from_millis(self.first), Timestamp::from_millis(self.last))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads the memory that the next sample is written to.
    #[inline]
    pub(crate) fn touch(&self) -> u8 {
        self.bytes.last().copied().unwrap_or(0)
    }

    /// Heap bytes.
    pub(crate) fn size_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    /// Appends a sample that is later than all before.
    #[inline]
    pub(crate) fn push(&mut self, timestamp: i64, value: f64) {
        let bits = value.to_bits();
        if self.count == 0 {
            self.first = timestamp;
            self.last_delta = 0;
            self.reserve(16);
            self.bytes.extend_from_slice(&timestamp.to_le_bytes());
            self.bytes.extend_from_slice(&bits.to_le_bytes());
        } else {
            self.push_next(timestamp, bits);
        }
        self.count += 1;
        self.last = timestamp;
        self.last_bits = bits;
    }

    #[inline]
    fn push_next(&mut self, timestamp: i64, bits: u64) {
        // Control, timestamp and value are laid into one buffer at full width and
        // cut to length: no branch on the length of a copy.
        let mut out = [0u8; 24];
        let mut at = 1;
        let delta = timestamp.wrapping_sub(self.last);
        let change = delta.wrapping_sub(self.last_delta);
        let time_code = if change == 0 {
            0
        } else if i64::from(change as i8) == change {
            out[at] = change as u8;
            at += 1;
            1
        } else if i64::from(change as i16) == change {
            out[at..at + 2].copy_from_slice(&(change as i16).to_le_bytes());
            at += 2;
            2
        } else {
            out[at..at + 8].copy_from_slice(&timestamp.to_le_bytes());
            at += 8;
            3
        };
        self.last_delta = delta;

        let (value_code, payload, length) = encode_value(self.last_bits, bits);
        out[at..at + 8].copy_from_slice(&payload.to_le_bytes());
        at += length;
        out[0] = time_code << 6 | value_code;
        self.reserve(at);
        self.bytes.extend_from_slice(&out[..at]);
    }

    /// Grows by halves rather than doubling: with 100,000 series the slack is memory.
    #[inline]
    fn reserve(&mut self, more: usize) {
        if self.bytes.capacity() - self.bytes.len() < more {
            let grown = (self.bytes.capacity() / 2).max(more).max(48).next_multiple_of(16);
            self.bytes.reserve_exact(grown);
        }
    }

    /// Appends all of the chunk's state to `out`.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_u64(out, u64::from(self.count));
        if self.count > 0 {
            put_i64(out, self.first);
            put_i64(out, self.last);
            put_i64(out, self.last_delta);
            put_u64(out, self.last_bits);
            put_u64(out, self.bytes.len() as u64);
            out.extend_from_slice(&self.bytes);
        }
    }

    /// Reads what [`OpenChunk::encode`] wrote.
    pub(crate) fn decode(input: &mut Input<'_>) -> Result<Self, Malformed> {
        let count = input.u32()?;
        if count == 0 {
            return Ok(Self::default());
        }
        let (first, last, last_delta) = (input.i64()?, input.i64()?, input.i64()?);
        let last_bits = input.u64()?;
        let length = input.count()?;
        let bytes = input.bytes(length)?.to_vec();
        Ok(Self { bytes, count, first, last, last_delta, last_bits })
    }

    /// Empties the chunk and keeps its memory for the next one.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// Appends the samples that lie in `range` to `into`.
    pub(crate) fn read(&self, range: TimeRange, into: &mut FloatColumn) {
        decode(&self.bytes, self.count, range, into);
    }
}

/// Value code, payload, and how many bytes of the payload count.
#[inline]
fn encode_value(last_bits: u64, bits: u64) -> (u8, u64, usize) {
    if bits == last_bits {
        return (0, 0, 0);
    }
    let (last, value) = (f64::from_bits(last_bits), f64::from_bits(bits));
    let step = value - last;
    // Only where decoding `last + step` gives the very same bits; -0.0 does not come of a sum.
    if last.abs() < EXACT_INTEGER_MAX && (last + step).to_bits() == bits {
        let whole = step as i32;
        if f64::from(whole) == step && (last + f64::from(whole)).to_bits() == bits {
            return if i32::from(whole as i8) == whole {
                (1, whole as u64, 1)
            } else if i32::from(whole as i16) == whole {
                (2, whole as u64, 2)
            } else {
                (3, whole as u64, 4)
            };
        }
    }
    let xor = bits ^ last_bits;
    let top = (xor.leading_zeros() / 8).min(3) as u8;
    let bottom = (xor.trailing_zeros() / 8) as u8;
    (XOR | top << 3 | bottom, xor >> (8 * bottom), usize::from(8 - top - bottom))
}

/// Appends the samples of a chunk of `count` samples that lie in `range` to `into`.
///
/// `bytes` come from [`OpenChunk::bytes`]; reading stops where they end.
pub(crate) fn decode(bytes: &[u8], count: u32, range: TimeRange, into: &mut FloatColumn) {
    let (start, end) = (range.start.as_millis(), range.end.as_millis());
    let mut reader = Reader { bytes, at: 0 };
    let (mut timestamp, mut delta, mut bits) = (0i64, 0i64, 0u64);
    for index in 0..count {
        if index == 0 {
            timestamp = reader.take(8) as i64;
            bits = reader.take(8);
        } else {
            let control = reader.take(1) as u8;
            let next = match control >> 6 {
                0 => timestamp.wrapping_add(delta),
                1 => timestamp.wrapping_add(delta).wrapping_add(i64::from(reader.take(1) as i8)),
                2 => timestamp.wrapping_add(delta).wrapping_add(i64::from(reader.take(2) as i16)),
                _ => reader.take(8) as i64,
            };
            delta = next.wrapping_sub(timestamp);
            timestamp = next;
            bits = reader.value(control, bits);
        }
        if timestamp > end {
            break;
        }
        if timestamp >= start {
            into.push(Timestamp::from_millis(timestamp), f64::from_bits(bits));
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    #[inline]
    fn take(&mut self, length: usize) -> u64 {
        let value = match self.bytes.get(self.at..self.at + 8) {
            Some(word) => {
                let word = u64::from_le_bytes(word.try_into().expect("eight bytes were cut"));
                if length == 8 { word } else { word & ((1 << (8 * length)) - 1) }
            }
            None => {
                let tail = self.bytes.get(self.at..).unwrap_or_default();
                tail.iter()
                    .take(length)
                    .enumerate()
                    .fold(0, |value, (index, byte)| value | u64::from(*byte) << (8 * index))
            }
        };
        self.at += length;
        value
    }

    #[inline]
    fn value(&mut self, control: u8, last_bits: u64) -> u64 {
        if control & XOR != 0 {
            let (top, bottom) = (usize::from(control >> 3 & 3), usize::from(control & 7));
            let length = 8usize.saturating_sub(top + bottom);
            return last_bits ^ self.take(length) << (8 * bottom);
        }
        let step = match control & 0x1f {
            0 => return last_bits,
            1 => i32::from(self.take(1) as i8),
            2 => i32::from(self.take(2) as i16),
            _ => self.take(4) as i32,
        };
        (f64::from_bits(last_bits) + f64::from(step)).to_bits()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            any::<i32>().prop_map(f64::from),
            (0i64..1000).prop_map(|v| v as f64),
            (0i64..100_000).prop_map(|v| v as f64 / 100.0),
            Just(0.0),
            Just(-0.0),
            Just(f64::INFINITY),
            Just(model::sample::STALE_NAN),
            Just(9_007_199_254_740_993.0),
        ]
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read(
            start in any::<i32>(),
            samples in prop::collection::vec(
                (prop_oneof![Just(15_000i64), 14_900i64..15_100, 1i64..1 << 40], value()),
                1..200,
            ),
        ) {
            let mut chunk = OpenChunk::default();
            let mut expected = Vec::new();
            let mut timestamp = i64::from(start);
            for (distance, value) in samples {
                timestamp += distance;
                chunk.push(timestamp, value);
                expected.push((timestamp, value.to_bits()));
            }
            let mut column = FloatColumn::default();
            chunk.read(TimeRange::ALL, &mut column);
            let read: Vec<_> = column
                .timestamps
                .iter()
                .zip(&column.values)
                .map(|(t, v)| (t.as_millis(), v.to_bits()))
                .collect();
            prop_assert_eq!(&read, &expected);

            let middle = expected[expected.len() / 2].0;
            let at = Timestamp::from_millis(middle);
            column.clear();
            chunk.read(TimeRange::new(at, at), &mut column);
            prop_assert_eq!(column.len(), 1);
        }
    }

    #[test]
    fn a_regular_gauge_and_a_counter_are_small() {
        let mut gauge = OpenChunk::default();
        let mut counter = OpenChunk::default();
        for i in 0..1001 {
            gauge.push(i * 15_000, 42.0);
            counter.push(i * 15_000, (i * 7) as f64);
        }
        // The first two deltas are no repetition: 8 bytes more at most.
        assert!(gauge.bytes().len() <= 16 + 1000 + 8, "{}", gauge.bytes().len());
        assert!(counter.bytes().len() <= 16 + 2000 + 8, "{}", counter.bytes().len());
    }
}
