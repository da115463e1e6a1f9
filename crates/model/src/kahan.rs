//! Sums that keep the bits which plain addition loses.
//!
//! Kahan's summation as improved by Neumaier: beside the sum runs a
//! compensation, to be added at the very end. PromQL's results depend on it to
//! the last bit (Prometheus, `util/kahansum`).

/// Adds `increment` to a compensated sum; returns the new sum and compensation.
///
/// Where the sum becomes infinite, the compensation means nothing and is dropped.
#[inline]
pub fn kahan_add(increment: f64, sum: f64, compensation: f64) -> (f64, f64) {
    let total = sum + increment;
    if total.is_infinite() {
        return (total, 0.0);
    }
    let lost = if sum.abs() >= increment.abs() {
        (sum - total) + increment
    } else {
        (increment - total) + sum
    };
    (total, compensation + lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let (sum, compensation) =
            values.iter().fold((0.0, 0.0), |(sum, c), value| kahan_add(*value, sum, c));
        sum + compensation
    }

    #[test]
    fn small_terms_survive_large_ones() {
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
    }

    #[test]
    fn infinity_is_not_spoilt_by_the_compensation() {
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
    }
}
