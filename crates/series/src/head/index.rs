//! The index of the head: label pair to the series that have it.

use std::collections::BTreeMap;
use std::ops::Bound;

use model::{LabelsRef, METRIC_NAME};
use roaring::RoaringBitmap;
use storage::CardinalityEntry;

use super::series::SeriesRef;
use crate::index;

/// All labels of the series in memory. Each name and each value stands here once.
#[derive(Debug, Default)]
pub(crate) struct MemIndex {
    names: BTreeMap<Box<str>, Values>,
    all: RoaringBitmap,
    pairs: u64,
}

/// The values of one label name.
#[derive(Debug, Default)]
struct Values {
    postings: BTreeMap<Box<str>, Postings>,
}

/// The series that have a pair. Most pairs of a busy store are on one series
/// only, for which a bitmap would be several times too large.
#[derive(Debug)]
enum Postings {
    One(u32),
    Many(Box<RoaringBitmap>),
}

impl Postings {
    fn insert(&mut self, series: u32) {
        match self {
            Self::One(one) => *self = Self::Many(Box::new(RoaringBitmap::from([*one, series]))),
            Self::Many(many) => {
                many.insert(series);
            }
        }
    }

    /// Returns whether nothing is left.
    fn remove(&mut self, series: u32) -> bool {
        match self {
            Self::One(one) => *one == series,
            Self::Many(many) => {
                many.remove(series);
                many.is_empty()
            }
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Many(many) => many.len(),
        }
    }

    fn add_to(&self, union: &mut RoaringBitmap) {
        match self {
            Self::One(one) => {
                union.insert(*one);
            }
            Self::Many(many) => *union |= &**many,
        }
    }

    fn intersects(&self, other: &RoaringBitmap) -> bool {
        match self {
            Self::One(one) => other.contains(*one),
            Self::Many(many) => !many.is_disjoint(other),
        }
    }
}

impl MemIndex {
    pub(crate) fn insert(&mut self, series: SeriesRef, labels: &LabelsRef) {
        self.all.insert(series.0);
        for (name, value) in labels {
            if !self.names.contains_key(name) {
                self.names.insert(name.into(), Values::default());
            }
            let values = self.names.get_mut(name).expect("the name was just put in");
            match values.postings.get_mut(value) {
                Some(postings) => postings.insert(series.0),
                None => {
                    values.postings.insert(value.into(), Postings::One(series.0));
                    self.pairs += 1;
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, series: SeriesRef, labels: &LabelsRef) {
        self.all.remove(series.0);
        for (name, value) in labels {
            let Some(values) = self.names.get_mut(name) else { continue };
            if values.postings.get_mut(value).is_some_and(|found| found.remove(series.0)) {
                values.postings.remove(value);
                self.pairs -= 1;
            }
            if values.postings.is_empty() {
                self.names.remove(name);
            }
        }
    }

    /// The series of metric `name`.
    pub(crate) fn series_of_metric(&self, name: &str) -> u64 {
        self.names
            .get(METRIC_NAME)
            .and_then(|values| values.postings.get(name))
            .map_or(0, Postings::len)
    }

    /// How many distinct label pairs there are.
    pub(crate) fn pairs(&self) -> u64 {
        self.pairs
    }

    /// The names of all labels, sorted.
    pub(crate) fn label_names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(|name| &**name)
    }

    /// The names of the labels that series in `among` have, sorted.
    pub(crate) fn label_names_among(&self, among: &RoaringBitmap) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .filter(|(_, values)| values.postings.values().any(|found| found.intersects(among)))
            .map(|(name, _)| &**name)
    }

    /// The values of label `name`, sorted; only those that series in `among`
    /// have, where it is given.
    pub(crate) fn label_values(
        &self,
        name: &str,
        among: Option<&RoaringBitmap>,
    ) -> impl Iterator<Item = &str> {
        self.names
            .get(name)
            .into_iter()
            .flat_map(|values| &values.postings)
            .filter(move |(_, found)| among.is_none_or(|among| found.intersects(among)))
            .map(|(value, _)| &**value)
    }

    /// The cardinality tables, `top` rows each: series by metric, values by
    /// label, bytes of values by label, series by pair.
    pub(crate) fn cardinality(&self, top: usize) -> [Vec<CardinalityEntry>; 4] {
        let mut tables: [Top; 4] = std::array::from_fn(|_| Top::new(top));
        for (name, values) in &self.names {
            let bytes: u64 = values.postings.keys().map(|value| value.len() as u64).sum();
            tables[1].offer(values.postings.len() as u64, || name.to_string());
            tables[2].offer(bytes, || name.to_string());
            for (value, postings) in &values.postings {
                if &**name == METRIC_NAME {
                    tables[0].offer(postings.len(), || value.to_string());
                }
                tables[3].offer(postings.len(), || format!("{name}={value}"));
            }
        }
        tables.map(Top::into_entries)
    }
}

impl index::Postings for MemIndex {
    fn all(&self) -> RoaringBitmap {
        self.all.clone()
    }

    fn of_pair(&self, name: &str, value: &str) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        if let Some(postings) = self.names.get(name).and_then(|values| values.postings.get(value)) {
            postings.add_to(&mut found);
        }
        found
    }

    fn of_values(
        &self,
        name: &str,
        prefix: &str,
        accept: &mut dyn FnMut(&str) -> bool,
    ) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        if let Some(values) = self.names.get(name) {
            values
                .postings
                .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
                .take_while(|(value, _)| value.starts_with(prefix))
                .filter(|(value, _)| accept(value))
                .for_each(|(_, postings)| postings.add_to(&mut found));
        }
        found
    }
}

/// The largest few of many, found in one pass.
struct Top {
    rows: usize,
    entries: Vec<CardinalityEntry>,
}

impl Top {
    fn new(rows: usize) -> Self {
        Self { rows, entries: Vec::new() }
    }

    fn offer(&mut self, value: u64, name: impl FnOnce() -> String) {
        let at = self.entries.partition_point(|entry| entry.value >= value);
        if at < self.rows {
            self.entries.truncate(self.rows.saturating_sub(1));
            self.entries.insert(at, CardinalityEntry { name: name(), value });
        }
    }

    fn into_entries(self) -> Vec<CardinalityEntry> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use model::{Labels, MatchOp, Matcher};

    use super::*;

    fn index() -> (MemIndex, Vec<Labels>) {
        let sets = [
            &[("__name__", "up"), ("job", "a"), ("instance", "1")][..],
            &[("__name__", "up"), ("job", "a"), ("instance", "2")],
            &[("__name__", "up"), ("job", "b")],
            &[("__name__", "down"), ("job", "b"), ("instance", "1")],
        ]
        .map(|pairs| Labels::from_pairs(pairs.iter().copied()));
        let mut index = MemIndex::default();
        for (at, labels) in sets.iter().enumerate() {
            index.insert(SeriesRef(at as u32), labels);
        }
        (index, sets.to_vec())
    }

    #[test]
    fn the_index_agrees_with_a_scan() {
        let (index, sets) = index();
        for op in [MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex, MatchOp::NotRegex] {
            for name in ["__name__", "job", "instance", "none"] {
                for value in ["", "up", "a", "a|b", "1", ".*", ".+", "1|"] {
                    let matcher = Matcher::new(op, name, value).unwrap();
                    let scanned: Vec<u32> = (0..sets.len() as u32)
                        .filter(|at| matcher.matches_labels(&sets[*at as usize]))
                        .collect();
                    let found: Vec<u32> =
                        index::resolve(&index, std::slice::from_ref(&matcher)).iter().collect();
                    assert_eq!(found, scanned, "{matcher}");
                }
            }
        }
    }

    #[test]
    fn what_is_removed_leaves_nothing() {
        let (mut index, sets) = index();
        for (at, labels) in sets.iter().enumerate() {
            index.remove(SeriesRef(at as u32), labels);
        }
        assert_eq!(index.pairs(), 0);
        assert_eq!(index.label_names().count(), 0);
        assert!(index::resolve(&index, &[]).is_empty());
    }

    #[test]
    fn the_largest_rows_come_first() {
        let (index, _) = index();
        let [metrics, values, _, pairs] = index.cardinality(2);
        let rows = |entries: &[CardinalityEntry]| {
            entries.iter().map(|e| (e.name.clone(), e.value)).collect::<Vec<_>>()
        };
        assert_eq!(rows(&metrics), [("up".into(), 3), ("down".into(), 1)]);
        assert_eq!(values.len(), 2);
        assert_eq!(rows(&pairs)[0], ("__name__=up".into(), 3));
        assert!(index.cardinality(0)[0].is_empty());
    }
}
