//! Merging the samples of one series from several sources.

use model::{FloatColumn, HistogramColumn, SampleColumns, Timestamp};

/// Adds `more` to `into`, by time. Where both have a time, the sample of `into`
/// stays, whatever its kind.
pub(crate) fn merge_into(into: &mut SampleColumns, more: &SampleColumns) {
    if more.is_empty() {
        return;
    }
    let starts_behind = match (last(into), first(more)) {
        (Some(last), Some(first)) => last < first,
        _ => true,
    };
    if starts_behind {
        into.floats.timestamps.extend_from_slice(&more.floats.timestamps);
        into.floats.values.extend_from_slice(&more.floats.values);
        into.histograms.timestamps.extend_from_slice(&more.histograms.timestamps);
        into.histograms.histograms.extend_from_slice(&more.histograms.histograms);
        return;
    }
    let floats = merged(
        (&into.floats.timestamps, &into.floats.values),
        (&more.floats.timestamps, &more.floats.values),
        &into.histograms.timestamps,
    );
    let histograms = merged(
        (&into.histograms.timestamps, &into.histograms.histograms),
        (&more.histograms.timestamps, &more.histograms.histograms),
        &into.floats.timestamps,
    );
    into.floats = FloatColumn { timestamps: floats.0, values: floats.1 };
    into.histograms = HistogramColumn { timestamps: histograms.0, histograms: histograms.1 };
}

/// Merges two columns of one kind; times of `more` that stand in `taken`, the
/// other kind's column of the winning side, are left out.
fn merged<V: Clone>(
    winner: (&[Timestamp], &[V]),
    more: (&[Timestamp], &[V]),
    taken: &[Timestamp],
) -> (Vec<Timestamp>, Vec<V>) {
    let mut timestamps = Vec::with_capacity(winner.0.len() + more.0.len());
    let mut values = Vec::with_capacity(winner.0.len() + more.0.len());
    let mut kept = 0;
    for (timestamp, value) in more.0.iter().zip(more.1) {
        let until = kept + winner.0[kept..].partition_point(|at| at < timestamp);
        timestamps.extend_from_slice(&winner.0[kept..until]);
        values.extend_from_slice(&winner.1[kept..until]);
        kept = until;
        if winner.0.get(kept) != Some(timestamp) && taken.binary_search(timestamp).is_err() {
            timestamps.push(*timestamp);
            values.push(value.clone());
        }
    }
    timestamps.extend_from_slice(&winner.0[kept..]);
    values.extend_from_slice(&winner.1[kept..]);
    (timestamps, values)
}

fn first(columns: &SampleColumns) -> Option<Timestamp> {
    let (floats, histograms) = (&columns.floats.timestamps, &columns.histograms.timestamps);
    floats.first().into_iter().chain(histograms.first()).min().copied()
}

fn last(columns: &SampleColumns) -> Option<Timestamp> {
    let (floats, histograms) = (&columns.floats.timestamps, &columns.histograms.timestamps);
    floats.last().max(histograms.last()).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use model::Histogram;
    use proptest::prelude::*;

    use super::*;

    /// Time to value; `None` is a histogram.
    type Samples = BTreeMap<i64, Option<i32>>;

    fn columns(samples: &Samples) -> SampleColumns {
        let mut columns = SampleColumns::default();
        for (at, value) in samples {
            let at = Timestamp::from_millis(*at);
            match value {
                Some(value) => columns.floats.push(at, f64::from(*value)),
                None => columns.histograms.push(at, Arc::new(Histogram::new(0))),
            }
        }
        columns
    }

    proptest! {
        #[test]
        fn the_first_source_wins(
            a in prop::collection::btree_map(0i64..40, prop::option::weighted(0.8, 0..9), 0..20),
            b in prop::collection::btree_map(0i64..80, prop::option::weighted(0.8, 0..9), 0..20),
        ) {
            let mut merged = columns(&a);
            merge_into(&mut merged, &columns(&b));
            let mut expected = b;
            expected.extend(a);
            prop_assert_eq!(merged, columns(&expected));
        }
    }
}
