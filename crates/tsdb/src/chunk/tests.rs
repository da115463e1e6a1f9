//! Chunks that come back, and chunks that were damaged.

use std::sync::Arc;

use model::histogram::{CUSTOM_BUCKETS_SCHEMA, ResetHint};
use model::sample::STALE_NAN;
use model::{Histogram, Millis};
use proptest::prelude::*;

use super::*;

/// One step in the life of a series of histograms.
#[derive(Clone, Debug)]
enum Step {
    /// These buckets get more.
    Observe(Vec<(i32, u32)>),
    Reset,
    Schema(i8),
    Custom(Vec<u32>),
    ZeroThreshold(f64),
    Gauge(bool),
    Flavor(CountFlavor),
    Stale,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => proptest::collection::vec((-20i32..20, 0u32..1000), 0..4).prop_map(Step::Observe),
        1 => Just(Step::Reset),
        1 => (-4i8..=8).prop_map(Step::Schema),
        1 => proptest::collection::btree_set(1u32..100_000, 1..5)
            .prop_map(|bounds| Step::Custom(bounds.into_iter().collect())),
        1 => prop_oneof![Just(0.0), Just(f64::exp2(-128.0)), Just(0.001)].prop_map(Step::ZeroThreshold),
        1 => any::<bool>().prop_map(Step::Gauge),
        1 => prop_oneof![Just(CountFlavor::Integer), Just(CountFlavor::Float)].prop_map(Step::Flavor),
        1 => Just(Step::Stale),
    ]
}

fn play(steps: &[Step]) -> Vec<Arc<Histogram>> {
    let mut now = Histogram::new(3);
    let mut all = Vec::new();
    for step in steps {
        match step {
            Step::Observe(observed) => {
                for (index, more) in observed {
                    let is_custom = now.uses_custom_buckets();
                    let buckets = now.custom_bounds.len() as i32 + 1;
                    let index = if is_custom { index.rem_euclid(buckets) } else { *index };
                    add(&mut now.positive, index, f64::from(*more));
                    now.count += f64::from(*more);
                    if !is_custom {
                        add(&mut now.negative, -index, 1.0);
                        now.zero_count += 2.0;
                        now.count += 3.0;
                    }
                    now.sum += f64::from(index) * 1.5;
                }
            }
            Step::Reset => now = cleared(&now, now.schema),
            Step::Schema(schema) => now = cleared(&now, *schema),
            Step::Custom(bounds) => {
                now = cleared(&now, CUSTOM_BUCKETS_SCHEMA);
                now.zero_threshold = 0.0;
                now.custom_bounds = bounds.iter().map(|bound| f64::from(*bound) / 64.0).collect();
            }
            Step::ZeroThreshold(threshold) if !now.uses_custom_buckets() => {
                now.zero_threshold = *threshold;
            }
            Step::ZeroThreshold(_) => {}
            Step::Gauge(is_gauge) => {
                now.reset_hint = if *is_gauge { ResetHint::Gauge } else { ResetHint::Unknown };
            }
            Step::Flavor(flavor) => now.flavor = *flavor,
            Step::Stale => {
                let flavor = now.flavor;
                all.push(Arc::new(Histogram { flavor, sum: STALE_NAN, ..Histogram::new(0) }));
                continue;
            }
        }
        all.push(Arc::new(now.clone()));
    }
    all
}

fn cleared(now: &Histogram, schema: i8) -> Histogram {
    Histogram {
        flavor: now.flavor,
        reset_hint: now.reset_hint,
        zero_threshold: if schema == CUSTOM_BUCKETS_SCHEMA { 0.0 } else { now.zero_threshold },
        custom_bounds: if schema == now.schema { now.custom_bounds.clone() } else { Vec::new() },
        ..Histogram::new(schema)
    }
}

fn add(buckets: &mut model::histogram::Buckets, index: i32, more: f64) {
    let mut counts: std::collections::BTreeMap<i32, f64> = buckets.iter().collect();
    *counts.entry(index).or_default() += more;
    *buckets = Default::default();
    counts.into_iter().for_each(|(index, count)| buckets.push(index, count));
}

/// What two histograms of equal meaning share: empty buckets and hints aside.
fn meaning(histogram: &Histogram) -> impl PartialEq + std::fmt::Debug {
    let populated = |buckets: &model::histogram::Buckets| -> Vec<(i32, f64)> {
        buckets.iter().filter(|(_, count)| *count != 0.0).collect()
    };
    (
        (histogram.flavor, histogram.schema, histogram.reset_hint == ResetHint::Gauge),
        (histogram.count, histogram.zero_count, histogram.zero_threshold, histogram.sum.to_bits()),
        (populated(&histogram.positive), populated(&histogram.negative)),
        histogram.custom_bounds.clone(),
    )
}

fn decoded(chunks: &[EncodedChunk]) -> SampleColumns {
    let mut columns = SampleColumns::default();
    for chunk in chunks {
        decode(chunk.encoding, &chunk.data, &mut columns).unwrap();
    }
    columns
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn check_sizes_and_order(chunks: &[EncodedChunk]) {
    for chunk in chunks {
        let samples = usize::from(sample_count(&chunk.data).unwrap());
        assert!((1..=SAMPLES_PER_CHUNK).contains(&samples), "{samples}");
        assert!(chunk.first <= chunk.last);
    }
    assert!(chunks.windows(2).all(|pair| pair[0].last < pair[1].first));
}

proptest! {
    #[test]
    fn floats_return(
        start in any::<i32>(),
        samples in proptest::collection::vec(
            (prop_oneof![Just(15_000i64), 1i64..40_000, 1i64..(1 << 40)], any::<u64>()), 0..300),
    ) {
        let mut columns = SampleColumns::default();
        let mut time = at(i64::from(start));
        for (step, bits) in samples {
            // Few bits differ mostly, as in life.
            let value = if bits % 3 == 0 { f64::from_bits(bits) } else { (bits % 100) as f64 };
            columns.floats.push(time, value);
            time = time + Millis::new(step);
        }
        let chunks = encode(&columns);
        check_sizes_and_order(&chunks);
        let back = decoded(&chunks);
        prop_assert_eq!(&back.floats.timestamps, &columns.floats.timestamps);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&back.floats.values), bits(&columns.floats.values));
    }

    #[test]
    fn histograms_return(steps in proptest::collection::vec(step(), 0..200)) {
        let histograms = play(&steps);
        let mut columns = SampleColumns::default();
        for (place, histogram) in histograms.iter().enumerate() {
            columns.histograms.push(at(place as i64 * 15_000), Arc::clone(histogram));
        }
        let chunks = encode(&columns);
        check_sizes_and_order(&chunks);
        let back = decoded(&chunks);
        prop_assert_eq!(&back.histograms.timestamps, &columns.histograms.timestamps);
        for (back, histogram) in back.histograms.histograms.iter().zip(&histograms) {
            prop_assert!(back.validate().is_ok(), "{:?}", back);
            if histogram.is_stale() {
                prop_assert!(back.is_stale() && back.flavor == histogram.flavor);
            } else {
                prop_assert_eq!(meaning(back), meaning(histogram));
            }
        }
        // A counter's resets are still seen.
        for (pair, now) in back.histograms.histograms.windows(2).zip(histograms.windows(2)) {
            let is_counter = now.iter().all(|h| h.reset_hint != ResetHint::Gauge && !h.is_stale());
            if is_counter {
                prop_assert_eq!(pair[1].detect_reset(&pair[0]), now[1].detect_reset(&now[0]));
            }
        }
    }

    #[test]
    fn damaged_chunks_are_errors_or_samples_and_never_a_panic(
        steps in proptest::collection::vec(step(), 1..60),
        flips in proptest::collection::vec(any::<u32>(), 1..4),
        cut in any::<bool>(),
    ) {
        let mut columns = SampleColumns::default();
        for (place, histogram) in play(&steps).into_iter().enumerate() {
            columns.histograms.push(at(place as i64 * 15_000), histogram);
            columns.floats.push(at(place as i64 * 15_000 + 1), place as f64);
        }
        for mut chunk in encode(&columns) {
            for flip in &flips {
                let bit = *flip as usize % (chunk.data.len() * 8);
                chunk.data[bit / 8] ^= 1 << (bit % 8);
                if cut {
                    chunk.data.truncate(bit / 8 + 1);
                }
            }
            let mut read = SampleColumns::default();
            let _ = decode(chunk.encoding, &chunk.data, &mut read);
            prop_assert!(read.len() <= usize::from(u16::MAX));
        }
    }
}

#[test]
fn a_series_that_changes_its_kind_has_chunks_in_turn() {
    let mut columns = SampleColumns::default();
    for place in 0..6 {
        match place {
            0 | 1 | 4 => columns.floats.push(at(place), place as f64),
            _ => columns.histograms.push(at(place), Arc::new(Histogram::new(0))),
        }
    }
    let chunks = encode(&columns);
    check_sizes_and_order(&chunks);
    let encodings: Vec<_> = chunks.iter().map(|chunk| chunk.encoding).collect();
    let expected = [Encoding::Xor, Encoding::Histogram, Encoding::Xor, Encoding::Histogram];
    assert_eq!(encodings, expected);
    assert_eq!(decoded(&chunks).len(), 6);
}

#[test]
fn a_reset_begins_a_chunk_that_says_so() {
    let counter = |count: f64| {
        let mut histogram = Histogram::new(0);
        histogram.positive.push(1, count);
        histogram.count = count;
        Arc::new(histogram)
    };
    let mut columns = SampleColumns::default();
    for (place, count) in [1.0, 5.0, 2.0, 3.0].into_iter().enumerate() {
        columns.histograms.push(at(place as i64), counter(count));
    }
    let chunks = encode(&columns);
    assert_eq!(chunks.len(), 2);
    let hints: Vec<_> =
        decoded(&chunks).histograms.histograms.iter().map(|h| h.reset_hint).collect();
    let expected = [ResetHint::Unknown, ResetHint::NotReset, ResetHint::Reset, ResetHint::NotReset];
    assert_eq!(hints, expected);
}

#[test]
fn the_bytes_of_a_chunk_are_those_of_prometheus() {
    // Three samples 15 s apart: count, time as zigzag varint, first value in full,
    // the distance, then a difference of distances of zero and an equal value.
    let mut columns = SampleColumns::default();
    for place in 0..3 {
        columns.floats.push(at(1000 + place * 15_000), 1.0);
    }
    let chunks = encode(&columns);
    let expected: [u8; 15] =
        [0, 3, 0xd0, 0x0f, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x98, 0x75, 0b0000_0000];
    assert_eq!(chunks[0].data, expected);
}
