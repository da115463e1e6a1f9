//! Integers of one width, packed bit by bit.

use super::DecodeError;
use super::varint::take;

/// The bits that the largest of `values` needs.
pub fn width(values: impl IntoIterator<Item = u64>) -> u32 {
    64 - values.into_iter().fold(0, |all, value| all | value).leading_zeros()
}

/// The bytes that `count` values of `width` bits take.
pub const fn packed_len(count: usize, width: u32) -> usize {
    (count * width as usize).div_ceil(8)
}

/// Appends the low `width` bits of each value, lowest bit first.
pub fn pack(values: impl IntoIterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    let (mut pending, mut pending_bits) = (0u128, 0u32);
    for value in values {
        pending |= u128::from(value) << pending_bits;
        pending_bits += width;
        while pending_bits >= 64 {
            out.extend_from_slice(&(pending as u64).to_le_bytes());
            pending >>= 64;
            pending_bits -= 64;
        }
    }
    let tail = (pending as u64).to_le_bytes();
    out.extend_from_slice(&tail[..pending_bits.div_ceil(8) as usize]);
}

/// Takes `count` values of `width` bits off the front of `bytes` and hands them to `each`.
///
/// # Errors
/// Where the width is over 64 or there are too few bytes.
pub fn unpack(
    bytes: &mut &[u8],
    count: usize,
    width: u32,
    mut each: impl FnMut(u64),
) -> Result<(), DecodeError> {
    if width > 64 {
        return Err(DecodeError::Invalid("bit width"));
    }
    let packed = take(bytes, packed_len(count, width))?;
    match width {
        0 => (0..count).for_each(|_| each(0)),
        1..=WORD_WIDTH_MAX => unpack_words(packed, count, width, each),
        _ => unpack_wide(packed, count, width, each),
    }
    Ok(())
}

/// Values up to this width lie within the eight bytes from the one on where they begin.
const WORD_WIDTH_MAX: u32 = 57;

fn unpack_words(packed: &[u8], count: usize, width: u32, mut each: impl FnMut(u64)) {
    let mask = (1u64 << width) - 1;
    let mut at = 0;
    for _ in 0..count {
        let word = match packed[at / 8..].first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => last_word(&packed[at / 8..]),
        };
        each(word >> (at % 8) & mask);
        at += width as usize;
    }
}

/// Less than eight bytes, with zeros behind.
fn last_word(bytes: &[u8]) -> u64 {
    let mut word = [0u8; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

fn unpack_wide(packed: &[u8], count: usize, width: u32, mut each: impl FnMut(u64)) {
    let mask = if width == 64 { u64::MAX } else { (1u64 << width) - 1 };
    let (mut pending, mut pending_bits) = (0u128, 0u32);
    let mut words = packed.chunks(8);
    for _ in 0..count {
        if pending_bits < width {
            pending |= u128::from(last_word(words.next().unwrap_or(&[]))) << pending_bits;
            pending_bits += 64;
        }
        each(pending as u64 & mask);
        pending >>= width;
        pending_bits -= width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(values in proptest::collection::vec(any::<u64>(), 0..70), shift in 0u32..64) {
            let values: Vec<u64> = values.into_iter().map(|value| value >> shift).collect();
            let width = width(values.iter().copied());
            let mut packed = Vec::new();
            pack(values.iter().copied(), width, &mut packed);
            prop_assert_eq!(packed.len(), packed_len(values.len(), width));
            let (mut rest, mut unpacked) = (packed.as_slice(), Vec::new());
            unpack(&mut rest, values.len(), width, |value| unpacked.push(value)).unwrap();
            prop_assert!(rest.is_empty());
            prop_assert_eq!(unpacked, values);
        }
    }
}
