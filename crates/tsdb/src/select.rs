//! What of a directory is wanted.

use model::{LabelsRef, Matcher, SampleColumns, TimeRange};

/// Which series and samples are wanted.
#[derive(Clone, Debug)]
pub struct Selection {
    /// A series counts where one of these selectors matches it; none at all: every series.
    pub selectors: Vec<Vec<Matcher>>,
    /// The samples wanted, both ends included.
    pub range: TimeRange,
}

impl Selection {
    /// Everything.
    pub fn all() -> Self {
        Self { selectors: Vec::new(), range: TimeRange::ALL }
    }

    /// Whether a series is wanted.
    pub fn matches(&self, labels: &LabelsRef) -> bool {
        self.selectors.is_empty()
            || self
                .selectors
                .iter()
                .any(|selector| selector.iter().all(|matcher| matcher.matches_labels(labels)))
    }
}

/// Puts samples in the order of time and keeps, of equal times, the one that came
/// first; those for which `keep` is false go. Files are mostly in order already,
/// but late samples stand behind others in a log.
pub(crate) fn normalise(columns: &mut SampleColumns, keep: impl Fn(model::Timestamp) -> bool) {
    let floats = &mut columns.floats;
    normalise_column(&mut floats.timestamps, &mut floats.values, &keep);
    let histograms = &mut columns.histograms;
    normalise_column(&mut histograms.timestamps, &mut histograms.histograms, &keep);
    if !floats.is_empty() && !histograms.is_empty() {
        let taken = &floats.timestamps;
        let is_free = |at| taken.binary_search(&at).is_err();
        normalise_column(&mut histograms.timestamps, &mut histograms.histograms, &is_free);
    }
}

fn normalise_column<V: Clone>(
    times: &mut Vec<model::Timestamp>,
    values: &mut Vec<V>,
    keep: &impl Fn(model::Timestamp) -> bool,
) {
    if times.windows(2).all(|pair| pair[0] < pair[1]) && times.iter().all(|time| keep(*time)) {
        return;
    }
    let mut samples: Vec<_> = times.drain(..).zip(values.drain(..)).collect();
    samples.retain(|(time, _)| keep(*time));
    samples.sort_by_key(|(time, _)| *time);
    samples.dedup_by_key(|(time, _)| *time);
    (*times, *values) = samples.into_iter().unzip();
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{Histogram, Labels, Timestamp};

    use super::*;

    #[test]
    fn samples_get_in_order_and_the_first_of_equal_times_stays() {
        let at = Timestamp::from_millis;
        let mut columns = SampleColumns::default();
        for (time, value) in [(10, 1.0), (30, 3.0), (20, 2.0), (30, 9.0), (99, 0.0)] {
            columns.floats.push(at(time), value);
        }
        columns.histograms.push(at(20), Arc::new(Histogram::new(0)));
        columns.histograms.push(at(25), Arc::new(Histogram::new(0)));
        normalise(&mut columns, |time| time < at(99));
        assert_eq!(columns.floats.timestamps, [at(10), at(20), at(30)]);
        assert_eq!(columns.floats.values, [1.0, 2.0, 3.0]);
        assert_eq!(columns.histograms.timestamps, [at(25)]);
    }

    #[test]
    fn a_series_is_wanted_where_any_selector_matches() {
        let up = Labels::from_pairs([("__name__", "up")]);
        assert!(Selection::all().matches(&up));
        let of = |names: &[&str]| Selection {
            selectors: names.iter().map(|name| vec![Matcher::equal("__name__", *name)]).collect(),
            range: TimeRange::ALL,
        };
        assert!(of(&["down", "up"]).matches(&up));
        assert!(!of(&["down"]).matches(&up));
    }
}
