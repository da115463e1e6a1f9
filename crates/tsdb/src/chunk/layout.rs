//! What all histograms of a chunk have in common: resolution and buckets.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::Histogram;
use model::histogram::{
    BucketSpan, Buckets, CUSTOM_BUCKETS_SCHEMA, CountFlavor, EXPONENTIAL_SCHEMA_MAX,
    EXPONENTIAL_SCHEMA_MIN, ResetHint,
};

use super::bits::{BitReader, BitWriter};
use crate::error::Malformed;

/// A zero threshold of 2^(exponent - 244) is written as this byte, 1 to 254.
const EXPONENT_BIAS: i32 = 244;
/// Says that a zero threshold follows in full.
const THRESHOLD_IN_FULL: u64 = 255;
/// Custom bounds up to here are written as thousandths, where they are whole ones.
const THOUSANDTHS_MAX: f64 = 33_554_430.0;

/// Resolution and buckets of a chunk.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    schema: i8,
    zero_threshold: f64,
    positive: Spans,
    negative: Spans,
    custom_bounds: Vec<f64>,
}

/// The buckets of one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spans {
    spans: Vec<BucketSpan>,
    /// How many buckets they have together.
    pub(super) len: usize,
}

/// The numbers of one histogram, as they stand in a chunk.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    pub(super) count: f64,
    pub(super) zero_count: f64,
    pub(super) sum: f64,
    /// Absolute, as many as the layout has.
    pub(super) positive: Vec<f64>,
    pub(super) negative: Vec<f64>,
}

impl Layout {
    /// The layout that has room for all of `run`; see [`super::run`].
    pub(super) fn of(run: &[Arc<Histogram>]) -> Self {
        // Markers of staleness have no buckets; where there are only such, the layout has none.
        let first = run.first().filter(|first| !first.is_stale());
        let Some(first) = first else { return Self::empty() };
        let spans = |side: fn(&Histogram) -> &Buckets| {
            let sound = run.iter().filter(|histogram| !histogram.is_stale());
            let indexes: BTreeSet<i32> = sound
                .flat_map(|histogram| side(histogram).iter())
                .map(|(index, _)| index)
                .collect();
            let mut buckets = Buckets::default();
            indexes.into_iter().for_each(|index| buckets.push(index, 0.0));
            Spans { len: buckets.counts.len(), spans: buckets.spans }
        };
        Self {
            schema: first.schema,
            zero_threshold: first.zero_threshold,
            positive: spans(|histogram| &histogram.positive),
            negative: spans(|histogram| &histogram.negative),
            custom_bounds: first.custom_bounds.clone(),
        }
    }

    fn empty() -> Self {
        Self {
            schema: 0,
            zero_threshold: 0.0,
            positive: Spans::default(),
            negative: Spans::default(),
            custom_bounds: Vec::new(),
        }
    }

    /// How many buckets each side has.
    pub(super) fn lens(&self) -> (usize, usize) {
        (self.positive.len, self.negative.len)
    }

    pub(super) fn read(bits: &mut BitReader<'_>) -> Result<Self, Malformed> {
        let zero_threshold = read_zero_threshold(bits)?;
        let schema = bits.varbit_int()?;
        let schema = i8::try_from(schema)
            .ok()
            .filter(|schema| {
                (EXPONENTIAL_SCHEMA_MIN..=EXPONENTIAL_SCHEMA_MAX).contains(schema)
                    || *schema == CUSTOM_BUCKETS_SCHEMA
            })
            .ok_or_else(|| bits.fail("a histogram's schema is not known"))?;
        let positive = Spans::read(bits)?;
        let negative = Spans::read(bits)?;
        let mut custom_bounds = Vec::new();
        if schema == CUSTOM_BUCKETS_SCHEMA {
            let count = read_count(bits, "more custom bounds than there are bits")?;
            custom_bounds.reserve(count);
            for _ in 0..count {
                custom_bounds.push(read_custom_bound(bits)?);
            }
        }
        Ok(Self { schema, zero_threshold, positive, negative, custom_bounds })
    }

    pub(super) fn write(&self, out: &mut BitWriter) {
        write_zero_threshold(self.zero_threshold, out);
        out.varbit_int(i64::from(self.schema));
        self.positive.write(out);
        self.negative.write(out);
        if self.schema == CUSTOM_BUCKETS_SCHEMA {
            out.varbit_uint(self.custom_bounds.len() as u64);
            self.custom_bounds.iter().for_each(|bound| write_custom_bound(*bound, out));
        }
    }

    /// The numbers of a histogram, with a zero for each bucket that it lacks.
    pub(super) fn counts(&self, histogram: &Histogram) -> Counts {
        Counts {
            count: histogram.count,
            zero_count: histogram.zero_count,
            sum: histogram.sum,
            positive: self.positive.counts(&histogram.positive),
            negative: self.negative.counts(&histogram.negative),
        }
    }

    /// The histogram that has these numbers.
    pub(super) fn histogram(
        &self,
        counts: &Counts,
        flavor: CountFlavor,
        reset_hint: ResetHint,
    ) -> Histogram {
        let side = |spans: &Spans, counts: &[f64]| Buckets {
            spans: spans.spans.clone(),
            counts: counts.to_vec(),
        };
        Histogram {
            flavor,
            reset_hint,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: counts.zero_count,
            count: counts.count,
            sum: counts.sum,
            positive: side(&self.positive, &counts.positive),
            negative: side(&self.negative, &counts.negative),
            custom_bounds: self.custom_bounds.clone(),
        }
    }
}

/// A marker of staleness: nothing else of such a sample is kept.
pub(super) fn stale(sum: f64, flavor: CountFlavor) -> Histogram {
    Histogram { flavor, sum, ..Histogram::new(0) }
}

impl Spans {
    fn read(bits: &mut BitReader<'_>) -> Result<Self, Malformed> {
        let count = read_count(bits, "more spans of buckets than there are bits")?;
        let mut all = Self { spans: Vec::with_capacity(count), len: 0 };
        for place in 0..count {
            let length = bits.varbit_uint()?;
            let offset = bits.varbit_int()?;
            let span = u32::try_from(length).ok().zip(i32::try_from(offset).ok());
            let (length, offset) =
                span.ok_or_else(|| bits.fail("a span of buckets is out of bounds"))?;
            if place > 0 && offset < 0 {
                return Err(bits.fail("a span of buckets goes backward"));
            }
            // Each bucket of the first sample takes at least a bit.
            all.len += length as usize;
            if all.len > bits.left() {
                return Err(bits.fail("more buckets than there are bits"));
            }
            all.spans.push(BucketSpan { offset, length });
        }
        Ok(all)
    }

    fn write(&self, out: &mut BitWriter) {
        out.varbit_uint(self.spans.len() as u64);
        for span in &self.spans {
            out.varbit_uint(u64::from(span.length));
            out.varbit_int(i64::from(span.offset));
        }
    }

    fn counts(&self, buckets: &Buckets) -> Vec<f64> {
        let mut counts = Vec::with_capacity(self.len);
        let mut present = buckets.iter().peekable();
        let places = Buckets { spans: self.spans.clone(), counts: vec![0.0; self.len] };
        for (index, _) in places.iter() {
            counts.push(present.next_if(|(at, _)| *at == index).map_or(0.0, |(_, count)| count));
        }
        counts
    }
}

fn read_count(bits: &mut BitReader<'_>, reason: &'static str) -> Result<usize, Malformed> {
    let count = bits.varbit_uint()?;
    usize::try_from(count).ok().filter(|count| *count <= bits.left()).ok_or(bits.fail(reason))
}

fn read_zero_threshold(bits: &mut BitReader<'_>) -> Result<f64, Malformed> {
    match bits.read(8)? {
        0 => Ok(0.0),
        THRESHOLD_IN_FULL => bits.f64(),
        exponent => Ok(f64::exp2(f64::from(exponent as i32 - EXPONENT_BIAS))),
    }
}

fn write_zero_threshold(threshold: f64, out: &mut BitWriter) {
    let exponent = threshold.log2() as i32 + EXPONENT_BIAS;
    if threshold == 0.0 {
        out.write(0, 8);
    } else if (1..=254).contains(&exponent)
        && f64::exp2(f64::from(exponent - EXPONENT_BIAS)) == threshold
    {
        out.write(exponent as u64, 8);
    } else {
        out.write(THRESHOLD_IN_FULL, 8);
        out.f64(threshold);
    }
}

fn read_custom_bound(bits: &mut BitReader<'_>) -> Result<f64, Malformed> {
    match bits.varbit_uint()? {
        0 => bits.f64(),
        thousandths => Ok((thousandths - 1) as f64 / 1000.0),
    }
}

fn write_custom_bound(bound: f64, out: &mut BitWriter) {
    let thousandths = (bound * 1000.0).round();
    let is_whole =
        (0.0..=THOUSANDTHS_MAX).contains(&(bound * 1000.0)) && thousandths / 1000.0 == bound;
    if is_whole && !(bound == 0.0 && bound.is_sign_negative()) {
        out.varbit_uint(thousandths as u64 + 1);
    } else {
        out.bit(false);
        out.f64(bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returns<T>(
        write: impl Fn(&mut BitWriter),
        read: impl Fn(&mut BitReader<'_>) -> Result<T, Malformed>,
    ) -> (T, usize) {
        let mut out = BitWriter::default();
        write(&mut out);
        let bytes = out.into_bytes();
        let mut bits = BitReader::new(&bytes, 0);
        (read(&mut bits).unwrap(), bytes.len())
    }

    #[test]
    fn zero_thresholds_that_are_powers_of_two_take_a_byte() {
        let returned = |threshold: f64| {
            returns(|out| write_zero_threshold(threshold, out), read_zero_threshold)
        };
        for exponent in [-243, -128, -1, 0, 10] {
            let threshold = f64::exp2(f64::from(exponent));
            assert_eq!(returned(threshold), (threshold, 1), "2^{exponent}");
        }
        assert_eq!(returned(0.0), (0.0, 1));
        for threshold in [f64::exp2(-244.0), f64::exp2(11.0), 0.001, 3.0] {
            assert_eq!(returned(threshold), (threshold, 9));
        }
        // The default threshold, 2^-128, is byte 116.
        let mut out = BitWriter::default();
        write_zero_threshold(f64::exp2(-128.0), &mut out);
        assert_eq!(out.into_bytes(), [116]);
    }

    #[test]
    fn custom_bounds_that_are_thousandths_are_short() {
        let returned =
            |bound: f64| returns(|out| write_custom_bound(bound, out), read_custom_bound);
        for bound in [0.0, 0.005, 0.1, 1.0, 2.5, 33_554.43] {
            let (read, length) = returned(bound);
            assert_eq!(read, bound);
            assert!(length <= 4, "{bound} takes {length}");
        }
        for bound in [-1.0, 0.0001, 33_554.431, 1e9, 0.1 + 0.2] {
            assert_eq!(returned(bound), (bound, 9));
        }
    }
}
