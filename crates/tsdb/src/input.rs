//! Fields as Prometheus writes them: big-endian numbers, LEB128 varints, strings.

use crate::error::Malformed;

/// Bytes that are read from front to back.
#[derive(Clone, Debug)]
pub(crate) struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Begins at `at`, which may lie outside: then nothing can be read.
    pub(crate) fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at: at.min(bytes.len()) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Says that what was read last, or comes next, is wrong.
    pub(crate) fn fail(&self, reason: &'static str) -> Malformed {
        Malformed { at: self.at, reason }
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| self.fail("the bytes end too early"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let taken = self.take(N)?;
        Ok(taken.try_into().expect("as many bytes were taken as the array has"))
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn be_u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(crate) fn be_u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(crate) fn be_u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub(crate) fn be_i64(&mut self) -> Result<i64, Malformed> {
        Ok(self.be_u64()? as i64)
    }

    pub(crate) fn be_f64(&mut self) -> Result<f64, Malformed> {
        Ok(f64::from_bits(self.be_u64()?))
    }

    pub(crate) fn uvarint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.fail("an integer has more than 64 bits"))
    }

    pub(crate) fn varint(&mut self) -> Result<i64, Malformed> {
        let value = self.uvarint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(crate) fn uvarint_u32(&mut self) -> Result<u32, Malformed> {
        let value = self.uvarint()?;
        u32::try_from(value).map_err(|_| self.fail("an integer has more than 32 bits"))
    }

    /// A count of things that take at least `size_min` bytes each, so that no
    /// damaged count makes us reserve more memory than there is data.
    pub(crate) fn count(&mut self, size_min: usize) -> Result<usize, Malformed> {
        let count = self.uvarint()?;
        let room = (self.bytes.len() - self.at) / size_min;
        usize::try_from(count)
            .ok()
            .filter(|count| *count <= room)
            .ok_or_else(|| self.fail("a count is larger than what follows"))
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Malformed> {
        let length = self.count(1)?;
        let start = self.clone();
        std::str::from_utf8(self.take(length)?).map_err(|_| start.fail("text is not UTF-8"))
    }
}

/// Appends an unsigned integer, short where it is small.
pub(crate) fn put_uvarint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed integer, short where it is close to zero.
pub(crate) fn put_varint(out: &mut Vec<u8>, value: i64) {
    put_uvarint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends a string behind its length.
pub(crate) fn put_str(out: &mut Vec<u8>, text: &str) {
    put_uvarint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fields_return(a in any::<u64>(), b in any::<i64>(), text in ".*") {
            let mut out = Vec::new();
            put_uvarint(&mut out, a);
            put_varint(&mut out, b);
            put_str(&mut out, &text);
            let mut input = Input::new(&out);
            prop_assert_eq!(input.uvarint(), Ok(a));
            prop_assert_eq!(input.varint(), Ok(b));
            prop_assert_eq!(input.str(), Ok(text.as_str()));
            prop_assert!(input.is_empty() && input.byte().is_err());
        }
    }

    #[test]
    fn a_count_that_is_too_large_is_refused_before_memory_is_reserved() {
        let mut out = Vec::new();
        put_uvarint(&mut out, u64::MAX);
        out.extend([0; 8]);
        assert_eq!(
            Input::new(&out).count(1),
            Err(Malformed { at: 10, reason: "a count is larger than what follows" })
        );
        assert_eq!(Input::new(&[4, 0, 0, 0, 0]).count(1), Ok(4));
        assert!(Input::new(&[4, 0, 0, 0, 0]).count(2).is_err());
    }
}
