//! Finding equal label sets among some labels: groups and matches.
//!
//! A signature is a 128-bit hash of the labels that count. Two different sets
//! collide with a probability that a query can live with (see
//! [`model::SeriesHash`]), and no label set is built for each series.

use model::{Labels, LabelsRef, METRIC_NAME};
use xxhash_rust::xxh3::xxh3_128;

use super::table::{Table, is_metadata_label};
use crate::promql::ast::{Grouping, VectorMatching};

/// Which labels count.
pub(crate) enum Counted {
    /// These.
    Only(Vec<String>),
    /// All but these and the metric's name.
    AllBut(Vec<String>),
}

impl Counted {
    pub(crate) fn of_grouping(grouping: &Grouping) -> Self {
        match grouping {
            Grouping::By(labels) => Self::Only(labels.clone()),
            Grouping::Without(labels) => Self::AllBut(labels.clone()),
        }
    }

    pub(crate) fn of_matching(matching: &VectorMatching) -> Self {
        if matching.is_on {
            Self::Only(matching.labels.clone())
        } else {
            Self::AllBut(matching.labels.clone())
        }
    }

    fn counts(&self, name: &str) -> bool {
        let is_named = |labels: &[String]| labels.iter().any(|label| label == name);
        match self {
            Self::Only(labels) => is_named(labels),
            Self::AllBut(labels) => name != METRIC_NAME && !is_named(labels),
        }
    }

    /// The labels that count.
    pub(crate) fn pick(&self, labels: &LabelsRef) -> Labels {
        labels.filtered(|name| self.counts(name))
    }

    /// The signature of each series of a table.
    pub(crate) fn signatures(&self, table: &Table) -> Vec<u128> {
        let is_dropped = table.are_names_dropped();
        let mut buffer = Vec::new();
        let one = |labels: &Labels| {
            buffer.clear();
            if !matches!(self, Self::Only(names) if names.is_empty()) {
                for (name, value) in labels.iter() {
                    if self.counts(name) && !(is_dropped && is_metadata_label(name)) {
                        // 0xff never is a part of UTF-8 and so ends a text.
                        buffer.extend_from_slice(name.as_bytes());
                        buffer.push(0xff);
                        buffer.extend_from_slice(value.as_bytes());
                        buffer.push(0xff);
                    }
                }
            }
            xxh3_128(&buffer)
        };
        table.stored_labels().iter().map(one).collect()
    }

    /// The labels that count of series `index`.
    pub(crate) fn pick_from(&self, table: &Table, index: usize) -> Labels {
        let is_dropped = table.are_names_dropped();
        table.stored_labels()[index]
            .filtered(|name| self.counts(name) && !(is_dropped && is_metadata_label(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::eval::table::tests::table;

    #[test]
    fn only_the_labels_that_count_make_a_difference() {
        let table = table(&[("x", &[1.0]), ("y", &[1.0])]);
        let by = |names: &[&str]| Counted::Only(names.iter().map(|n| (*n).to_owned()).collect());
        let equal = |counted: Counted| {
            let signatures = counted.signatures(&table);
            signatures[0] == signatures[1]
        };
        assert!(equal(by(&["a"])) && equal(by(&[])) && equal(Counted::AllBut(Vec::new())));
        assert!(!equal(by(&["__name__"])));
    }

    #[test]
    fn dropped_names_do_not_count() {
        let mut table = table(&[("x", &[1.0]), ("y", &[1.0])]);
        table.set_names_are_one(true);
        table.drop_names().unwrap();
        let by = Counted::Only(vec![METRIC_NAME.to_owned()]);
        let signatures = by.signatures(&table);
        assert_eq!(signatures[0], signatures[1]);
        assert!(by.pick_from(&table, 0).is_empty());
    }
}
