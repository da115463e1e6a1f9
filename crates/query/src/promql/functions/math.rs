//! Elementary functions of each sample: `abs`, `ceil`, `exp`, `floor`, `ln`,
//! `log2`, `log10`, `sgn`, `sqrt`.

pub(super) const ABS_DOC: &str = "The absolute value of each sample.";
pub(super) const CEIL_DOC: &str = "Each sample rounded up to the next integer.";
pub(super) const EXP_DOC: &str = "The exponential function of each sample.";
pub(super) const FLOOR_DOC: &str = "Each sample rounded down to an integer.";
pub(super) const LN_DOC: &str = "The natural logarithm of each sample.";
pub(super) const LOG2_DOC: &str = "The binary logarithm of each sample.";
pub(super) const LOG10_DOC: &str = "The decimal logarithm of each sample.";
pub(super) const SGN_DOC: &str = "The sign of each sample: 1, 0 or -1.";
pub(super) const SQRT_DOC: &str = "The square root of each sample.";

/// 1, -1, or for zero and NaN the value itself.
pub(super) fn sgn(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs() {
        assert_eq!([-2.0, 0.0, 7.0].map(sgn), [-1.0, 0.0, 1.0]);
        assert!(sgn(f64::NAN).is_nan());
    }
}
