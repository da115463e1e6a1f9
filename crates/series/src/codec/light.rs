//! Runs: up to 255 float samples, bit-packed, cheap to write and to read.
//!
//! Layout in `docs/format/chunk.md`. Times are the first, the step, and what is
//! off the step; values are a constant, decimal integers (differences or
//! offsets, whichever is narrower), or the bits that changed from value to value.

use model::{FloatColumn, Timestamp};

use super::varint::{
    read, read_signed, take_byte, take_u64, unzigzag, write, write_signed, zigzag,
};
use super::{DecodeError, bits, numbers};

/// The most samples of a run.
pub const RUN_SAMPLES_MAX: usize = 255;

const TIMES_EVEN: u8 = 0;
const TIMES_PACKED: u8 = 1;

const VALUES_CONSTANT: u8 = 0;
const VALUES_DIFFERENCES: u8 = 1;
const VALUES_OFFSETS: u8 = 2;
const VALUES_XOR: u8 = 3;

/// Appends one run to `out`. `scratch` is working memory.
///
/// # Panics
/// Where there is no sample, more than [`RUN_SAMPLES_MAX`], or the columns differ in length.
pub fn encode(timestamps: &[i64], values: &[f64], scratch: &mut Vec<i64>, out: &mut Vec<u8>) {
    assert!(
        !timestamps.is_empty()
            && timestamps.len() <= RUN_SAMPLES_MAX
            && timestamps.len() == values.len(),
        "a run has 1 to 255 samples"
    );
    out.push(timestamps.len() as u8);
    encode_times(timestamps, out);
    encode_values(values, scratch, out);
}

fn encode_times(timestamps: &[i64], out: &mut Vec<u8>) {
    let first = timestamps[0];
    let step = timestamps.get(1).map_or(0, |second| second.wrapping_sub(first));
    let off_step = || {
        timestamps
            .windows(2)
            .skip(1)
            .map(|pair| zigzag(pair[1].wrapping_sub(pair[0]).wrapping_sub(step)))
    };
    let width = bits::width(off_step());
    out.push(if width == 0 { TIMES_EVEN } else { TIMES_PACKED });
    write_signed(first, out);
    if timestamps.len() > 1 {
        write_signed(step, out);
    }
    if width > 0 {
        out.push(width as u8);
        bits::pack(off_step(), width, out);
    }
}

fn encode_values(values: &[f64], scaled: &mut Vec<i64>, out: &mut Vec<u8>) {
    let first = values[0].to_bits();
    if values.iter().all(|value| value.to_bits() == first) {
        out.push(VALUES_CONSTANT);
        out.extend_from_slice(&first.to_le_bytes());
        return;
    }
    match numbers::to_decimal(values, scaled) {
        Some(decimals) => encode_integers(scaled, decimals, out),
        None => encode_xor(values, out),
    }
}

fn encode_integers(scaled: &[i64], decimals: u8, out: &mut Vec<u8>) {
    // Scaled integers stay below 2^53, so neither differences nor offsets overflow.
    let differences = || scaled.windows(2).map(|pair| pair[1] - pair[0]);
    let least_difference = differences().min().unwrap_or(0);
    let difference_width = bits::width(differences().map(|d| (d - least_difference) as u64));
    let least = scaled.iter().copied().min().unwrap_or(0);
    let offset_width = bits::width(scaled.iter().map(|value| (value - least) as u64));
    if difference_width <= offset_width {
        out.extend_from_slice(&[VALUES_DIFFERENCES, decimals, difference_width as u8]);
        write_signed(scaled[0], out);
        write_signed(least_difference, out);
        bits::pack(differences().map(|d| (d - least_difference) as u64), difference_width, out);
    } else {
        out.extend_from_slice(&[VALUES_OFFSETS, decimals, offset_width as u8]);
        write_signed(least, out);
        bits::pack(scaled.iter().map(|value| (value - least) as u64), offset_width, out);
    }
}

fn encode_xor(values: &[f64], out: &mut Vec<u8>) {
    let changed = || values.windows(2).map(|pair| pair[0].to_bits() ^ pair[1].to_bits());
    let trailing = changed().fold(0, |all, bits| all | bits).trailing_zeros().min(63);
    let width = bits::width(changed().map(|bits| bits >> trailing));
    out.extend_from_slice(&[VALUES_XOR, trailing as u8, width as u8]);
    out.extend_from_slice(&values[0].to_bits().to_le_bytes());
    bits::pack(changed().map(|bits| bits >> trailing), width, out);
}

/// Takes one run off the front of `bytes` and appends its samples to `into`.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote; `into` may then hold part of the run.
pub fn decode(bytes: &mut &[u8], into: &mut FloatColumn) -> Result<(), DecodeError> {
    let count = usize::from(take_byte(bytes)?);
    if count == 0 {
        return Err(DecodeError::Invalid("count"));
    }
    into.timestamps.reserve(count);
    into.values.reserve(count);
    decode_times(bytes, count, &mut into.timestamps)?;
    decode_values(bytes, count, &mut into.values)
}

fn decode_times(
    bytes: &mut &[u8],
    count: usize,
    into: &mut Vec<Timestamp>,
) -> Result<(), DecodeError> {
    let mode = take_byte(bytes)?;
    let mut time = read_signed(bytes)?;
    into.push(Timestamp::from_millis(time));
    if count == 1 {
        return Ok(());
    }
    let step = read_signed(bytes)?;
    let mut push = |off: i64| {
        time = time.wrapping_add(step).wrapping_add(off);
        into.push(Timestamp::from_millis(time));
    };
    push(0);
    match mode {
        TIMES_EVEN => (2..count).for_each(|_| push(0)),
        TIMES_PACKED => {
            // The encoder compares each distance with the step, not with the one before.
            let width = u32::from(take_byte(bytes)?);
            bits::unpack(bytes, count - 2, width, |off| push(unzigzag(off)))?;
        }
        _ => return Err(DecodeError::Invalid("mode of times")),
    }
    Ok(())
}

fn decode_values(bytes: &mut &[u8], count: usize, into: &mut Vec<f64>) -> Result<(), DecodeError> {
    match take_byte(bytes)? {
        VALUES_CONSTANT => {
            let value = f64::from_bits(take_u64(bytes)?);
            into.extend(std::iter::repeat_n(value, count));
        }
        VALUES_DIFFERENCES => {
            let (decimals, width) = integer_header(bytes)?;
            let mut scaled = read_signed(bytes)?;
            let least = read_signed(bytes)?;
            into.push(numbers::from_decimal(scaled, decimals));
            bits::unpack(bytes, count - 1, width, |difference| {
                scaled = scaled.wrapping_add(least).wrapping_add(difference as i64);
                into.push(numbers::from_decimal(scaled, decimals));
            })?;
        }
        VALUES_OFFSETS => {
            let (decimals, width) = integer_header(bytes)?;
            let least = read_signed(bytes)?;
            bits::unpack(bytes, count, width, |offset| {
                into.push(numbers::from_decimal(least.wrapping_add(offset as i64), decimals));
            })?;
        }
        VALUES_XOR => {
            let trailing = u32::from(take_byte(bytes)?);
            let width = u32::from(take_byte(bytes)?);
            if trailing > 63 {
                return Err(DecodeError::Invalid("shift"));
            }
            let mut value = take_u64(bytes)?;
            into.push(f64::from_bits(value));
            bits::unpack(bytes, count - 1, width, |changed| {
                value ^= changed << trailing;
                into.push(f64::from_bits(value));
            })?;
        }
        _ => return Err(DecodeError::Invalid("mode of values")),
    }
    Ok(())
}

fn integer_header(bytes: &mut &[u8]) -> Result<(u8, u32), DecodeError> {
    let decimals = take_byte(bytes)?;
    if !numbers::is_decimals(decimals) {
        return Err(DecodeError::Invalid("number of decimals"));
    }
    Ok((decimals, u32::from(take_byte(bytes)?)))
}

/// Appends many samples as runs of `run_samples`, behind a count of runs.
pub fn encode_all(timestamps: &[i64], values: &[f64], out: &mut Vec<u8>) {
    let mut scratch = Vec::new();
    let runs = timestamps.len().div_ceil(RUN_SAMPLES_MAX);
    write(runs as u64, out);
    for (times, values) in timestamps.chunks(RUN_SAMPLES_MAX).zip(values.chunks(RUN_SAMPLES_MAX)) {
        encode(times, values, &mut scratch, out);
    }
}

/// Undoes [`encode_all`].
///
/// # Errors
/// As [`decode`].
pub fn decode_all(bytes: &mut &[u8], into: &mut FloatColumn) -> Result<(), DecodeError> {
    for _ in 0..read(bytes)? {
        decode(bytes, into)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::tests::samples;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_bit_comes_back((timestamps, values) in samples(RUN_SAMPLES_MAX)) {
            let mut bytes = Vec::new();
            encode(&timestamps, &values, &mut Vec::new(), &mut bytes);
            let (mut rest, mut column) = (bytes.as_slice(), FloatColumn::default());
            decode(&mut rest, &mut column).unwrap();
            prop_assert!(rest.is_empty());
            prop_assert_eq!(Timestamp::column_as_millis(&column.timestamps), timestamps);
            let to_bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(to_bits(&column.values), to_bits(&values));
        }

        #[test]
        fn damage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(&mut bytes.as_slice(), &mut FloatColumn::default());
        }
    }

    #[test]
    fn a_counter_at_even_steps_takes_about_a_byte() {
        let timestamps: Vec<i64> = (0..120).map(|i| 1_700_000_000_000 + i * 15_000).collect();
        let values: Vec<f64> = (0..120).map(|i| f64::from(1_000_000 + i * 37 + i % 7)).collect();
        let mut bytes = Vec::new();
        encode(&timestamps, &values, &mut Vec::new(), &mut bytes);
        assert!(bytes.len() < 120, "{}", bytes.len());
    }
}
