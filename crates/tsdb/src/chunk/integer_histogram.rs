//! Chunks of native histograms with integer counts: everything but the sum as
//! differences of differences; a bucket as its difference to the one before it.

use std::sync::Arc;

use model::histogram::CountFlavor;
use model::{Histogram, HistogramColumn, Timestamp};

use super::ResetHeader;
use super::bits::{BitReader, BitWriter};
use super::layout::{Counts, Layout, stale};
use super::xor::XorFloat;
use crate::error::Malformed;
use crate::input::Input;

/// A number that is written as the difference of differences. The second
/// sample's is one to a difference of zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Delta {
    pub(super) value: i64,
    delta: i64,
}

impl Delta {
    pub(super) fn new(value: i64) -> Self {
        Self { value, delta: 0 }
    }

    pub(super) fn read(&mut self, bits: &mut BitReader<'_>) -> Result<i64, Malformed> {
        self.delta = self.delta.wrapping_add(bits.varbit_int()?);
        self.value = self.value.wrapping_add(self.delta);
        Ok(self.value)
    }

    pub(super) fn write(&mut self, value: i64, out: &mut BitWriter) {
        let delta = value.wrapping_sub(self.value);
        out.varbit_int(delta.wrapping_sub(self.delta));
        *self = Self { value, delta };
    }
}

/// Where the chunk's numbers stand.
struct State {
    time: Delta,
    count: Delta,
    zero_count: Delta,
    sum: XorFloat,
    positive: Vec<Delta>,
    negative: Vec<Delta>,
}

/// Appends the samples of a chunk to `into`.
pub(super) fn decode(data: &[u8], into: &mut HistogramColumn) -> Result<(), Malformed> {
    let mut input = Input::new(data);
    let count = input.be_u16()?;
    let header = ResetHeader::from_byte(input.byte()?);
    if count == 0 {
        return Ok(());
    }
    let mut bits = BitReader::new(data, input.position());
    let layout = Layout::read(&mut bits)?;
    let mut state = State::read(&mut bits, layout.lens())?;
    for place in 0..usize::from(count) {
        if place > 0 {
            state.read_next(&mut bits)?;
        }
        let histogram = if model::sample::is_stale_nan(state.sum.value()) {
            stale(state.sum.value(), CountFlavor::Integer)
        } else {
            layout.histogram(&state.counts(), CountFlavor::Integer, header.hint(place))
        };
        into.push(Timestamp::from_millis(state.time.value), Arc::new(histogram));
    }
    Ok(())
}

/// A chunk of these samples, which the layout fits.
pub(super) fn encode(
    header: ResetHeader,
    layout: &Layout,
    times: &[Timestamp],
    histograms: &[Arc<Histogram>],
) -> Vec<u8> {
    let mut start = (times.len() as u16).to_be_bytes().to_vec();
    start.push(header.as_byte());
    let mut out = BitWriter::after(start);
    layout.write(&mut out);
    let mut state: Option<State> = None;
    for (time, histogram) in times.iter().zip(histograms) {
        match &mut state {
            None => {
                let counts = layout.counts(histogram);
                state = Some(State::write(time.as_millis(), &counts, &mut out));
            }
            Some(state) if histogram.is_stale() => {
                state.write_stale(*time, histogram.sum, &mut out)
            }
            Some(state) => state.write_next(*time, &layout.counts(histogram), &mut out),
        }
    }
    out.into_bytes()
}

impl State {
    fn read(bits: &mut BitReader<'_>, lens: (usize, usize)) -> Result<Self, Malformed> {
        let time = Delta::new(bits.varbit_int()?);
        let count = Delta::new(bits.varbit_uint()? as i64);
        let zero_count = Delta::new(bits.varbit_uint()? as i64);
        let sum = XorFloat::new(bits.f64()?);
        let mut side = |len| {
            (0..len).map(|_| bits.varbit_int().map(Delta::new)).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self { time, count, zero_count, sum, positive: side(lens.0)?, negative: side(lens.1)? })
    }

    fn read_next(&mut self, bits: &mut BitReader<'_>) -> Result<(), Malformed> {
        self.time.read(bits)?;
        self.count.read(bits)?;
        self.zero_count.read(bits)?;
        if model::sample::is_stale_nan(self.sum.read(bits)?) {
            return Ok(());
        }
        for bucket in self.positive.iter_mut().chain(&mut self.negative) {
            bucket.read(bits)?;
        }
        Ok(())
    }

    fn counts(&self) -> Counts {
        Counts {
            count: self.count.value as u64 as f64,
            zero_count: self.zero_count.value as u64 as f64,
            sum: self.sum.value(),
            positive: absolute(&self.positive),
            negative: absolute(&self.negative),
        }
    }

    fn write(time_ms: i64, counts: &Counts, out: &mut BitWriter) -> Self {
        let is_stale = model::sample::is_stale_nan(counts.sum);
        let (count, zero_count) =
            if is_stale { (0, 0) } else { (counts.count as u64, counts.zero_count as u64) };
        out.varbit_int(time_ms);
        out.varbit_uint(count);
        out.varbit_uint(zero_count);
        out.f64(counts.sum);
        let mut side = |counts: &[f64]| {
            let differences = differences(counts);
            differences
                .map(|difference| {
                    out.varbit_int(difference);
                    Delta::new(difference)
                })
                .collect()
        };
        Self {
            time: Delta::new(time_ms),
            count: Delta::new(count as i64),
            zero_count: Delta::new(zero_count as i64),
            sum: XorFloat::new(counts.sum),
            positive: side(&counts.positive),
            negative: side(&counts.negative),
        }
    }

    fn write_next(&mut self, time: Timestamp, counts: &Counts, out: &mut BitWriter) {
        self.time.write(time.as_millis(), out);
        self.count.write(counts.count as u64 as i64, out);
        self.zero_count.write(counts.zero_count as u64 as i64, out);
        self.sum.write(counts.sum, out);
        let sides =
            [(&mut self.positive, &counts.positive), (&mut self.negative, &counts.negative)];
        for (buckets, counts) in sides {
            for (bucket, difference) in buckets.iter_mut().zip(differences(counts)) {
                bucket.write(difference, out);
            }
        }
    }

    /// A marker of staleness: differences of zero for the counts, and no buckets.
    fn write_stale(&mut self, time: Timestamp, sum: f64, out: &mut BitWriter) {
        self.time.write(time.as_millis(), out);
        out.varbit_int(0);
        out.varbit_int(0);
        self.sum.write(sum, out);
    }
}

fn absolute(differences: &[Delta]) -> Vec<f64> {
    let mut sum = 0i64;
    let each = differences.iter().map(|difference| {
        sum = sum.wrapping_add(difference.value);
        sum as f64
    });
    each.collect()
}

fn differences(counts: &[f64]) -> impl Iterator<Item = i64> + '_ {
    let mut last = 0i64;
    counts.iter().map(move |count| {
        let count = *count as i64;
        let difference = count.wrapping_sub(last);
        last = count;
        difference
    })
}
