//! Exemplars: a ring of the newest, and their series.

use std::collections::VecDeque;

use hashbrown::HashMap;
use model::exemplar::EXEMPLAR_LABELS_CHARS_MAX;
use model::{Exemplar, Labels, LabelsRef, Matcher, SeriesHash, TimeRange};
use storage::{RejectReason, SeriesExemplars};

/// The newest exemplars of all series.
#[derive(Debug)]
pub(crate) struct ExemplarRing {
    capacity: usize,
    ring: VecDeque<(SeriesHash, Exemplar)>,
    series: HashMap<SeriesHash, Entry>,
}

#[derive(Debug)]
struct Entry {
    labels: Labels,
    count: usize,
    newest: Exemplar,
}

impl ExemplarRing {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, ring: VecDeque::new(), series: HashMap::new() }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.ring.len()
    }

    /// Stores an exemplar, dropping the oldest where the ring is full. `false`
    /// where it repeats the newest of its series or the ring keeps none.
    pub(crate) fn add(
        &mut self,
        hash: SeriesHash,
        labels: &LabelsRef,
        exemplar: &Exemplar,
    ) -> Result<bool, RejectReason> {
        let chars: usize = exemplar
            .labels
            .iter()
            .map(|(name, value)| name.chars().count() + value.chars().count())
            .sum();
        if chars > EXEMPLAR_LABELS_CHARS_MAX {
            return Err(RejectReason::ExemplarTooLong);
        }
        if self.capacity == 0 {
            return Ok(false);
        }
        if let Some(entry) = self.series.get(&hash) {
            if entry.newest == *exemplar {
                return Ok(false);
            }
            if exemplar.timestamp < entry.newest.timestamp {
                return Err(RejectReason::ExemplarOutOfOrder);
            }
        }
        while self.ring.len() >= self.capacity {
            self.drop_oldest();
        }
        self.ring.push_back((hash, exemplar.clone()));
        let entry = self.series.entry(hash).or_insert_with(|| Entry {
            labels: labels.to_labels(),
            count: 0,
            newest: exemplar.clone(),
        });
        entry.count += 1;
        entry.newest = exemplar.clone();
        Ok(true)
    }

    /// The exemplars in `range` of the series that one of `selectors` matches, by series.
    pub(crate) fn select(
        &self,
        selectors: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Vec<SeriesExemplars> {
        let mut found: HashMap<SeriesHash, SeriesExemplars> = self
            .series
            .iter()
            .filter(|(_, entry)| {
                selectors.iter().any(|matchers| {
                    matchers.iter().all(|matcher| matcher.matches_labels(&entry.labels))
                })
            })
            .map(|(hash, entry)| {
                (*hash, SeriesExemplars { labels: entry.labels.clone(), exemplars: Vec::new() })
            })
            .collect();
        for (hash, exemplar) in &self.ring {
            if range.contains(exemplar.timestamp)
                && let Some(series) = found.get_mut(hash)
            {
                series.exemplars.push(exemplar.clone());
            }
        }
        let mut found: Vec<_> =
            found.into_values().filter(|series| !series.exemplars.is_empty()).collect();
        found.sort_by(|a, b| a.labels.cmp(&b.labels));
        found
    }

    /// All exemplars, oldest first, with the labels of their series.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&LabelsRef, &Exemplar)> {
        self.ring.iter().filter_map(|(hash, exemplar)| {
            Some((&**self.series.get(hash).map(|entry| &entry.labels)?, exemplar))
        })
    }

    fn drop_oldest(&mut self) {
        let Some((hash, _)) = self.ring.pop_front() else { return };
        if let Some(entry) = self.series.get_mut(&hash) {
            entry.count -= 1;
            if entry.count == 0 {
                self.series.remove(&hash);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    fn exemplar(id: &str, at: i64) -> Exemplar {
        Exemplar {
            labels: Labels::from_pairs([("trace_id", id)]),
            value: 1.0,
            timestamp: Timestamp::from_millis(at),
        }
    }

    #[test]
    fn the_oldest_makes_room_and_order_is_kept() {
        let mut ring = ExemplarRing::new(2);
        let a = Labels::from_pairs([("__name__", "a")]);
        let b = Labels::from_pairs([("__name__", "b")]);
        let mut add =
            |labels: &Labels, exemplar: Exemplar| ring.add(labels.series_hash(), labels, &exemplar);
        assert_eq!(add(&a, exemplar("1", 10)), Ok(true));
        assert_eq!(add(&a, exemplar("1", 10)), Ok(false));
        assert_eq!(add(&a, exemplar("0", 9)), Err(RejectReason::ExemplarOutOfOrder));
        assert_eq!(add(&b, exemplar("2", 5)), Ok(true));
        assert_eq!(add(&b, exemplar("3", 6)), Ok(true));
        assert_eq!(
            add(&b, exemplar(&"x".repeat(121), 7)),
            Err(RejectReason::ExemplarTooLong),
            "8 characters of name and 121 of value"
        );
        assert_eq!(ring.len(), 2);
        let found = ring.select(&[vec![]], TimeRange::ALL);
        assert_eq!(found.len(), 1, "the only exemplar of `a` made room");
        assert_eq!(found[0].exemplars, [exemplar("2", 5), exemplar("3", 6)]);
    }
}
