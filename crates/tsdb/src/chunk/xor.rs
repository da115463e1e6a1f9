//! Chunks of float samples: times as differences of differences, values by what
//! differs from the one before (as in Facebook's Gorilla paper).

use model::{FloatColumn, Timestamp};

use super::bits::{BitReader, BitWriter, fits_signed};
use crate::error::Malformed;

/// How many bits a difference of differences has, behind one to four ones.
const TIME_BITS: [u32; 4] = [14, 17, 20, 64];

/// A float that is written as what differs from the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct XorFloat {
    bits: u64,
    /// Leading and trailing zeros of the window that the last difference was
    /// written in; none yet where it is absent.
    window: Option<(u32, u32)>,
}

impl XorFloat {
    pub(super) fn new(value: f64) -> Self {
        Self { bits: value.to_bits(), window: None }
    }

    pub(super) fn value(self) -> f64 {
        f64::from_bits(self.bits)
    }

    #[inline]
    pub(super) fn read(&mut self, bits: &mut BitReader<'_>) -> Result<f64, Malformed> {
        if bits.bit()? {
            let (leading, trailing) = if bits.bit()? {
                let leading = bits.read(5)? as u32;
                let significant = match bits.read(6)? as u32 {
                    0 => 64,
                    significant => significant,
                };
                let trailing = 64u32.checked_sub(leading + significant);
                (leading, trailing.ok_or_else(|| bits.fail("a value has more than 64 bits"))?)
            } else {
                // A window of another series' making would be no error to Prometheus either.
                self.window.unwrap_or((0, 0))
            };
            self.bits ^= bits.read(64 - leading - trailing)? << trailing;
            self.window = Some((leading, trailing));
        }
        Ok(self.value())
    }

    pub(super) fn write(&mut self, value: f64, out: &mut BitWriter) {
        let difference = self.bits ^ value.to_bits();
        self.bits = value.to_bits();
        if difference == 0 {
            return out.bit(false);
        }
        out.bit(true);
        // The window has five bits for its leading zeros.
        let (leading, trailing) = (difference.leading_zeros().min(31), difference.trailing_zeros());
        match self.window {
            Some((outer, inner)) if leading >= outer && trailing >= inner => {
                out.bit(false);
                out.write(difference >> inner, 64 - outer - inner);
            }
            _ => {
                self.window = Some((leading, trailing));
                let significant = 64 - leading - trailing;
                out.bit(true);
                out.write(u64::from(leading), 5);
                out.write(u64::from(significant & 63), 6);
                out.write(difference >> trailing, significant);
            }
        }
    }
}

/// Appends the samples of a chunk to `into`.
pub(super) fn decode(data: &[u8], into: &mut FloatColumn) -> Result<(), Malformed> {
    let count = super::sample_count(data)?;
    let mut bits = BitReader::new(data, 2);
    let (mut time, mut delta) = (0i64, 0i64);
    let mut value = XorFloat::default();
    for place in 0..count {
        match place {
            0 => {
                time = bits.varint()?;
                value = XorFloat::new(bits.f64()?);
            }
            1 => {
                delta = bits.uvarint()? as i64;
                time = time.wrapping_add(delta);
                value.read(&mut bits)?;
            }
            _ => {
                delta = delta.wrapping_add(read_time(&mut bits)?);
                time = time.wrapping_add(delta);
                value.read(&mut bits)?;
            }
        }
        into.push(Timestamp::from_millis(time), value.value());
    }
    Ok(())
}

fn read_time(bits: &mut BitReader<'_>) -> Result<i64, Malformed> {
    let mut class = 0;
    while class < 4 && bits.bit()? {
        class += 1;
    }
    match class {
        0 => Ok(0),
        class => bits.signed(TIME_BITS[class - 1]),
    }
}

/// A chunk of these samples; at most 65,535 of them, by time.
pub(super) fn encode(times: &[Timestamp], values: &[f64]) -> Vec<u8> {
    let mut out = BitWriter::after((times.len() as u16).to_be_bytes().to_vec());
    let (mut last, mut delta) = (0i64, 0i64);
    let mut written = XorFloat::default();
    for (place, (time, value)) in times.iter().zip(values).enumerate() {
        let time = time.as_millis();
        match place {
            0 => {
                out.varint(time);
                out.f64(*value);
                written = XorFloat::new(*value);
            }
            1 => {
                delta = time.wrapping_sub(last);
                out.uvarint(delta as u64);
                written.write(*value, &mut out);
            }
            _ => {
                let next = time.wrapping_sub(last);
                write_time(next.wrapping_sub(delta), &mut out);
                delta = next;
                written.write(*value, &mut out);
            }
        }
        last = time;
    }
    out.into_bytes()
}

fn write_time(difference: i64, out: &mut BitWriter) {
    if difference == 0 {
        return out.bit(false);
    }
    let class = TIME_BITS.iter().position(|bits| fits_signed(difference, *bits));
    let class = class.expect("the last class takes every number");
    // 10, 110, 1110 and 1111.
    let (prefix, bits) = [(0b10, 2), (0b110, 3), (0b1110, 4), (0b1111, 4)][class];
    out.write(prefix, bits);
    out.write(difference as u64, TIME_BITS[class]);
}
