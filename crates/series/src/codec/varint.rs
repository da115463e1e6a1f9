//! Integers of variable length: LEB128, zigzag for signed ones.

use super::DecodeError;

/// Appends `value`.
pub fn write(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends `value`, short where it is close to zero on either side.
pub fn write_signed(value: i64, out: &mut Vec<u8>) {
    write(zigzag(value), out);
}

/// Reads an integer off the front of `bytes`.
///
/// # Errors
/// Where the bytes end within it or it has more than 64 bits.
pub fn read(bytes: &mut &[u8]) -> Result<u64, DecodeError> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(DecodeError::Truncated)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(DecodeError::Invalid("integer"))
}

/// Reads what [`write_signed`] wrote.
///
/// # Errors
/// As [`read`].
pub fn read_signed(bytes: &mut &[u8]) -> Result<i64, DecodeError> {
    read(bytes).map(unzigzag)
}

/// Takes `length` bytes off the front of `bytes`.
///
/// # Errors
/// Where there are fewer.
pub fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], DecodeError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(DecodeError::Truncated)?;
    *bytes = rest;
    Ok(taken)
}

/// Takes one byte off the front of `bytes`.
///
/// # Errors
/// Where there is none.
pub fn take_byte(bytes: &mut &[u8]) -> Result<u8, DecodeError> {
    take(bytes, 1).map(|byte| byte[0])
}

/// Takes eight bytes as a little-endian number.
///
/// # Errors
/// Where there are fewer.
pub fn take_u64(bytes: &mut &[u8]) -> Result<u64, DecodeError> {
    let taken = take(bytes, 8)?;
    Ok(u64::from_le_bytes(taken.try_into().expect("eight bytes were taken")))
}

/// Maps signed to unsigned so that small magnitudes stay small.
pub const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Undoes [`zigzag`].
pub const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
