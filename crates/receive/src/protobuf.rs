//! Reading protobuf without a copy: what is on the wire, field by field.
//!
//! Strings stay bytes until someone asks for text, so that one label that is no
//! UTF-8 costs its series and not the request, as it would in a decoder that
//! was generated. The encoding is that of <https://protobuf.dev/programming-guides/encoding/>.

/// Bytes that are no protobuf message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The message ends within a field.
    #[error("the message is cut short")]
    Truncated,
    /// A variable-length integer has more than ten bytes.
    #[error("a variable-length integer is too long")]
    Varint,
    /// A field's number is zero or too large, or its wire type is none that is used.
    #[error("a field has an invalid tag")]
    Tag,
    /// A field is not encoded as its type asks.
    #[error("field {0} has the wrong wire type")]
    Type(u32),
}

/// A field's value as it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// A field: its number and its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    pub(crate) value: Value<'a>,
}

/// The fields of a message, in the order in which they came. Ends after the first error.
#[derive(Clone, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of `message`.
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = take_field(&mut self.rest);
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

impl<'a> Field<'a> {
    /// The bytes of a string, bytes, message or packed field.
    #[inline]
    pub(crate) fn bytes(&self) -> Result<&'a [u8], WireError> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(WireError::Type(self.number)),
        }
    }

    /// A `uint64`, `uint32`, `bool` or enum.
    #[inline]
    pub(crate) fn varint(&self) -> Result<u64, WireError> {
        match self.value {
            Value::Varint(value) => Ok(value),
            _ => Err(WireError::Type(self.number)),
        }
    }

    /// An `int64`.
    #[inline]
    pub(crate) fn int64(&self) -> Result<i64, WireError> {
        Ok(self.varint()? as i64)
    }

    /// A `sint64` or `sint32`.
    #[inline]
    pub(crate) fn sint64(&self) -> Result<i64, WireError> {
        Ok(zigzag(self.varint()?))
    }

    /// A `double`.
    #[inline]
    pub(crate) fn double(&self) -> Result<f64, WireError> {
        match self.value {
            Value::Fixed64(bits) => Ok(f64::from_bits(bits)),
            _ => Err(WireError::Type(self.number)),
        }
    }

    /// Integers of a repeated field, packed or one by one.
    pub(crate) fn each_varint(&self, mut each: impl FnMut(u64)) -> Result<(), WireError> {
        match self.value {
            Value::Varint(value) => each(value),
            Value::Bytes(mut packed) => {
                while !packed.is_empty() {
                    each(take_varint(&mut packed)?);
                }
            }
            _ => return Err(WireError::Type(self.number)),
        }
        Ok(())
    }

    /// Doubles of a repeated field, packed or one by one.
    pub(crate) fn each_double(&self, mut each: impl FnMut(f64)) -> Result<(), WireError> {
        match self.value {
            Value::Fixed64(bits) => each(f64::from_bits(bits)),
            Value::Bytes(packed) => {
                let (words, rest) = packed.as_chunks::<8>();
                if !rest.is_empty() {
                    return Err(WireError::Truncated);
                }
                words.iter().for_each(|word| each(f64::from_le_bytes(*word)));
            }
            _ => return Err(WireError::Type(self.number)),
        }
        Ok(())
    }
}

/// The signed number behind a zigzag encoding.
#[inline]
pub(crate) fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[inline]
fn take_field<'a>(rest: &mut &'a [u8]) -> Result<Field<'a>, WireError> {
    let tag = u32::try_from(take_varint(rest)?).map_err(|_| WireError::Tag)?;
    let number = tag >> 3;
    if number == 0 {
        return Err(WireError::Tag);
    }
    let value = match tag & 7 {
        0 => Value::Varint(take_varint(rest)?),
        1 => Value::Fixed64(u64::from_le_bytes(take_array(rest)?)),
        2 => {
            let length = usize::try_from(take_varint(rest)?).map_err(|_| WireError::Truncated)?;
            let (bytes, after) = rest.split_at_checked(length).ok_or(WireError::Truncated)?;
            *rest = after;
            Value::Bytes(bytes)
        }
        5 => Value::Fixed32(u32::from_le_bytes(take_array(rest)?)),
        // Groups are long gone, and no message that is read here has them.
        _ => return Err(WireError::Tag),
    };
    Ok(Field { number, value })
}

#[inline]
fn take_array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], WireError> {
    let (array, after) = rest.split_first_chunk().ok_or(WireError::Truncated)?;
    *rest = after;
    Ok(*array)
}

#[inline]
fn take_varint(rest: &mut &[u8]) -> Result<u64, WireError> {
    // Tags and the lengths of names and values are hardly ever longer.
    if let Some((byte, after)) = rest.split_first()
        && *byte < 0x80
    {
        *rest = after;
        return Ok(u64::from(*byte));
    }
    let mut value = 0u64;
    for (index, byte) in rest.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *rest = &rest[index + 1..];
            return Ok(value);
        }
    }
    Err(if rest.len() < 10 { WireError::Truncated } else { WireError::Varint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use prost::Message;

    #[derive(Clone, PartialEq, prost::Message)]
    struct Sample {
        #[prost(sint64, repeated, tag = "1")]
        signed: Vec<i64>,
        #[prost(double, repeated, tag = "2")]
        doubles: Vec<f64>,
        #[prost(int64, tag = "3")]
        int: i64,
        #[prost(bytes = "vec", tag = "1000")]
        bytes: Vec<u8>,
        #[prost(fixed32, tag = "5")]
        word: u32,
    }

    fn read(message: &[u8]) -> Result<Sample, WireError> {
        let mut sample = Sample::default();
        for field in Fields::of(message) {
            let field = field?;
            match field.number {
                1 => field.each_varint(|value| sample.signed.push(zigzag(value)))?,
                2 => field.each_double(|value| sample.doubles.push(value))?,
                3 => sample.int = field.int64()?,
                1000 => sample.bytes = field.bytes()?.to_vec(),
                5 => {
                    if let Value::Fixed32(word) = field.value {
                        sample.word = word;
                    }
                }
                _ => {}
            }
        }
        Ok(sample)
    }

    proptest! {
        #[test]
        fn what_another_encoder_writes_is_read(
            signed in proptest::collection::vec(any::<i64>(), 0..9),
            doubles in proptest::collection::vec(-1e9..1e9f64, 0..9),
            int in any::<i64>(),
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            word in any::<u32>(),
        ) {
            let sample = Sample { signed, doubles, int, bytes, word };
            let encoded = sample.encode_to_vec();
            prop_assert_eq!(read(&encoded), Ok(sample));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }
    }

    #[test]
    fn repeated_fields_may_come_one_by_one() {
        let message = [0x08, 1, 0x08, 2, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
        let sample = read(&message).unwrap();
        assert_eq!((sample.signed, sample.doubles), (vec![-1, 1], vec![1.0]));
    }

    #[test]
    fn faults_are_told_apart() {
        for (message, fault) in [
            (&[0x08][..], WireError::Truncated),
            (&[0x08, 0x80], WireError::Truncated),
            (&[0xc2, 0x3e, 5, 1], WireError::Truncated),
            (&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1], WireError::Varint),
            (&[0x00, 1], WireError::Tag),
            (&[0x0b, 1], WireError::Tag),
            (&[0x09, 0, 0, 0, 0, 0, 0, 0, 0], WireError::Type(1)),
            (&[0x12, 7, 0, 0, 0, 0, 0, 0, 0], WireError::Truncated),
        ] {
            assert_eq!(read(message), Err(fault), "{message:?}");
        }
    }
}
