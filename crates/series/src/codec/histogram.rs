//! Native histograms as bytes.
//!
//! Spans and bounds are nearly always those of the sample before, so a sample
//! says only whether they changed. Counts that are whole numbers are written as
//! differences from the same bucket before; all others as floats.

use std::sync::Arc;

use model::histogram::{BucketSpan, Buckets, CountFlavor, ResetHint};
use model::{Histogram, HistogramColumn, Timestamp};

use super::DecodeError;
use super::varint::{read, read_signed, take_byte, take_u64, write, write_signed};

/// The most buckets, spans or bounds of one sample; more is damage.
const PARTS_MAX: u64 = 1 << 16;

const SAME_LAYOUT: u8 = 1;
const WHOLE_COUNTS: u8 = 2;
const FLOAT_FLAVOR: u8 = 4;
const HINT_SHIFT: u8 = 3;

/// Appends the samples to `out`.
pub fn encode(timestamps: &[Timestamp], histograms: &[Arc<Histogram>], out: &mut Vec<u8>) {
    write(timestamps.len() as u64, out);
    let (mut last_time, mut last): (i64, Option<&Histogram>) = (0, None);
    for (timestamp, histogram) in timestamps.iter().zip(histograms) {
        write_signed(timestamp.as_millis().wrapping_sub(last_time), out);
        last_time = timestamp.as_millis();
        encode_one(histogram, last, out);
        last = Some(histogram);
    }
}

/// Appends one sample that stands alone.
pub fn encode_single(histogram: &Histogram, out: &mut Vec<u8>) {
    encode_one(histogram, None, out);
}

/// Takes one sample that stands alone off the front of `bytes`.
///
/// # Errors
/// Where the bytes are not what [`encode_single`] wrote.
pub fn decode_single(bytes: &mut &[u8]) -> Result<Histogram, DecodeError> {
    decode_one(bytes, None)
}

fn encode_one(histogram: &Histogram, last: Option<&Histogram>, out: &mut Vec<u8>) {
    let last = last.filter(|last| has_same_layout(last, histogram));
    let is_whole = counts(histogram).all(|count| count.fract() == 0.0 && count.abs() < 9e15);
    let hint = match histogram.reset_hint {
        ResetHint::Unknown => 0,
        ResetHint::Reset => 1,
        ResetHint::NotReset => 2,
        ResetHint::Gauge => 3,
    };
    let mut flags = hint << HINT_SHIFT;
    flags |= if last.is_some() { SAME_LAYOUT } else { 0 };
    flags |= if is_whole { WHOLE_COUNTS } else { 0 };
    flags |= if histogram.flavor == CountFlavor::Float { FLOAT_FLAVOR } else { 0 };
    out.push(flags);
    if last.is_none() {
        out.push(histogram.schema as u8);
        push_f64(histogram.zero_threshold, out);
        for buckets in [&histogram.positive, &histogram.negative] {
            write(buckets.spans.len() as u64, out);
            for span in &buckets.spans {
                write_signed(i64::from(span.offset), out);
                write(u64::from(span.length), out);
            }
        }
        write(histogram.custom_bounds.len() as u64, out);
        histogram.custom_bounds.iter().for_each(|bound| push_f64(*bound, out));
    }
    push_f64(histogram.sum, out);
    if is_whole {
        let before: Vec<f64> = last.map(|last| counts(last).collect()).unwrap_or_default();
        for (index, count) in counts(histogram).enumerate() {
            let before = before.get(index).copied().filter(|b| b.fract() == 0.0 && b.abs() < 9e15);
            write_signed(count as i64 - before.unwrap_or(0.0) as i64, out);
        }
    } else {
        counts(histogram).for_each(|count| push_f64(count, out));
    }
}

/// Undoes [`encode`], appending to `into`.
///
/// # Errors
/// Where the bytes are not what [`encode`] wrote.
pub fn decode(mut bytes: &[u8], into: &mut HistogramColumn) -> Result<(), DecodeError> {
    let mut time = 0i64;
    let mut last: Option<Arc<Histogram>> = None;
    for _ in 0..read(&mut bytes)? {
        time = time.wrapping_add(read_signed(&mut bytes)?);
        let histogram = Arc::new(decode_one(&mut bytes, last.as_deref())?);
        into.push(Timestamp::from_millis(time), Arc::clone(&histogram));
        last = Some(histogram);
    }
    Ok(())
}

fn decode_one(bytes: &mut &[u8], last: Option<&Histogram>) -> Result<Histogram, DecodeError> {
    let flags = take_byte(bytes)?;
    let mut histogram = if flags & SAME_LAYOUT == 0 {
        decode_layout(bytes)?
    } else {
        last.cloned().ok_or(DecodeError::Invalid("reference to a layout"))?
    };
    let before: Vec<f64> =
        if flags & SAME_LAYOUT == 0 { Vec::new() } else { counts(&histogram).collect() };
    histogram.flavor =
        if flags & FLOAT_FLAVOR == 0 { CountFlavor::Integer } else { CountFlavor::Float };
    histogram.reset_hint = match flags >> HINT_SHIFT & 3 {
        0 => ResetHint::Unknown,
        1 => ResetHint::Reset,
        2 => ResetHint::NotReset,
        _ => ResetHint::Gauge,
    };
    histogram.sum = f64::from_bits(take_u64(bytes)?);
    let mut index = 0;
    let mut next = || -> Result<f64, DecodeError> {
        let before = before.get(index).copied().filter(|b| b.fract() == 0.0 && b.abs() < 9e15);
        index += 1;
        if flags & WHOLE_COUNTS == 0 {
            Ok(f64::from_bits(take_u64(bytes)?))
        } else {
            Ok((before.unwrap_or(0.0) as i64).wrapping_add(read_signed(bytes)?) as f64)
        }
    };
    histogram.count = next()?;
    histogram.zero_count = next()?;
    for buckets in [&mut histogram.positive, &mut histogram.negative] {
        for count in &mut buckets.counts {
            *count = next()?;
        }
    }
    Ok(histogram)
}

fn decode_layout(bytes: &mut &[u8]) -> Result<Histogram, DecodeError> {
    let mut histogram = Histogram::new(take_byte(bytes)? as i8);
    histogram.zero_threshold = f64::from_bits(take_u64(bytes)?);
    for buckets in [&mut histogram.positive, &mut histogram.negative] {
        let mut total = 0u64;
        for _ in 0..parts(bytes)? {
            let offset = i32::try_from(read_signed(bytes)?)
                .map_err(|_| DecodeError::Invalid("span offset"))?;
            let length = parts(bytes)?;
            total += length;
            buckets.spans.push(BucketSpan { offset, length: length as u32 });
        }
        if total > PARTS_MAX {
            return Err(DecodeError::Invalid("number of buckets"));
        }
        *buckets = Buckets {
            spans: std::mem::take(&mut buckets.spans),
            counts: vec![0.0; total as usize],
        };
    }
    for _ in 0..parts(bytes)? {
        histogram.custom_bounds.push(f64::from_bits(take_u64(bytes)?));
    }
    Ok(histogram)
}

fn parts(bytes: &mut &[u8]) -> Result<u64, DecodeError> {
    let parts = read(bytes)?;
    if parts > PARTS_MAX { Err(DecodeError::Invalid("number of buckets")) } else { Ok(parts) }
}

fn counts(histogram: &Histogram) -> impl Iterator<Item = f64> + '_ {
    [histogram.count, histogram.zero_count]
        .into_iter()
        .chain(histogram.positive.counts.iter().copied())
        .chain(histogram.negative.counts.iter().copied())
}

fn has_same_layout(a: &Histogram, b: &Histogram) -> bool {
    a.schema == b.schema
        && a.zero_threshold.to_bits() == b.zero_threshold.to_bits()
        && a.positive.spans == b.positive.spans
        && a.negative.spans == b.negative.spans
        && a.custom_bounds == b.custom_bounds
}

fn push_f64(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_bits().to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn histogram(counts: &[(i32, f64)], sum: f64) -> Histogram {
        let mut histogram = Histogram::new(3);
        for (index, count) in counts {
            histogram.positive.push(*index, *count);
        }
        histogram.negative.push(-2, 1.0);
        histogram.zero_threshold = 1e-128;
        histogram.sum = sum;
        histogram.count = 1.0 + counts.iter().map(|(_, count)| count).sum::<f64>();
        histogram
    }

    proptest! {
        #[test]
        fn histograms_come_back(counts in proptest::collection::vec((0u32..1000, any::<bool>()), 1..20), sum in -1e9f64..1e9) {
            let mut column = HistogramColumn::default();
            for (index, (count, is_float)) in counts.iter().enumerate() {
                let count = f64::from(*count) + if *is_float { 0.25 } else { 0.0 };
                let buckets = [(0, count), (1, 5.0), (index as i32 / 4 + 3, count)];
                let mut sample = histogram(&buckets, sum);
                sample.reset_hint = if *is_float { ResetHint::Gauge } else { ResetHint::Unknown };
                column.push(Timestamp::from_millis(index as i64 * 15_000), Arc::new(sample));
            }
            let mut bytes = Vec::new();
            encode(&column.timestamps, &column.histograms, &mut bytes);
            let mut decoded = HistogramColumn::default();
            decode(&bytes, &mut decoded).unwrap();
            prop_assert_eq!(decoded, column);
        }

        #[test]
        fn damage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode(&bytes, &mut HistogramColumn::default());
        }
    }
}
