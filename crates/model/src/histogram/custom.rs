//! Custom buckets of histograms whose bounds differ: both are brought to the
//! bounds that they share.

use super::Buckets;
use super::merge::BucketsBuilder;
use crate::kahan::kahan_add;

/// The bounds that stand in both lists.
pub(super) fn shared_bounds(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut b = b.iter().peekable();
    a.iter()
        .copied()
        .filter(|bound| {
            while b.next_if(|other| *other < bound).is_some() {}
            b.peek().is_some_and(|other| *other == bound)
        })
        .collect()
}

/// Counts by target bucket, with their compensations.
pub(super) struct OnBounds {
    pub(super) counts: Vec<f64>,
    pub(super) compensation: Vec<f64>,
}

impl OnBounds {
    /// No observations in the buckets that end at `bounds` and at infinity.
    pub(super) fn new(bounds: &[f64]) -> Self {
        let zero = vec![0.0; bounds.len() + 1];
        Self { counts: zero.clone(), compensation: zero }
    }

    /// Adds buckets that end at `from`, times `sign`, into those that end at
    /// `target`, a subset of `from`.
    pub(super) fn add(
        &mut self,
        target: &[f64],
        buckets: &Buckets,
        compensation: &[f64],
        from: &[f64],
        sign: f64,
    ) {
        for ((index, count), position) in buckets.iter().zip(0usize..) {
            let bound = usize::try_from(index).ok().and_then(|index| from.get(index));
            let into = bound.map_or(target.len(), |bound| target.partition_point(|t| t < bound));
            let mut add = |value: f64| {
                (self.counts[into], self.compensation[into]) =
                    kahan_add(value, self.counts[into], self.compensation[into]);
            };
            add(sign * count);
            if let Some(rest) = compensation.get(position) {
                add(sign * rest);
            }
        }
    }

    /// The populated buckets, and the compensation of each.
    pub(super) fn into_buckets(self) -> (Buckets, Vec<f64>) {
        let mut kept = BucketsBuilder::default();
        let mut kept_compensation = Vec::new();
        for ((count, rest), index) in self.counts.into_iter().zip(self.compensation).zip(0i32..) {
            if count != 0.0 || rest != 0.0 {
                kept.push(index, count);
                kept_compensation.push(rest);
            }
        }
        (kept.build(), kept_compensation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shared_bounds_stay() {
        assert_eq!(shared_bounds(&[1.0, 2.0, 4.0], &[0.5, 2.0, 3.0, 4.0]), [2.0, 4.0]);
        assert!(shared_bounds(&[1.0], &[]).is_empty());
    }

    #[test]
    fn buckets_fall_into_the_next_shared_bound() {
        let mut buckets = Buckets::default();
        for (index, count) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 8.0)] {
            buckets.push(index, count);
        }
        let mut sums = OnBounds::new(&[2.0]);
        sums.add(&[2.0], &buckets, &[], &[1.0, 2.0, 3.0], 1.0);
        assert_eq!(sums.counts, [3.0, 12.0]);
    }
}
