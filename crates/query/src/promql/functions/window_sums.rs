//! Compensated sums of several windows side by side.
//!
//! Each addition of a sum waits for the one before it. The windows of a series
//! don't wait for each other, so a processor that adds up four of them at once is
//! done with all in little more than the time of one. The results are those of
//! [`kahan_add`](model::kahan::kahan_add), bit by bit: what an addition loses is
//! computed without a comparison (Knuth's two-sum), and is exact both ways.

use crate::promql::eval::table::RowMut;
use crate::promql::eval::window::Windows;

/// How many windows are added up at once.
const LANES: usize = 4;

/// What a sum starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// From zero.
    Zero,
    /// From the first value, which is not added again.
    First,
}

/// Fills a row with a float for each window of a series without histograms:
/// `finish` makes it of the sum, its compensation and the number of values, `alone`
/// of the values where a sum is not finite or the windows differ in length.
pub(super) fn each(
    windows: &Windows<'_>,
    row: &mut RowMut<'_>,
    start: Start,
    finish: impl Fn(f64, f64, f64) -> f64,
    alone: impl Fn(&[f64]) -> f64,
) {
    let values_of = |step: usize| {
        let (first, behind) = windows.bounds[step];
        &windows.values[first as usize..behind as usize]
    };
    let mut step = 0;
    while step < windows.steps() {
        let length = values_of(step).len();
        let is_group = length > 0
            && step + LANES <= windows.steps()
            && (1..LANES).all(|lane| values_of(step + lane).len() == length);
        if !is_group {
            if length > 0 {
                row.floats[step] = alone(values_of(step));
            }
            step += 1;
            continue;
        }
        let group: [&[f64]; LANES] = std::array::from_fn(|lane| values_of(step + lane));
        let (sums, compensations) = side_by_side(group, start);
        for (lane, values) in group.into_iter().enumerate() {
            let (sum, compensation) = (sums[lane], compensations[lane]);
            row.floats[step + lane] = if (sum + compensation).is_finite() {
                finish(sum, compensation, length as f64)
            } else {
                alone(values)
            };
        }
        step += LANES;
    }
}

/// Sums and compensations of windows of the same length.
#[inline]
fn side_by_side(windows: [&[f64]; LANES], start: Start) -> ([f64; LANES], [f64; LANES]) {
    let mut sums = [0.0; LANES];
    let mut compensations = [0.0; LANES];
    let rest = match start {
        Start::Zero => windows,
        Start::First => {
            sums = windows.map(|values| values[0]);
            windows.map(|values| &values[1..])
        }
    };
    let [a, b, c, d] = rest;
    for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
        let values = [*a, *b, *c, *d];
        for lane in 0..LANES {
            let (sum, value) = (sums[lane], values[lane]);
            let total = sum + value;
            let part = total - sum;
            compensations[lane] += (sum - (total - part)) + (value - part);
            sums[lane] = total;
        }
    }
    (sums, compensations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::kahan::kahan_add;
    use proptest::strategy::Strategy;

    fn alone(values: &[f64], start: Start) -> (f64, f64) {
        let (first, rest) = match start {
            Start::Zero => (0.0, values),
            Start::First => (values[0], &values[1..]),
        };
        rest.iter().fold((first, 0.0), |(sum, c), value| kahan_add(*value, sum, c))
    }

    proptest::proptest! {
        #[test]
        fn sums_side_by_side_are_those_of_each_alone(
            values in proptest::collection::vec(
                proptest::prop_oneof![
                    -1e3f64..1e3,
                    (-100_000i32..100_000).prop_map(|hundredths| f64::from(hundredths) / 100.0),
                    -1e300f64..1e300,
                    proptest::num::f64::NORMAL,
                    proptest::num::f64::SUBNORMAL,
                    proptest::prelude::Just(-0.0),
                ],
                8..60,
            ),
            is_zero: bool,
        ) {
            let start = if is_zero { Start::Zero } else { Start::First };
            let length = values.len() - 3;
            let windows: [&[f64]; LANES] = std::array::from_fn(|lane| &values[lane..lane + length]);
            let (sums, compensations) = side_by_side(windows, start);
            for lane in 0..LANES {
                let (sum, compensation) = alone(windows[lane], start);
                // What is not finite is computed alone.
                if (sums[lane] + compensations[lane]).is_finite() {
                    let (ours, theirs) = ((sums[lane], compensations[lane]), (sum, compensation));
                    proptest::prop_assert_eq!(ours.0.to_bits(), theirs.0.to_bits());
                    proptest::prop_assert_eq!(ours.1.to_bits(), theirs.1.to_bits());
                } else {
                    proptest::prop_assert!(!(sum + compensation).is_finite() || values.iter().any(|v| v.abs() > 1e290));
                }
            }
        }
    }
}
