//! Bits, most significant first, and integers that take few of them.

use crate::error::Malformed;

/// How many bits each class of a variable-length integer has behind its prefix.
const CLASS_BITS: [u32; 9] = [0, 3, 6, 9, 12, 18, 25, 56, 64];

/// Bits that are read from front to back.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
}

impl<'a> BitReader<'a> {
    /// Begins with byte `from` of `bytes`.
    pub(super) fn new(bytes: &'a [u8], from: usize) -> Self {
        Self { bytes, at: from.min(bytes.len()) * 8 }
    }

    /// How many bits are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    pub(super) fn fail(&self, reason: &'static str) -> Malformed {
        Malformed { at: self.at / 8, reason }
    }

    /// The next `count` bits, at most 64, as a number.
    #[inline]
    pub(super) fn read(&mut self, count: u32) -> Result<u64, Malformed> {
        if count as usize > self.left() {
            return Err(self.fail("the chunk ends too early"));
        }
        if count == 0 {
            return Ok(0);
        }
        let (byte, skip) = (self.at / 8, (self.at % 8) as u32);
        let mut window = [0; 9];
        match self.bytes.get(byte..byte + 9) {
            Some(full) => window.copy_from_slice(full),
            None => {
                let rest = &self.bytes[byte..];
                window[..rest.len()].copy_from_slice(rest);
            }
        }
        self.at += count as usize;
        let first = u64::from_be_bytes(window[..8].try_into().expect("eight of nine bytes"));
        let joined = first << skip | u64::from(window[8]) >> (8 - skip);
        Ok(joined >> (64 - count))
    }

    #[inline]
    pub(super) fn bit(&mut self) -> Result<bool, Malformed> {
        Ok(self.read(1)? == 1)
    }

    pub(super) fn f64(&mut self) -> Result<f64, Malformed> {
        Ok(f64::from_bits(self.read(64)?))
    }

    /// A LEB128 varint among the bits.
    pub(super) fn uvarint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.read(8)?;
            value |= (byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.fail("an integer has more than 64 bits"))
    }

    pub(super) fn varint(&mut self) -> Result<i64, Malformed> {
        let value = self.uvarint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// `bits` bits as a signed number whose range has one value more above zero.
    pub(super) fn signed(&mut self, bits: u32) -> Result<i64, Malformed> {
        let value = self.read(bits)?;
        Ok(sign_extended(value, bits))
    }

    /// An unsigned integer behind a unary prefix that says how long it is.
    pub(super) fn varbit_uint(&mut self) -> Result<u64, Malformed> {
        let bits = self.class_bits()?;
        self.read(bits)
    }

    /// A signed one.
    pub(super) fn varbit_int(&mut self) -> Result<i64, Malformed> {
        let bits = self.class_bits()?;
        self.signed(bits)
    }

    fn class_bits(&mut self) -> Result<u32, Malformed> {
        let mut class = 0;
        while class < 8 && self.bit()? {
            class += 1;
        }
        Ok(CLASS_BITS[class])
    }
}

fn sign_extended(value: u64, bits: u32) -> i64 {
    if (1..64).contains(&bits) && value > 1 << (bits - 1) {
        (value as i64) - (1 << bits)
    } else {
        value as i64
    }
}

/// Bits that are written from front to back.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits of the last byte that are not written yet.
    free: u32,
}

impl BitWriter {
    /// Continues behind whole bytes.
    pub(super) fn after(bytes: Vec<u8>) -> Self {
        Self { bytes, free: 0 }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends the lowest `count` bits, at most 64, of `value`.
    pub(super) fn write(&mut self, value: u64, count: u32) {
        let mut left = count;
        while left > 0 {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            let taken = left.min(self.free);
            let bits = (value >> (left - taken)) as u8 & (0xff >> (8 - taken));
            let last = self.bytes.last_mut().expect("a byte was pushed where none was free");
            *last |= bits << (self.free - taken);
            self.free -= taken;
            left -= taken;
        }
    }

    pub(super) fn bit(&mut self, bit: bool) {
        self.write(u64::from(bit), 1);
    }

    pub(super) fn f64(&mut self, value: f64) {
        self.write(value.to_bits(), 64);
    }

    pub(super) fn uvarint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.write(value & 0x7f | 0x80, 8);
            value >>= 7;
        }
        self.write(value, 8);
    }

    pub(super) fn varint(&mut self, value: i64) {
        self.uvarint(((value << 1) ^ (value >> 63)) as u64);
    }

    pub(super) fn varbit_uint(&mut self, value: u64) {
        let class = CLASS_BITS.iter().position(|bits| *bits == 64 || value < 1 << bits);
        self.write_class(class, value);
    }

    pub(super) fn varbit_int(&mut self, value: i64) {
        let class = CLASS_BITS.iter().position(|bits| fits_signed(value, *bits));
        self.write_class(class, value as u64);
    }

    fn write_class(&mut self, class: Option<usize>, value: u64) {
        let class = class.expect("the last class takes every number");
        let prefix_bits = (class as u32 + 1).min(8);
        // As many ones as the class counts, and a zero behind them but for the last.
        self.write(if class == 8 { 0xff } else { (1 << (class + 1)) - 2 }, prefix_bits);
        self.write(value, CLASS_BITS[class]);
    }
}

/// Whether `bits` bits can say `value`; see [`BitReader::signed`].
pub(super) fn fits_signed(value: i64, bits: u32) -> bool {
    match bits {
        0 => value == 0,
        64 => true,
        bits => -((1 << (bits - 1)) - 1) <= value && value <= 1 << (bits - 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Field {
        Bits(u64, u32),
        Uvarint(u64),
        Varint(i64),
        VarbitUint(u64),
        VarbitInt(i64),
    }

    fn field() -> impl Strategy<Value = Field> {
        let sized =
            |bits: u32, value: u64| if bits == 64 { value } else { value & ((1 << bits) - 1) };
        let any_size = (1u32..=64, any::<u64>()).prop_map(move |(bits, value)| sized(bits, value));
        prop_oneof![
            (0u32..=64, any::<u64>())
                .prop_map(move |(bits, value)| Field::Bits(sized(bits, value), bits)),
            any_size.clone().prop_map(Field::Uvarint),
            any_size.clone().prop_map(|value| Field::Varint(value as i64)),
            any_size.clone().prop_map(Field::VarbitUint),
            any_size.prop_map(|value| Field::VarbitInt(-(value as i64 >> 1))),
        ]
    }

    proptest! {
        #[test]
        fn fields_return(fields in proptest::collection::vec(field(), 0..40)) {
            let mut writer = BitWriter::default();
            for field in &fields {
                match *field {
                    Field::Bits(value, bits) => writer.write(value, bits),
                    Field::Uvarint(value) => writer.uvarint(value),
                    Field::Varint(value) => writer.varint(value),
                    Field::VarbitUint(value) => writer.varbit_uint(value),
                    Field::VarbitInt(value) => writer.varbit_int(value),
                }
            }
            let bytes = writer.into_bytes();
            let mut reader = BitReader::new(&bytes, 0);
            for field in &fields {
                match *field {
                    Field::Bits(value, bits) => prop_assert_eq!(reader.read(bits), Ok(value)),
                    Field::Uvarint(value) => prop_assert_eq!(reader.uvarint(), Ok(value)),
                    Field::Varint(value) => prop_assert_eq!(reader.varint(), Ok(value)),
                    Field::VarbitUint(value) => prop_assert_eq!(reader.varbit_uint(), Ok(value)),
                    Field::VarbitInt(value) => prop_assert_eq!(reader.varbit_int(), Ok(value)),
                }
            }
            prop_assert!(reader.left() < 8 && reader.read(8).is_err());
        }
    }

    #[test]
    fn classes_have_the_bounds_of_the_format() {
        let bits = |value: i64| {
            let mut writer = BitWriter::default();
            writer.varbit_int(value);
            writer.bytes.len() * 8 - writer.free as usize
        };
        assert_eq!([0, 1, -3, 4, -4, 5, 32, 33].map(bits), [1, 5, 5, 5, 9, 9, 9, 13]);
        assert_eq!(bits(i64::MIN), 72);
        let mut writer = BitWriter::default();
        writer.varbit_uint(7);
        writer.varbit_uint(8);
        assert_eq!(writer.into_bytes(), [0b1011_1110, 0b0010_0000]);
    }
}
