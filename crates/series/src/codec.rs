//! How samples become bytes.
//!
//! Two encodings of floats: [`light`] packs runs of up to 255 samples with a few
//! nanoseconds a sample and serves the head; [`times`] and [`values`] pack columns
//! of thousands, with an entropy coder where that pays, and serve blocks. All give
//! back every value to the bit, whatever kind of NaN it is. [`histogram`] is for
//! native histograms.

pub mod bits;
pub mod decimal;
pub mod entropy;
pub mod histogram;
pub mod light;
pub mod numbers;
pub mod times;
pub mod values;
pub mod varint;

/// Bytes that are not what an encoder wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("encoded samples are cut short")]
    Truncated,
    /// A mode, width or count that no encoder writes.
    #[error("encoded samples hold an impossible {0}")]
    Invalid(&'static str),
}

#[cfg(test)]
pub(crate) mod tests {
    //! Samples of every character, for the property tests of both encodings.

    use model::sample::STALE_NAN;
    use proptest::prelude::*;

    /// Columns of 1 to `max` times: even, with jitter, with gaps, or anything.
    pub(crate) fn rising_times(max: usize) -> impl Strategy<Value = Vec<i64>> {
        let step = prop_oneof![
            4 => Just(15_000i64), 2 => 14_990i64..15_010, 1 => 1i64..1_000_000_000];
        let steps = prop_oneof![
            proptest::collection::vec(step, 1..=max),
            proptest::collection::vec(14_997i64..15_003, 1..=max),
            (1i64..100_000, 1..=max).prop_map(|(step, length)| vec![step; length]),
        ];
        let near_now = (any::<i32>(), steps).prop_map(|(start, steps)| {
            steps
                .into_iter()
                .scan(i64::from(start), |time, step| {
                    *time += step;
                    Some(*time)
                })
                .collect()
        });
        let anything = proptest::collection::btree_set(any::<i64>(), 1..=max.min(40))
            .prop_map(|times| times.into_iter().collect());
        prop_oneof![4 => near_now, 1 => anything]
    }

    /// Columns of 1 to `max` samples: rising times, values of one of several kinds.
    pub(crate) fn samples(max: usize) -> impl Strategy<Value = (Vec<i64>, Vec<f64>)> {
        let value = prop_oneof![
            (0i64..1000).prop_map(|v| v as f64),
            (0i64..100_000).prop_map(|v| v as f64 / 100.0),
            Just(7.0),
            any::<f64>(),
            any::<u64>().prop_map(f64::from_bits),
            Just(STALE_NAN),
        ];
        let values = prop_oneof![
            proptest::collection::vec(value, max),
            proptest::collection::vec((0i64..1_000_000).prop_map(|v| v as f64 / 1000.0), max),
            any::<f64>().prop_map(move |value| vec![value; max]),
            (1i64..5000, proptest::collection::vec(-500i64..500, max)).prop_map(|(unit, steps)| {
                let walk = steps.iter().scan(1_000_000, |sum, step| {
                    *sum += step * unit;
                    Some(*sum as f64)
                });
                walk.collect()
            }),
            (0u32..12, proptest::collection::vec(0u32..100, max)).prop_map(|(often, dice)| {
                let walk = dice.iter().scan(0.0, |last, dice| {
                    *last += f64::from(u32::from(*dice < often * 10) * dice) / 8.0;
                    Some(if *dice == 99 { STALE_NAN } else { *last })
                });
                walk.collect()
            }),
        ];
        (rising_times(max), values).prop_map(|(times, mut values)| {
            values.truncate(times.len());
            (times, values)
        })
    }
}
