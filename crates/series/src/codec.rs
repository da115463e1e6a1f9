//! How samples become bytes.
//!
//! Two encodings of floats: [`light`] packs runs of up to 255 samples with a few
//! nanoseconds a sample and serves the head; [`dense`] packs thousands with an
//! entropy coder and serves blocks. Both give back every value to the bit,
//! whatever kind of NaN it is. [`histogram`] is for native histograms.

pub mod bits;
pub mod dense;
pub mod histogram;
pub mod light;
pub mod numbers;
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

    /// Columns of 1 to `max` samples: rising times, values of one of several kinds.
    pub(crate) fn samples(max: usize) -> impl Strategy<Value = (Vec<i64>, Vec<f64>)> {
        let times = (
            any::<i32>(),
            proptest::collection::vec(
                prop_oneof![
            4 => Just(15_000i64), 2 => 14_990i64..15_010, 1 => 1i64..1_000_000_000],
                1..=max,
            ),
        );
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
        ];
        (times, values).prop_map(|((start, steps), mut values)| {
            let mut time = i64::from(start);
            let times: Vec<_> = steps
                .into_iter()
                .map(|step| {
                    time += step;
                    time
                })
                .collect();
            values.truncate(times.len());
            (times, values)
        })
    }
}
