//! Columns of floats as integers: most metrics count, or have few decimals.
//!
//! A column becomes `(base + factor * integer) / 10^decimals`. Values that this
//! does not give back to the bit (staleness markers and other NaN, infinities,
//! minus zero, the odd long fraction) are kept beside it, as long as they are few.

use super::numbers;

/// Of so many values one may be an exception, and one of any column.
const VALUES_PER_EXCEPTION: usize = 16;

/// A column of floats as integers.
#[derive(Clone, Debug, Default)]
pub struct Decimals {
    /// The integers, one for each value; an exception repeats its neighbour.
    pub integers: Vec<i64>,
    /// What is added to the integers after `factor`.
    pub base: i64,
    /// What the integers are multiplied with; at least 1.
    pub factor: i64,
    /// The number of decimals.
    pub decimals: u8,
    /// Places and bits of the values that are not decimal.
    pub exceptions: Vec<(usize, u64)>,
}

impl Decimals {
    /// Takes over `values`; returns whether they are decimal numbers.
    pub fn fill(&mut self, values: &[f64]) -> bool {
        let exceptions_max = (values.len() / VALUES_PER_EXCEPTION).max(1);
        let Some(decimals) = decimals_of(values, exceptions_max) else { return false };
        self.decimals = decimals;
        self.integers.clear();
        self.exceptions.clear();
        for (index, value) in values.iter().enumerate() {
            match numbers::scaled(*value, decimals) {
                Some(scaled) => self.integers.push(scaled),
                None => {
                    self.exceptions.push((index, value.to_bits()));
                    if self.exceptions.len() > exceptions_max {
                        return false;
                    }
                    self.integers.push(self.integers.last().copied().unwrap_or(i64::MIN));
                }
            }
        }
        // Exceptions at the front have no neighbour before them.
        let Some(first) = self.integers.iter().position(|integer| *integer != i64::MIN) else {
            return false;
        };
        let value = self.integers[first];
        self.integers[..first].fill(value);
        self.take_out_factor();
        true
    }

    /// Memory comes in pages and sizes in sectors: what all have in common is written once.
    fn take_out_factor(&mut self) {
        (self.base, self.factor) = (0, 1);
        let base = self.integers[0];
        let mut common = 0u64;
        for integer in &self.integers {
            common = greatest_common_divisor(common, integer.abs_diff(base));
            if common == 1 {
                return;
            }
        }
        if common > 1 {
            // Scaled integers stay below 2^53, and so do their distances and the factor.
            let factor = common as i64;
            (self.base, self.factor) = (base, factor);
            self.integers.iter_mut().for_each(|integer| *integer = (*integer - base) / factor);
        }
    }
}

/// The most decimals that a value needs; `None` where too many need more than there are.
fn decimals_of(values: &[f64], exceptions_max: usize) -> Option<u8> {
    let (mut decimals, mut exceptions) = (0, 0);
    for value in values {
        if numbers::scaled(*value, decimals).is_some() {
            continue;
        }
        match (decimals + 1..=numbers::DECIMALS_MAX)
            .find(|more| numbers::scaled(*value, *more).is_some())
        {
            Some(more) => decimals = more,
            None => {
                exceptions += 1;
                if exceptions > exceptions_max {
                    return None;
                }
            }
        }
    }
    Some(decimals)
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use model::sample::STALE_NAN;

    use super::*;

    fn filled(values: &[f64]) -> Option<Decimals> {
        let mut decimals = Decimals::default();
        decimals.fill(values).then_some(decimals)
    }

    #[test]
    fn common_factors_are_taken_out() {
        let found = filled(&[8192.0, 4096.0, 12288.0]).unwrap();
        assert_eq!((found.integers, found.base, found.factor), (vec![0, -1, 1], 8192, 4096));
        let found = filled(&[0.25, 0.75, 1.75]).unwrap();
        assert_eq!((found.integers, found.base, found.factor), (vec![0, 1, 3], 25, 50));
        let found = filled(&[1.0, 2.0, 4.0]).unwrap();
        assert_eq!((found.integers, found.base, found.factor), (vec![1, 2, 4], 0, 1));
    }

    #[test]
    fn a_few_exceptions_are_kept_apart() {
        let mut values: Vec<f64> = (0..32).map(f64::from).collect();
        values[0] = STALE_NAN;
        values[9] = f64::INFINITY;
        let found = filled(&values).unwrap();
        assert_eq!(found.exceptions, [(0, STALE_NAN.to_bits()), (9, f64::INFINITY.to_bits())]);
        assert_eq!(found.integers[..3], [1, 1, 2]);
        values[3] = -0.0;
        assert!(filled(&values).is_none(), "three of 32 are too many");
        assert!(filled(&[f64::NAN; 20]).is_none());
    }
}
