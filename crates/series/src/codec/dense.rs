//! Chunks of blocks: thousands of float samples through an entropy coder.
//!
//! Layout in `docs/format/chunk.md`. Times at an even step cost a few bytes.
//! Values that are decimal numbers are coded as integers, all others as floats,
//! by pcodec; where the bit-packed runs of [`light`](super::light) behind zstd
//! are smaller, those are kept.

use std::cell::RefCell;

use model::{FloatColumn, Timestamp};
use pco::standalone::{simple_compress, simple_decompress};
use pco::{ChunkConfig, DeltaSpec, ModeSpec};

use super::varint::{read, read_signed, take, take_byte, take_u64, write, write_signed};
use super::{DecodeError, light, numbers};

/// The most samples of a chunk.
pub const CHUNK_SAMPLES_MAX: usize = 1 << 14;

const TIMES_EVEN: u8 = 0;
const TIMES_CODED: u8 = 1;

const VALUES_CONSTANT: u8 = 0;
const VALUES_INTEGERS: u8 = 1;
const VALUES_FLOATS: u8 = 2;
const VALUES_INTEGER_RUNS: u8 = 3;

/// How hard pcodec tries, of 0 to 12: beyond, gains are below a percent.
const COMPRESSION_LEVEL: usize = 6;
const ZSTD_LEVEL: i32 = 3;

/// Appends a chunk to `out`.
///
/// # Panics
/// Where there is no sample, more than [`CHUNK_SAMPLES_MAX`], or the columns differ in length.
pub fn encode(timestamps: &[i64], values: &[f64], out: &mut Vec<u8>) {
    assert!(
        !timestamps.is_empty()
            && timestamps.len() <= CHUNK_SAMPLES_MAX
            && timestamps.len() == values.len(),
        "a chunk has 1 to {CHUNK_SAMPLES_MAX} samples"
    );
    write(timestamps.len() as u64, out);
    encode_times(timestamps, out);
    encode_values(values, out);
}

fn encode_times(timestamps: &[i64], out: &mut Vec<u8>) {
    let first = timestamps[0];
    let step = timestamps.get(1).map_or(0, |second| second.wrapping_sub(first));
    let is_even = timestamps.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step);
    out.push(if is_even { TIMES_EVEN } else { TIMES_CODED });
    write_signed(first, out);
    if is_even {
        write_signed(step, out);
        return;
    }
    // What is off the even grid, not the distances: jitter does not add up.
    let off_grid: Vec<i64> = timestamps
        .iter()
        .zip(0i64..)
        .map(|(time, index)| time.wrapping_sub(first.wrapping_add(step.wrapping_mul(index))))
        .collect();
    write_signed(step, out);
    push_sized(&compress_integers(&off_grid), out);
}

fn encode_values(values: &[f64], out: &mut Vec<u8>) {
    let first = values[0].to_bits();
    if values.iter().all(|value| value.to_bits() == first) {
        out.push(VALUES_CONSTANT);
        out.extend_from_slice(&first.to_le_bytes());
        return;
    }
    let mut scaled = Vec::new();
    let Some(decimals) = numbers::to_decimal(values, &mut scaled) else {
        out.push(VALUES_FLOATS);
        push_sized(&compress(values, DeltaSpec::Auto), out);
        return;
    };
    let coded = compress_integers(&scaled);
    match integer_runs(&scaled).filter(|runs| runs.len() < coded.len()) {
        Some(runs) => {
            out.extend_from_slice(&[VALUES_INTEGER_RUNS, decimals]);
            push_sized(&runs, out);
        }
        None => {
            out.extend_from_slice(&[VALUES_INTEGERS, decimals]);
            push_sized(&coded, out);
        }
    }
}

/// Differences as variable-length integers behind zstd: wins where they repeat in patterns.
fn integer_runs(scaled: &[i64]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(scaled.len() * 2);
    let mut last = 0i64;
    for value in scaled {
        write_signed(value.wrapping_sub(last), &mut plain);
        last = *value;
    }
    let packed = COMPRESSOR.with_borrow_mut(|compressor| {
        if compressor.is_none() {
            *compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).ok();
        }
        compressor.as_mut()?.compress(&plain).ok()
    })?;
    let mut out = Vec::with_capacity(packed.len() + 4);
    write(plain.len() as u64, &mut out);
    out.extend_from_slice(&packed);
    Some(out)
}

thread_local! {
    /// Made once a thread: to set one up costs more than a chunk does.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// Integers are coded as differences: what counts and what drifts gain by it, and
/// to look for more costs most of the time and gains below a percent.
fn compress_integers(numbers: &[i64]) -> Vec<u8> {
    compress(numbers, DeltaSpec::TryConsecutive(1))
}

fn compress<T: pco::data_types::Number>(numbers: &[T], delta: DeltaSpec) -> Vec<u8> {
    let config = ChunkConfig::default()
        .with_compression_level(COMPRESSION_LEVEL)
        .with_mode_spec(ModeSpec::Classic)
        .with_delta_spec(delta);
    simple_compress(numbers, &config).expect("the configuration is sound and chunks are small")
}

fn push_sized(bytes: &[u8], out: &mut Vec<u8>) {
    write(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Appends the samples of a chunk to `into`.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote; `into` may then hold part of the chunk.
pub fn decode(mut bytes: &[u8], into: &mut FloatColumn) -> Result<(), DecodeError> {
    let count = read(&mut bytes)? as usize;
    if count == 0 || count > CHUNK_SAMPLES_MAX {
        return Err(DecodeError::Invalid("count"));
    }
    into.timestamps.reserve(count);
    into.values.reserve(count);
    decode_times(&mut bytes, count, &mut into.timestamps)?;
    decode_values(&mut bytes, count, &mut into.values)
}

fn decode_times(
    bytes: &mut &[u8],
    count: usize,
    into: &mut Vec<Timestamp>,
) -> Result<(), DecodeError> {
    let mode = take_byte(bytes)?;
    let (first, step) = (read_signed(bytes)?, read_signed(bytes)?);
    let grid = |index: i64| first.wrapping_add(step.wrapping_mul(index));
    match mode {
        TIMES_EVEN => {
            into.extend((0..count as i64).map(|index| Timestamp::from_millis(grid(index))));
        }
        TIMES_CODED => {
            let off_grid: Vec<i64> = decompress(bytes, count)?;
            into.extend(
                off_grid
                    .iter()
                    .zip(0i64..)
                    .map(|(off, index)| Timestamp::from_millis(grid(index).wrapping_add(*off))),
            );
        }
        _ => return Err(DecodeError::Invalid("mode of times")),
    }
    Ok(())
}

fn decode_values(bytes: &mut &[u8], count: usize, into: &mut Vec<f64>) -> Result<(), DecodeError> {
    match take_byte(bytes)? {
        VALUES_CONSTANT => {
            into.extend(std::iter::repeat_n(f64::from_bits(take_u64(bytes)?), count));
        }
        VALUES_INTEGERS => {
            let decimals = decimals(bytes)?;
            let scaled: Vec<i64> = decompress(bytes, count)?;
            into.extend(scaled.iter().map(|value| numbers::from_decimal(*value, decimals)));
        }
        VALUES_FLOATS => into.extend(decompress::<f64>(bytes, count)?),
        VALUES_INTEGER_RUNS => {
            let decimals = decimals(bytes)?;
            decode_integer_runs(bytes, count, decimals, into)?;
        }
        _ => return Err(DecodeError::Invalid("mode of values")),
    }
    Ok(())
}

fn decode_integer_runs(
    bytes: &mut &[u8],
    count: usize,
    decimals: u8,
    into: &mut Vec<f64>,
) -> Result<(), DecodeError> {
    let length = read(bytes)? as usize;
    let mut packed = take(bytes, length)?;
    let plain_len = read(&mut packed)? as usize;
    if plain_len > count * 10 {
        return Err(DecodeError::Invalid("length"));
    }
    let plain = zstd::bulk::decompress(packed, plain_len)
        .map_err(|_| DecodeError::Invalid("compressed run"))?;
    let (mut rest, mut scaled) = (plain.as_slice(), 0i64);
    for _ in 0..count {
        scaled = scaled.wrapping_add(read_signed(&mut rest)?);
        into.push(numbers::from_decimal(scaled, decimals));
    }
    Ok(())
}

fn decimals(bytes: &mut &[u8]) -> Result<u8, DecodeError> {
    let decimals = take_byte(bytes)?;
    if numbers::is_decimals(decimals) {
        Ok(decimals)
    } else {
        Err(DecodeError::Invalid("number of decimals"))
    }
}

fn decompress<T: pco::data_types::Number>(
    bytes: &mut &[u8],
    count: usize,
) -> Result<Vec<T>, DecodeError> {
    let length = read(bytes)? as usize;
    let packed = take(bytes, length)?;
    let numbers: Vec<T> =
        simple_decompress(packed).map_err(|_| DecodeError::Invalid("coded column"))?;
    if numbers.len() == count { Ok(numbers) } else { Err(DecodeError::Invalid("count")) }
}

/// Whether a chunk of so few samples is smaller as runs: the coder's header costs.
pub const fn prefers_runs(samples: usize) -> bool {
    samples < 32
}

/// Appends samples in the smaller of both encodings, behind a byte that says which.
pub fn encode_best(timestamps: &[i64], values: &[f64], out: &mut Vec<u8>) {
    if prefers_runs(timestamps.len()) {
        out.push(0);
        light::encode_all(timestamps, values, out);
    } else {
        out.push(1);
        encode(timestamps, values, out);
    }
}

/// Undoes [`encode_best`].
///
/// # Errors
/// As [`decode`].
pub fn decode_best(mut bytes: &[u8], into: &mut FloatColumn) -> Result<(), DecodeError> {
    match take_byte(&mut bytes)? {
        0 => light::decode_all(&mut bytes, into),
        1 => decode(bytes, into),
        _ => Err(DecodeError::Invalid("encoding")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::tests::samples;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_bit_comes_back((timestamps, values) in samples(600)) {
            let mut bytes = Vec::new();
            encode_best(&timestamps, &values, &mut bytes);
            let mut column = FloatColumn::default();
            decode_best(&bytes, &mut column).unwrap();
            prop_assert_eq!(Timestamp::column_as_millis(&column.timestamps), timestamps);
            let to_bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(to_bits(&column.values), to_bits(&values));
        }
    }
}
