//! Chunks of native histograms with float counts: every number as what differs
//! from the sample before.

use std::sync::Arc;

use model::histogram::CountFlavor;
use model::{Histogram, HistogramColumn, Timestamp};

use super::ResetHeader;
use super::bits::{BitReader, BitWriter};
use super::integer_histogram::Delta;
use super::layout::{Counts, Layout, stale};
use super::xor::XorFloat;
use crate::error::Malformed;
use crate::input::Input;

/// Where the chunk's numbers stand.
struct State {
    time: Delta,
    count: XorFloat,
    zero_count: XorFloat,
    sum: XorFloat,
    positive: Vec<XorFloat>,
    negative: Vec<XorFloat>,
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
            stale(state.sum.value(), CountFlavor::Float)
        } else {
            layout.histogram(&state.counts(), CountFlavor::Float, header.hint(place))
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
        let counts = layout.counts(histogram);
        match &mut state {
            None => state = Some(State::write(time.as_millis(), &counts, &mut out)),
            Some(state) => state.write_next(*time, &counts, &mut out),
        }
    }
    out.into_bytes()
}

impl State {
    fn read(bits: &mut BitReader<'_>, lens: (usize, usize)) -> Result<Self, Malformed> {
        let time = Delta::new(bits.varbit_int()?);
        let mut float = || Ok(XorFloat::new(bits.f64()?));
        let (count, zero_count, sum) = (float()?, float()?, float()?);
        let mut side = |len| (0..len).map(|_| float()).collect::<Result<Vec<_>, _>>();
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
        let side = |side: &[XorFloat]| side.iter().map(|bucket| bucket.value()).collect();
        Counts {
            count: self.count.value(),
            zero_count: self.zero_count.value(),
            sum: self.sum.value(),
            positive: side(&self.positive),
            negative: side(&self.negative),
        }
    }

    fn write(time_ms: i64, counts: &Counts, out: &mut BitWriter) -> Self {
        out.varbit_int(time_ms);
        let mut float = |value: f64| {
            out.f64(value);
            XorFloat::new(value)
        };
        Self {
            time: Delta::new(time_ms),
            count: float(counts.count),
            zero_count: float(counts.zero_count),
            sum: float(counts.sum),
            positive: counts.positive.iter().map(|count| float(*count)).collect(),
            negative: counts.negative.iter().map(|count| float(*count)).collect(),
        }
    }

    fn write_next(&mut self, time: Timestamp, counts: &Counts, out: &mut BitWriter) {
        self.time.write(time.as_millis(), out);
        self.count.write(counts.count, out);
        self.zero_count.write(counts.zero_count, out);
        self.sum.write(counts.sum, out);
        // Of a marker of staleness no buckets are written.
        if model::sample::is_stale_nan(counts.sum) {
            return;
        }
        let sides =
            [(&mut self.positive, &counts.positive), (&mut self.negative, &counts.negative)];
        for (buckets, counts) in sides {
            for (bucket, count) in buckets.iter_mut().zip(counts) {
                bucket.write(*count, out);
            }
        }
    }
}
