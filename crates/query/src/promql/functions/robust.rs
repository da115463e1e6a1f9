//! Robust statistics: what outliers hardly move.

use crate::promql::eval::aggregate::quantile;

/// What makes of a median absolute deviation the standard deviation of a normal
/// distribution.
const FROM_MEDIAN: f64 = 1.482_602_218_505_602;
/// The same for a mean absolute deviation.
const FROM_MEAN: f64 = 1.253_314_137_315_500_3;

/// A centre and a spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Robust {
    /// The median.
    pub(super) median: f64,
    /// An estimate of the standard deviation from the median absolute deviation;
    /// where more than half of the values are the same, from the mean absolute one.
    pub(super) deviation: f64,
}

impl Robust {
    /// Of some values, which are changed; NaN where one of them is, or where there is none.
    pub(super) fn of(values: &mut [f64]) -> Self {
        if values.is_empty() || values.iter().any(|value| value.is_nan()) {
            return Self { median: f64::NAN, deviation: f64::NAN };
        }
        let median = quantile(0.5, values);
        values.iter_mut().for_each(|value| *value = (*value - median).abs());
        let mut deviation = FROM_MEDIAN * quantile(0.5, values);
        if deviation == 0.0 {
            deviation = FROM_MEAN * values.iter().sum::<f64>() / values.len() as f64;
        }
        Self { median, deviation }
    }

    /// How many deviations `value` is from the median; 0 for the median itself,
    /// also where there is no deviation.
    pub(super) fn zscore(self, value: f64) -> f64 {
        let distance = value - self.median;
        if distance == 0.0 { 0.0 } else { distance / self.deviation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_hardly_moves_them() {
        let robust = Robust::of(&mut [10.0, 11.0, 12.0, 13.0, 1e9]);
        assert_eq!(robust.median, 12.0);
        assert!((robust.deviation - 1.482_602_2).abs() < 1e-6, "{robust:?}");
        assert!((robust.zscore(9.0) + 2.0235).abs() < 1e-4);
    }

    #[test]
    fn values_that_are_mostly_the_same_have_a_deviation() {
        let robust = Robust::of(&mut [5.0, 5.0, 5.0, 5.0, 9.0]);
        assert!((robust.deviation - 0.8 * FROM_MEAN).abs() < 1e-12, "{robust:?}");
        let robust = Robust::of(&mut [5.0, 5.0]);
        assert_eq!((robust.zscore(5.0), robust.zscore(6.0)), (0.0, f64::INFINITY));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert!(Robust::of(&mut []).median.is_nan());
        assert!(Robust::of(&mut [1.0, f64::NAN]).zscore(1.0).is_nan());
    }
}
