//! Floats that are decimal numbers: most metrics count, or have few decimals.

/// The most decimals that are looked for.
pub const DECIMALS_MAX: u8 = 9;
/// Scaled integers stay below this, where every integer is a float.
const SCALED_MAX: f64 = 9_007_199_254_740_992.0;

const POWERS: [f64; DECIMALS_MAX as usize + 1] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// Writes `values` as integers times a power of ten into `scaled` and returns
/// the number of decimals; `None` where that would not give back every bit.
pub fn to_decimal(values: &[f64], scaled: &mut Vec<i64>) -> Option<u8> {
    let mut decimals = 0;
    for value in values {
        while !is_exact(*value, decimals) {
            decimals += 1;
            if decimals > DECIMALS_MAX {
                return None;
            }
        }
    }
    scaled.clear();
    for value in values {
        // More decimals than a value needs may push it over the limit: checked again.
        if !is_exact(*value, decimals) {
            return None;
        }
        scaled.push(scale(*value, decimals));
    }
    Some(decimals)
}

/// Undoes [`to_decimal`] for one value.
#[inline]
pub fn from_decimal(scaled: i64, decimals: u8) -> f64 {
    scaled as f64 / POWERS[usize::from(decimals.min(DECIMALS_MAX))]
}

/// Whether `decimals` is a number that [`to_decimal`] returns.
pub const fn is_decimals(decimals: u8) -> bool {
    decimals <= DECIMALS_MAX
}

/// `value` as an integer times a power of ten, where that gives back every bit.
#[inline]
pub fn scaled(value: f64, decimals: u8) -> Option<i64> {
    is_exact(value, decimals).then(|| scale(value, decimals))
}

#[inline]
fn scale(value: f64, decimals: u8) -> i64 {
    (value * POWERS[usize::from(decimals)]).round_ties_even() as i64
}

#[inline]
fn is_exact(value: f64, decimals: u8) -> bool {
    let product = value * POWERS[usize::from(decimals)];
    product.abs() < SCALED_MAX
        && from_decimal(scale(value, decimals), decimals).to_bits() == value.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_found() {
        let mut scaled = Vec::new();
        assert_eq!(to_decimal(&[1.0, 2.5, -0.125], &mut scaled), Some(3));
        assert_eq!(scaled, [1000, 2500, -125]);
        assert_eq!(to_decimal(&[0.1, 0.7, 1.1], &mut scaled), Some(1));
    }

    #[test]
    fn what_would_lose_bits_is_refused() {
        let mut scaled = Vec::new();
        for value in [f64::NAN, f64::INFINITY, -0.0, 1.0 / 3.0, 1e300, f64::MIN_POSITIVE] {
            assert_eq!(to_decimal(&[value], &mut scaled), None, "{value}");
        }
        assert_eq!(to_decimal(&[9e15, 0.5], &mut scaled), None);
    }

    proptest! {
        #[test]
        fn exact_or_refused(values in proptest::collection::vec(prop_oneof![any::<f64>(), (-1e6f64..1e6).prop_map(|v| (v * 100.0).round() / 100.0)], 1..20)) {
            let mut scaled = Vec::new();
            if let Some(decimals) = to_decimal(&values, &mut scaled) {
                for (value, scaled) in values.iter().zip(&scaled) {
                    prop_assert_eq!(from_decimal(*scaled, decimals).to_bits(), value.to_bits());
                }
            }
        }
    }
}
