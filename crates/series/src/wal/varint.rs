//! Fields of log records: integers of variable length, strings, floats.

use crate::codec::{DecodeError, varint};

/// A record ends early or holds what no writer wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a log record is malformed")]
pub(crate) struct Malformed;

impl From<DecodeError> for Malformed {
    fn from(_: DecodeError) -> Self {
        Self
    }
}

#[inline]
pub(crate) fn put_u64(out: &mut Vec<u8>, value: u64) {
    varint::write(value, out);
}

#[inline]
pub(crate) fn put_i64(out: &mut Vec<u8>, value: i64) {
    varint::write_signed(value, out);
}

pub(crate) fn put_str(out: &mut Vec<u8>, text: &str) {
    put_u64(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn put_f64(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(&value.to_bits().to_le_bytes());
}

/// Reads what the functions above wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(varint::take_byte(&mut self.0)?)
    }

    #[inline]
    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(varint::read(&mut self.0)?)
    }

    #[inline]
    pub(crate) fn i64(&mut self) -> Result<i64, Malformed> {
        Ok(varint::read_signed(&mut self.0)?)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.u64()?).map_err(|_| Malformed)
    }

    /// A count of things that take at least one byte each.
    pub(crate) fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.u64()?).map_err(|_| Malformed)?;
        if count > self.0.len() { Err(Malformed) } else { Ok(count) }
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        Ok(varint::take(&mut self.0, length)?)
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Malformed> {
        let length = self.count()?;
        std::str::from_utf8(self.bytes(length)?).map_err(|_| Malformed)
    }

    pub(crate) fn f64(&mut self) -> Result<f64, Malformed> {
        Ok(f64::from_bits(varint::take_u64(&mut self.0)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fields_return(a in any::<u64>(), b in any::<i64>(), c in any::<u64>(), text in ".*") {
            let mut out = Vec::new();
            put_u64(&mut out, a);
            put_i64(&mut out, b);
            put_f64(&mut out, f64::from_bits(c));
            put_str(&mut out, &text);
            let mut input = Input(&out);
            prop_assert_eq!(input.u64(), Ok(a));
            prop_assert_eq!(input.i64(), Ok(b));
            prop_assert_eq!(input.f64().map(f64::to_bits), Ok(c));
            prop_assert_eq!(input.str(), Ok(text.as_str()));
            prop_assert!(input.is_empty());
            prop_assert_eq!(input.byte(), Err(Malformed));
        }
    }
}
