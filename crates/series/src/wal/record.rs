//! Log records: what each kind holds, byte by byte.
//!
//! A *portion* is what one batch did to one shard: new series, samples,
//! histograms. It is logged while the shard is locked, so that the log has the
//! portions of a shard in the order in which they were applied.

use std::sync::Arc;

use model::{
    Exemplar, Histogram, Labels, LabelsRef, MetricKind, MetricMetadata, TimeRange, Timestamp,
};

use super::varint::{Input, Malformed, put_f64, put_i64, put_str, put_u64};
use crate::codec::histogram;

const PORTION: u8 = 1;
const EXEMPLARS: u8 = 2;
const METADATA: u8 = 3;
const DELETE: u8 = 4;

/// The slot is the one of the sample before.
const SAME_SLOT: u8 = 1 << 4;
const TIME_SHIFT: u32 = 5;
const SAME_TIME: u8 = 0;
const NEW_DELTA: u8 = 1;
const SAME_DELTA: u8 = 2;
const TIME_MASK: u8 = 3;
/// The sample was out of order.
const LATE: u8 = 1 << 7;

/// Collects a portion while its shard is locked. Reused for all shards of a batch.
#[derive(Debug, Default)]
pub(crate) struct PortionEncoder {
    series: Vec<u8>,
    series_len: u64,
    samples: Vec<u8>,
    samples_len: u64,
    histograms: Vec<u8>,
    histograms_len: u64,
    last: LastSample,
}

/// How a sample stands to those of its series before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    InOrder,
    Late,
}

/// What the next sample is written relative to.
#[derive(Clone, Copy, Debug, Default)]
struct LastSample {
    slot: i64,
    timestamp: i64,
    delta: i64,
}

impl PortionEncoder {
    pub(crate) fn is_empty(&self) -> bool {
        self.series_len == 0 && self.samples_len == 0 && self.histograms_len == 0
    }

    pub(crate) fn clear(&mut self) {
        self.series.clear();
        self.samples.clear();
        self.histograms.clear();
        (self.series_len, self.samples_len, self.histograms_len) = (0, 0, 0);
        self.last = LastSample::default();
    }

    pub(crate) fn add_series(&mut self, slot: u32, labels: &LabelsRef) {
        put_u64(&mut self.series, u64::from(slot));
        put_str(&mut self.series, labels.encoded());
        self.series_len += 1;
    }

    #[inline]
    pub(crate) fn add_sample(&mut self, slot: u32, timestamp: i64, value: f64, order: Order) {
        let slot = i64::from(slot);
        let delta = timestamp.wrapping_sub(self.last.timestamp);
        let time = if delta == 0 {
            SAME_TIME
        } else if delta == self.last.delta {
            SAME_DELTA
        } else {
            NEW_DELTA
        };
        // The low bytes of short numbers are zero, so they are not written.
        let bits = value.to_bits();
        let length = (8 - bits.trailing_zeros() / 8) as usize;
        let same_slot = if slot == self.last.slot { SAME_SLOT } else { 0 };
        let late = if order == Order::Late { LATE } else { 0 };
        self.samples.push(length as u8 | same_slot | time << TIME_SHIFT | late);
        if same_slot == 0 {
            put_i64(&mut self.samples, slot - self.last.slot);
        }
        if time == NEW_DELTA {
            put_i64(&mut self.samples, delta);
            self.last.delta = delta;
        }
        self.samples.extend_from_slice(&bits.to_be_bytes()[..length]);
        self.last.slot = slot;
        self.last.timestamp = timestamp;
        self.samples_len += 1;
    }

    pub(crate) fn add_histogram(
        &mut self,
        slot: u32,
        timestamp: i64,
        histogram: &Histogram,
        order: Order,
    ) {
        put_u64(&mut self.histograms, u64::from(slot) << 1 | u64::from(order == Order::Late));
        put_i64(&mut self.histograms, timestamp);
        histogram::encode_single(histogram, &mut self.histograms);
        self.histograms_len += 1;
    }

    /// Appends the record to `out`.
    pub(crate) fn encode(&self, shard: usize, sequence: u64, out: &mut Vec<u8>) {
        out.push(PORTION);
        put_u64(out, sequence);
        put_u64(out, shard as u64);
        put_u64(out, self.series_len);
        out.extend_from_slice(&self.series);
        put_u64(out, self.samples_len);
        out.extend_from_slice(&self.samples);
        put_u64(out, self.histograms_len);
        out.extend_from_slice(&self.histograms);
    }
}

/// Appends a record of exemplars, each with the labels of its series, to `out`.
pub(crate) fn encode_exemplars<'a>(
    exemplars: impl ExactSizeIterator<Item = (&'a LabelsRef, &'a Exemplar)>,
    sequence: u64,
    out: &mut Vec<u8>,
) {
    out.push(EXEMPLARS);
    put_u64(out, sequence);
    put_u64(out, exemplars.len() as u64);
    for (series, exemplar) in exemplars {
        put_str(out, series.encoded());
        put_str(out, exemplar.labels.encoded());
        put_f64(out, exemplar.value);
        put_i64(out, exemplar.timestamp.as_millis());
    }
}

/// Appends a record of metadata to `out`.
pub(crate) fn encode_metadata<'a>(
    families: impl ExactSizeIterator<Item = &'a MetricMetadata>,
    sequence: u64,
    out: &mut Vec<u8>,
) {
    out.push(METADATA);
    put_u64(out, sequence);
    put_u64(out, families.len() as u64);
    for metadata in families {
        out.push(kind_code(metadata.kind));
        put_str(out, &metadata.family);
        put_str(out, &metadata.unit);
        put_str(out, &metadata.help);
    }
}

/// Appends a record that the samples in `range` of some series of a shard are gone.
pub(crate) fn encode_delete(
    shard: usize,
    slots: &[u32],
    range: TimeRange,
    sequence: u64,
    out: &mut Vec<u8>,
) {
    out.push(DELETE);
    put_u64(out, sequence);
    put_u64(out, shard as u64);
    put_i64(out, range.start.as_millis());
    put_i64(out, range.end.as_millis());
    put_u64(out, slots.len() as u64);
    for slot in slots {
        put_u64(out, u64::from(*slot));
    }
}

/// A record as it is read.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    /// Records are numbered in the order in which they were logged.
    pub(crate) sequence: u64,
    pub(crate) body: Body<'a>,
}

/// What a record says.
#[derive(Debug)]
pub(crate) enum Body<'a> {
    Portion { shard: usize, portion: Portion<'a> },
    Delete { shard: usize, range: TimeRange, slots: Vec<u32> },
    Exemplars(Vec<(Labels, Exemplar)>),
    Metadata(Vec<MetricMetadata>),
}

/// The not yet decoded portion of a shard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portion<'a>(Input<'a>);

/// Takes what a portion holds, in the order of the record.
pub(crate) trait PortionVisitor {
    fn series(&mut self, slot: u32, labels: &LabelsRef);
    fn sample(&mut self, slot: u32, timestamp: i64, value: f64, order: Order);
    fn histogram(&mut self, slot: u32, timestamp: i64, histogram: Arc<Histogram>, order: Order);
}

impl<'a> Record<'a> {
    pub(crate) fn decode(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut input = Input(payload);
        let kind = input.byte()?;
        let sequence = input.u64()?;
        let body = match kind {
            PORTION => Body::Portion { shard: take_shard(&mut input)?, portion: Portion(input) },
            DELETE => take_delete(&mut input)?,
            EXEMPLARS => Body::Exemplars(take_exemplars(&mut input)?),
            METADATA => Body::Metadata(take_metadata(&mut input)?),
            _ => return Err(Malformed),
        };
        Ok(Self { sequence, body })
    }
}

impl Portion<'_> {
    /// Hands all that the portion holds to `visitor`.
    pub(crate) fn visit(self, visitor: &mut impl PortionVisitor) -> Result<(), Malformed> {
        let mut input = self.0;
        for _ in 0..input.count()? {
            let slot = input.u32()?;
            visitor.series(slot, take_labels(&mut input)?);
        }
        let mut last = LastSample::default();
        for _ in 0..input.count()? {
            let control = input.byte()?;
            if control & SAME_SLOT == 0 {
                last.slot = last.slot.wrapping_add(input.i64()?);
            }
            let delta = match control >> TIME_SHIFT & TIME_MASK {
                SAME_TIME => 0,
                SAME_DELTA => last.delta,
                NEW_DELTA => {
                    last.delta = input.i64()?;
                    last.delta
                }
                _ => return Err(Malformed),
            };
            last.timestamp = last.timestamp.wrapping_add(delta);
            let length = usize::from(control & 0x0f);
            let mut bits = [0u8; 8];
            bits.get_mut(..length).ok_or(Malformed)?.copy_from_slice(input.bytes(length)?);
            let slot = u32::try_from(last.slot).map_err(|_| Malformed)?;
            let value = f64::from_bits(u64::from_be_bytes(bits));
            visitor.sample(slot, last.timestamp, value, order_of(control & LATE != 0));
        }
        for _ in 0..input.count()? {
            let tagged = input.u64()?;
            let slot = u32::try_from(tagged >> 1).map_err(|_| Malformed)?;
            let timestamp = input.i64()?;
            let histogram = histogram::decode_single(&mut input.0)?;
            let order = order_of(tagged & 1 != 0);
            visitor.histogram(slot, timestamp, Arc::new(histogram), order);
        }
        if input.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

fn order_of(is_late: bool) -> Order {
    if is_late { Order::Late } else { Order::InOrder }
}

fn take_shard(input: &mut Input<'_>) -> Result<usize, Malformed> {
    let shard = input.u64()? as usize;
    if shard < crate::head::SHARDS { Ok(shard) } else { Err(Malformed) }
}

fn take_labels<'a>(input: &mut Input<'a>) -> Result<&'a LabelsRef, Malformed> {
    LabelsRef::from_encoded(input.str()?).map_err(|_| Malformed)
}

fn take_delete<'a>(input: &mut Input<'_>) -> Result<Body<'a>, Malformed> {
    let shard = take_shard(input)?;
    let start = Timestamp::from_millis(input.i64()?);
    let end = Timestamp::from_millis(input.i64()?);
    let slots = (0..input.count()?).map(|_| input.u32()).collect::<Result<_, _>>()?;
    Ok(Body::Delete { shard, range: TimeRange::new(start, end), slots })
}

fn take_exemplars(input: &mut Input<'_>) -> Result<Vec<(Labels, Exemplar)>, Malformed> {
    (0..input.count()?)
        .map(|_| {
            let series = take_labels(input)?.to_labels();
            let labels = take_labels(input)?.to_labels();
            let value = input.f64()?;
            let timestamp = Timestamp::from_millis(input.i64()?);
            Ok((series, Exemplar { labels, value, timestamp }))
        })
        .collect()
}

fn take_metadata(input: &mut Input<'_>) -> Result<Vec<MetricMetadata>, Malformed> {
    (0..input.count()?)
        .map(|_| {
            Ok(MetricMetadata {
                kind: kind_of(input.byte()?)?,
                family: input.str()?.into(),
                unit: input.str()?.into(),
                help: input.str()?.into(),
            })
        })
        .collect()
}

const KINDS: [MetricKind; 8] = [
    MetricKind::Unknown,
    MetricKind::Counter,
    MetricKind::Gauge,
    MetricKind::Histogram,
    MetricKind::GaugeHistogram,
    MetricKind::Summary,
    MetricKind::Info,
    MetricKind::StateSet,
];

fn kind_code(kind: MetricKind) -> u8 {
    KINDS.iter().position(|other| *other == kind).expect("every kind has a code") as u8
}

fn kind_of(code: u8) -> Result<MetricKind, Malformed> {
    KINDS.get(usize::from(code)).copied().ok_or(Malformed)
}

#[cfg(test)]
mod tests;
