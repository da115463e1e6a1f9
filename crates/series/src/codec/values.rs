//! Columns of float values, as blocks have them.
//!
//! Decimal numbers are coded as integers: a list of changes where they seldom
//! change, bit-packed where they are few, otherwise by pcodec, or as varints
//! behind zstd where differences repeat. All other columns are coded as floats.
//! Every value comes back to the bit. Layout in `docs/format/chunk.md`.

use std::cell::RefCell;

use super::decimal::Decimals;
use super::entropy::{self, Delta};
use super::varint::{read, read_signed, take, take_byte, take_u64, write, write_signed};
use super::{DecodeError, bits, numbers};

const CONSTANT: u8 = 0;
const CHANGES: u8 = 1;
const PACKED_VALUES: u8 = 2;
const PACKED_DIFFERENCES: u8 = 3;
const CODED: u8 = 4;
const COMPRESSED: u8 = 5;
const FLOATS: u8 = 6;
const PLAIN: u8 = 7;

const CODING_MASK: u8 = 0x0f;
const HAS_FACTOR: u8 = 0x10;
const HAS_EXCEPTIONS: u8 = 0x20;

/// Columns up to this length are packed where that is smaller.
const PACKED_VALUES_MAX: usize = 256;
/// Shorter columns are not coded: the header of the coder costs more than it gains.
const CODED_VALUES_MIN: usize = 24;
const ZSTD_LEVEL: i32 = 3;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    decimals: Decimals,
    differences: Vec<u8>,
    coded: Vec<u8>,
    /// Made once a thread: to set one up costs more than a column does.
    compressor: Option<zstd::bulk::Compressor<'static>>,
}

/// Appends a column that is not empty.
pub fn encode(values: &[f64], out: &mut Vec<u8>) {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.decimals.fill(values) {
            encode_decimals(scratch, out);
        } else {
            encode_floats(values, out);
        }
    });
}

fn encode_floats(values: &[f64], out: &mut Vec<u8>) {
    let first = values[0].to_bits();
    if values.iter().all(|value| value.to_bits() == first) {
        out.push(PLAIN);
        out.extend_from_slice(&first.to_le_bytes());
    } else if values.len() < CODED_VALUES_MIN {
        out.push(PLAIN);
        values.iter().for_each(|value| out.extend_from_slice(&value.to_bits().to_le_bytes()));
    } else {
        out.push(FLOATS);
        entropy::encode(values, Delta::Search, out);
    }
}

fn encode_decimals(scratch: &mut Scratch, out: &mut Vec<u8>) {
    let Scratch { decimals, differences, coded, compressor } = scratch;
    let integers = &decimals.integers;
    let shape = Shape::of(integers);
    let flags = if decimals.factor > 1 { HAS_FACTOR } else { 0 }
        | if decimals.exceptions.is_empty() { 0 } else { HAS_EXCEPTIONS };
    let mode_at = out.len();
    out.extend_from_slice(&[flags, decimals.decimals]);
    if decimals.factor > 1 {
        write_signed(decimals.base, out);
        write(decimals.factor as u64, out);
    }
    if !decimals.exceptions.is_empty() {
        write_exceptions(&decimals.exceptions, out);
    }
    let coding = if shape.changes == 0 {
        write_signed(integers[0], out);
        CONSTANT
    } else if shape.changes * 8 <= integers.len() {
        write_changes(integers, out);
        CHANGES
    } else {
        let body_at = out.len();
        let mut best = (usize::MAX, CODED);
        if integers.len() >= CODED_VALUES_MIN {
            entropy::encode(integers, shape.delta(), out);
            best.0 = out.len() - body_at;
        }
        if integers.len() <= PACKED_VALUES_MAX {
            best = best.min(shape.packed_len(integers.len()));
        }
        if shape.changes * 2 < integers.len()
            && compress(integers, differences, coded, compressor)
            && coded.len() < best.0
        {
            best = (coded.len(), COMPRESSED);
        }
        if best.1 != CODED {
            out.truncate(body_at);
        }
        match best.1 {
            COMPRESSED => out.extend_from_slice(coded),
            PACKED_VALUES => {
                write_signed(shape.least, out);
                let width = bits::width([shape.value_span]);
                out.push(width as u8);
                bits::pack(integers.iter().map(|value| value.abs_diff(shape.least)), width, out);
            }
            PACKED_DIFFERENCES => {
                write_signed(integers[0], out);
                write_signed(shape.least_difference, out);
                let width = bits::width([shape.difference_span]);
                out.push(width as u8);
                let differences = integers
                    .windows(2)
                    .map(|pair| (pair[1] - pair[0]).abs_diff(shape.least_difference));
                bits::pack(differences, width, out);
            }
            _ => {}
        }
        best.1
    };
    out[mode_at] |= coding;
}

/// What decides how integers are coded. They are below 2^53 in magnitude, so
/// their differences and spans are numbers of 64 bits.
struct Shape {
    /// How many differ from the one before.
    changes: usize,
    least: i64,
    value_span: u64,
    least_difference: i64,
    difference_span: u64,
    /// The bits of the values' distances from the middle of their span, added up.
    value_bits: u64,
    /// The bits of the differences, added up.
    difference_bits: u64,
}

impl Shape {
    fn of(integers: &[i64]) -> Self {
        let (mut least, mut most) = (integers[0], integers[0]);
        let (mut least_difference, mut most_difference) = (i64::MAX, i64::MIN);
        let (mut changes, mut difference_bits) = (0, 0);
        let mut sum = i128::from(integers[0]);
        for pair in integers.windows(2) {
            let difference = pair[1] - pair[0];
            changes += usize::from(difference != 0);
            least = least.min(pair[1]);
            most = most.max(pair[1]);
            least_difference = least_difference.min(difference);
            most_difference = most_difference.max(difference);
            difference_bits += bits_of(difference);
            sum += i128::from(pair[1]);
        }
        let mean = (sum / integers.len() as i128) as i64;
        let value_bits = integers.iter().map(|value| bits_of(value - mean)).sum();
        if integers.len() < 2 {
            (least_difference, most_difference) = (0, 0);
        }
        Self {
            changes,
            least,
            value_span: most.abs_diff(least),
            least_difference,
            difference_span: most_difference.abs_diff(least_difference),
            value_bits,
            difference_bits,
        }
    }

    /// Noise about a level is larger as differences, all that drifts or counts is smaller.
    fn delta(&self) -> Delta {
        if self.value_bits < self.difference_bits { Delta::None } else { Delta::Consecutive }
    }

    /// The bytes of the better kind of packing, about, and which it is.
    fn packed_len(&self, count: usize) -> (usize, u8) {
        let header = 5;
        let values = bits::packed_len(count, bits::width([self.value_span]));
        let differences = bits::packed_len(count - 1, bits::width([self.difference_span]));
        if differences < values {
            (header + differences, PACKED_DIFFERENCES)
        } else {
            (header + values, PACKED_VALUES)
        }
    }
}

fn bits_of(value: i64) -> u64 {
    u64::from(64 - value.unsigned_abs().leading_zeros())
}

fn write_exceptions(exceptions: &[(usize, u64)], out: &mut Vec<u8>) {
    write(exceptions.len() as u64, out);
    let mut next = 0;
    for (place, value) in exceptions {
        write((place - next) as u64, out);
        out.extend_from_slice(&value.to_le_bytes());
        next = place + 1;
    }
}

fn write_changes(integers: &[i64], out: &mut Vec<u8>) {
    write_signed(integers[0], out);
    let mut since = 0u64;
    for pair in integers.windows(2) {
        if pair[0] == pair[1] {
            since += 1;
        } else {
            write(since, out);
            write_signed(pair[1] - pair[0], out);
            since = 0;
        }
    }
}

/// Puts the compressed differences into `coded`; returns whether that worked.
fn compress(
    integers: &[i64],
    differences: &mut Vec<u8>,
    coded: &mut Vec<u8>,
    compressor: &mut Option<zstd::bulk::Compressor<'static>>,
) -> bool {
    differences.clear();
    let mut last = 0;
    for integer in integers {
        write_signed(integer - last, differences);
        last = *integer;
    }
    if compressor.is_none() {
        *compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).ok();
    }
    let Some(compressor) = compressor else { return false };
    coded.clear();
    coded.resize(zstd::zstd_safe::compress_bound(differences.len()), 0);
    let Ok(length) = compressor.compress_to_buffer(differences, coded) else { return false };
    coded.truncate(length);
    true
}

/// Appends the `count` values of a column that [`encode`] wrote.
///
/// # Errors
/// Where the bytes are no such column; `into` may then hold part of it.
pub fn decode(mut bytes: &[u8], count: usize, into: &mut Vec<f64>) -> Result<(), DecodeError> {
    let bytes = &mut bytes;
    let mode = take_byte(bytes)?;
    into.reserve(count);
    match mode {
        FLOATS => {
            into.extend(entropy::decode::<f64>(bytes, count)?);
            Ok(())
        }
        PLAIN => decode_plain(bytes, count, into),
        _ => decode_decimals(mode, bytes, count, into),
    }
}

fn decode_plain(bytes: &mut &[u8], count: usize, into: &mut Vec<f64>) -> Result<(), DecodeError> {
    if bytes.len() == 8 {
        let value = f64::from_bits(take_u64(bytes)?);
        into.extend(std::iter::repeat_n(value, count));
        return Ok(());
    }
    for _ in 0..count {
        into.push(f64::from_bits(take_u64(bytes)?));
    }
    Ok(())
}

fn decode_decimals(
    mode: u8,
    bytes: &mut &[u8],
    count: usize,
    into: &mut Vec<f64>,
) -> Result<(), DecodeError> {
    let decimals = take_byte(bytes)?;
    if !numbers::is_decimals(decimals) {
        return Err(DecodeError::Invalid("number of decimals"));
    }
    let (base, factor) =
        if mode & HAS_FACTOR == 0 { (0, 1) } else { (read_signed(bytes)?, read(bytes)? as i64) };
    let exceptions =
        if mode & HAS_EXCEPTIONS == 0 { Vec::new() } else { read_exceptions(bytes, count)? };
    let start = into.len();
    let mut push = |integer: i64| {
        let scaled = integer.wrapping_mul(factor).wrapping_add(base);
        into.push(numbers::from_decimal(scaled, decimals));
    };
    match mode & CODING_MASK {
        CONSTANT => {
            let integer = read_signed(bytes)?;
            (0..count).for_each(|_| push(integer));
        }
        CHANGES => each_change(bytes, count, push)?,
        PACKED_VALUES => {
            let least = read_signed(bytes)?;
            let width = u32::from(take_byte(bytes)?);
            bits::unpack(bytes, count, width, |off| push(least.wrapping_add(off as i64)))?;
        }
        PACKED_DIFFERENCES => {
            let mut integer = read_signed(bytes)?;
            let least = read_signed(bytes)?;
            let width = u32::from(take_byte(bytes)?);
            push(integer);
            bits::unpack(bytes, count.saturating_sub(1), width, |off| {
                integer = integer.wrapping_add(least).wrapping_add(off as i64);
                push(integer);
            })?;
        }
        CODED => entropy::decode::<i64>(bytes, count)?.into_iter().for_each(push),
        COMPRESSED => each_compressed(bytes, count, push)?,
        _ => return Err(DecodeError::Invalid("mode of values")),
    }
    if into.len() != start + count {
        return Err(DecodeError::Invalid("count"));
    }
    for (place, value) in exceptions {
        into[start + place] = f64::from_bits(value);
    }
    Ok(())
}

fn read_exceptions(bytes: &mut &[u8], count: usize) -> Result<Vec<(usize, u64)>, DecodeError> {
    let length = read(bytes)?;
    let mut exceptions = Vec::new();
    let mut next = 0usize;
    for _ in 0..length {
        let place = usize::try_from(read(bytes)?).ok().and_then(|gap| next.checked_add(gap));
        let place = place.filter(|place| *place < count);
        let place = place.ok_or(DecodeError::Invalid("place of a value"))?;
        exceptions.push((place, take_u64(bytes)?));
        next = place + 1;
    }
    Ok(exceptions)
}

fn each_change(
    bytes: &mut &[u8],
    count: usize,
    mut push: impl FnMut(i64),
) -> Result<(), DecodeError> {
    let mut integer = read_signed(bytes)?;
    let mut left = count;
    while !bytes.is_empty() {
        let same = usize::try_from(read(bytes)?).ok().and_then(|since| since.checked_add(1));
        let same =
            same.filter(|same| *same < left).ok_or(DecodeError::Invalid("place of a change"))?;
        (0..same).for_each(|_| push(integer));
        left -= same;
        integer = integer.wrapping_add(read_signed(bytes)?);
    }
    (0..left).for_each(|_| push(integer));
    Ok(())
}

fn each_compressed(
    bytes: &mut &[u8],
    count: usize,
    mut push: impl FnMut(i64),
) -> Result<(), DecodeError> {
    let length = bytes.len();
    // A difference has at most ten bytes.
    let plain = zstd::bulk::decompress(take(bytes, length)?, count.saturating_mul(10))
        .map_err(|_| DecodeError::Invalid("compressed column"))?;
    let mut rest = plain.as_slice();
    let mut integer = 0i64;
    for _ in 0..count {
        integer = integer.wrapping_add(read_signed(&mut rest)?);
        push(integer);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::sample::STALE_NAN;
    use proptest::prelude::*;

    use super::*;
    use crate::codec::tests::samples;

    fn encoded(values: &[f64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(values, &mut bytes);
        bytes
    }

    fn check(values: &[f64]) {
        let mut column = vec![1.0];
        decode(&encoded(values), values.len(), &mut column).unwrap();
        let to_bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(to_bits(&column[1..]), to_bits(values));
    }

    fn coding(values: &[f64]) -> u8 {
        check(values);
        encoded(values)[0] & CODING_MASK
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn every_bit_comes_back((_, values) in samples(600)) {
            check(&values);
        }

        #[test]
        fn damage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), count in 0usize..300) {
            let _ = decode(&bytes, count, &mut Vec::new());
        }

        #[test]
        fn a_flipped_bit_never_panics((_, values) in samples(300), place: prop::sample::Index, bit in 0u8..8) {
            let mut bytes = encoded(&values);
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            let _ = decode(&bytes, values.len(), &mut Vec::new());
        }
    }

    #[test]
    fn each_kind_of_column_has_its_coding() {
        let noise = |i: i64| (i * i * 7919 + i * 104_729) % 1009;
        let column =
            |count: i64, value: &dyn Fn(i64) -> f64| (0..count).map(value).collect::<Vec<_>>();
        assert_eq!(coding(&[42.5]), CONSTANT);
        assert_eq!(coding(&[STALE_NAN; 100]), PLAIN);
        assert_eq!(coding(&column(400, &|_| 7.25)), CONSTANT);
        assert_eq!(coding(&column(400, &|i| (i / 100) as f64)), CHANGES);
        assert_eq!(coding(&column(20, &|i| noise(i) as f64)), PACKED_VALUES);
        assert_eq!(coding(&column(20, &|i| (i * 1000 + noise(i) % 8) as f64)), PACKED_DIFFERENCES);
        assert_eq!(coding(&column(2000, &|i| noise(i) as f64 / 100.0)), CODED);
        assert_eq!(coding(&column(2000, &|i| (i / 3 * 1000) as f64)), COMPRESSED);
        assert_eq!(coding(&column(400, &|i| 1.0 / (noise(i) + 3) as f64)), FLOATS);
        assert_eq!(coding(&[1.0 / 3.0, 2.0 / 3.0]), PLAIN);
    }

    #[test]
    fn a_marker_of_staleness_does_not_make_a_counter_dear() {
        let mut values: Vec<f64> = (0..480).map(|i| f64::from(i * 37 + i % 7)).collect();
        let before = encoded(&values).len();
        values[100] = STALE_NAN;
        values[479] = STALE_NAN;
        check(&values);
        assert!(encoded(&values).len() < before + 60, "{} {before}", encoded(&values).len());
    }

    #[test]
    fn what_never_changes_takes_a_few_bytes() {
        assert!(encoded(&[0.0; 8192]).len() <= 3);
        assert!(encoded(&[1_073_741_824.0; 8192]).len() <= 8);
    }
}
