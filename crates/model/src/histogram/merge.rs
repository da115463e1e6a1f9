//! Bringing sparse buckets together: adding, thinning out, changing the resolution.
//!
//! Where a sum is compensated, the compensations stand in a vector beside the
//! counts, one for each; a plain sum has none.

use super::{BucketSpan, Buckets};
use crate::kahan::kahan_add;

/// Appends buckets by rising index.
#[derive(Default)]
pub(super) struct BucketsBuilder {
    buckets: Buckets,
    /// The index behind the last bucket.
    end: i32,
}

impl BucketsBuilder {
    /// Appends a bucket; `index` is higher than all before.
    pub(super) fn push(&mut self, index: i32, count: f64) {
        match self.buckets.spans.last_mut() {
            Some(last) if index == self.end => last.length += 1,
            _ => self.buckets.spans.push(BucketSpan { offset: index - self.end, length: 1 }),
        }
        self.end = index.saturating_add(1);
        self.buckets.counts.push(count);
    }

    pub(super) fn build(self) -> Buckets {
        self.buckets
    }
}

/// Adds `other`, times `sign`, to `into`, leaving out those of its first buckets
/// for which `is_below` holds.
///
/// With `compensation` (as long as `into.counts`), the sum is compensated;
/// `other_compensation` is that of `other`, or empty.
pub(super) fn add_buckets(
    into: &mut Buckets,
    mut compensation: Option<&mut Vec<f64>>,
    other: &Buckets,
    other_compensation: &[f64],
    sign: f64,
    is_below: impl Fn(i32) -> bool,
) {
    let other_at = |position: usize| {
        let rest = other_compensation.get(position).map_or(0.0, |c| c * sign);
        (other.counts[position] * sign, rest)
    };
    let first = other.spans.first().map(|span| span.offset);
    if into.spans == other.spans && first.is_none_or(|first| !is_below(first)) {
        match compensation {
            None => {
                for (count, position) in into.counts.iter_mut().zip(0..) {
                    *count += other_at(position).0;
                }
            }
            Some(compensation) => {
                let sums = into.counts.iter_mut().zip(compensation.iter_mut());
                for ((count, compensation), position) in sums.zip(0..) {
                    (*count, *compensation) =
                        add_compensated(other_at(position), (*count, *compensation));
                }
            }
        }
        return;
    }
    let mut merged = BucketsBuilder::default();
    let mut merged_compensation = Vec::new();
    let mut push = |index: i32, (count, rest): (f64, f64)| {
        merged.push(index, count);
        merged_compensation.push(rest);
    };
    let own = |position: usize, count: f64| {
        (count, compensation.as_ref().map_or(0.0, |c| c.get(position).copied().unwrap_or(0.0)))
    };
    let mut left = into.iter().zip(0usize..).peekable();
    let mut right =
        other.iter().zip(0usize..).skip_while(|((index, _), _)| is_below(*index)).peekable();
    loop {
        match (left.peek().copied(), right.peek().copied()) {
            (Some(((a, count), at)), Some(((b, _), other))) if a == b => {
                let added = if compensation.is_some() {
                    add_compensated(other_at(other), own(at, count))
                } else {
                    (count + other_at(other).0, 0.0)
                };
                push(a, added);
                left.next();
                right.next();
            }
            (Some(((a, count), at)), right) if right.is_none_or(|((b, _), _)| a < b) => {
                push(a, own(at, count));
                left.next();
            }
            (_, Some(((b, _), other))) => {
                push(b, other_at(other));
                right.next();
            }
            (_, None) => break,
        }
    }
    drop(left);
    *into = merged.build();
    if let Some(compensation) = &mut compensation {
        **compensation = merged_compensation;
    }
}

fn add_compensated((count, rest): (f64, f64), (sum, compensation): (f64, f64)) -> (f64, f64) {
    let (sum, compensation) = kahan_add(count, sum, compensation);
    if rest == 0.0 { (sum, compensation) } else { kahan_add(rest, sum, compensation) }
}

/// Where bucket `index` goes when the schema is lowered by `steps`.
pub(super) fn coarser_index(index: i32, steps: u32) -> i32 {
    (index.saturating_sub(1) >> steps.min(31)) + 1
}

/// Merges neighbours so that the schema is lower by `steps`.
pub(super) fn coarser(
    buckets: &Buckets,
    compensation: Option<&[f64]>,
    steps: u32,
) -> (Buckets, Vec<f64>) {
    let mut merged = BucketsBuilder::default();
    let mut merged_compensation: Vec<f64> = Vec::new();
    let mut last = None;
    for ((index, count), position) in buckets.iter().zip(0usize..) {
        let target = coarser_index(index, steps);
        let rest = compensation.and_then(|c| c.get(position).copied()).unwrap_or(0.0);
        if last != Some(target) {
            merged.push(target, count);
            merged_compensation.push(rest);
            last = Some(target);
            continue;
        }
        if let (Some(sum), Some(c)) =
            (merged.buckets.counts.last_mut(), merged_compensation.last_mut())
        {
            if compensation.is_some() {
                (*sum, *c) = add_compensated((count, rest), (*sum, *c));
            } else {
                *sum += count;
            }
        }
    }
    (merged.build(), merged_compensation)
}

/// Drops buckets that count nothing, and joins runs that touch.
pub(super) fn drop_empty(buckets: &mut Buckets, compensation: Option<&mut Vec<f64>>) {
    let is_tidy = buckets.counts.iter().all(|count| *count != 0.0)
        && buckets.spans.iter().all(|span| span.length > 0)
        && buckets.spans.iter().skip(1).all(|span| span.offset > 0);
    if is_tidy {
        return;
    }
    let rest = |position: usize, c: &[f64]| c.get(position).copied().unwrap_or(0.0);
    let mut kept = BucketsBuilder::default();
    let mut kept_compensation = Vec::new();
    let own: &[f64] = compensation.as_deref().map_or(&[], Vec::as_slice);
    for ((index, count), position) in buckets.iter().zip(0usize..) {
        if count != 0.0 || rest(position, own) != 0.0 {
            kept.push(index, count);
            kept_compensation.push(rest(position, own));
        }
    }
    *buckets = kept.build();
    if let Some(compensation) = compensation {
        *compensation = kept_compensation;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    use super::*;

    fn buckets(map: &BTreeMap<i32, f64>) -> Buckets {
        let mut builder = BucketsBuilder::default();
        for (index, count) in map {
            builder.push(*index, *count);
        }
        builder.build()
    }

    fn sparse() -> impl Strategy<Value = BTreeMap<i32, f64>> {
        proptest::collection::btree_map(-20i32..20, (0u8..9).prop_map(f64::from), 0..12)
    }

    proptest! {
        #[test]
        fn addition_is_that_of_maps(a in sparse(), b in sparse(), negative: bool) {
            let sign = if negative { -1.0 } else { 1.0 };
            let mut expected = a.clone();
            for (index, count) in &b {
                *expected.entry(*index).or_default() += sign * count;
            }
            let mut plain = buckets(&a);
            add_buckets(&mut plain, None, &buckets(&b), &[], sign, |_| false);
            prop_assert_eq!(&plain, &buckets(&expected));
            let mut compensated = buckets(&a);
            let mut compensation = vec![0.0; compensated.counts.len()];
            add_buckets(
                &mut compensated, Some(&mut compensation), &buckets(&b), &[], sign, |_| false,
            );
            prop_assert_eq!(compensated, plain);
            prop_assert_eq!(compensation.len(), expected.len());
        }

        #[test]
        fn coarser_keeps_all_observations(a in sparse(), steps in 0u32..4) {
            let (merged, _) = coarser(&buckets(&a), None, steps);
            prop_assert_eq!(merged.counts.iter().sum::<f64>(), a.values().sum::<f64>());
            let indexes: Vec<i32> = merged.iter().map(|(index, _)| index).collect();
            prop_assert!(indexes.windows(2).all(|pair| pair[0] < pair[1]));
        }

        #[test]
        fn dropping_empty_ones_keeps_the_others(a in sparse()) {
            let mut thinned = buckets(&a);
            drop_empty(&mut thinned, None);
            let expected: BTreeMap<_, _> = a.into_iter().filter(|(_, count)| *count != 0.0).collect();
            prop_assert_eq!(thinned, buckets(&expected));
        }
    }

    #[test]
    fn the_first_buckets_can_be_left_out() {
        let mut into = buckets(&BTreeMap::from([(1, 1.0)]));
        let other = buckets(&BTreeMap::from([(1, 5.0), (2, 7.0), (4, 9.0)]));
        add_buckets(&mut into, None, &other, &[], 1.0, |index| index <= 1);
        assert_eq!(into, buckets(&BTreeMap::from([(1, 1.0), (2, 7.0), (4, 9.0)])));
    }
}
