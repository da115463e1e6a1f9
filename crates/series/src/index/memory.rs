//! The head's index: label names to values to postings, all in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use model::LabelsRef;
use roaring::RoaringBitmap;

use super::Postings;

type Values = BTreeMap<Box<str>, RoaringBitmap>;

/// An index that series enter and leave.
#[derive(Debug, Default)]
pub struct MemoryIndex {
    names: BTreeMap<Box<str>, Values>,
    all: RoaringBitmap,
}

impl MemoryIndex {
    /// Adds series `number`.
    pub fn insert(&mut self, number: u32, labels: &LabelsRef) {
        self.all.insert(number);
        for (name, value) in labels.iter() {
            if !self.names.contains_key(name) {
                self.names.insert(name.into(), Values::new());
            }
            let values = self.names.get_mut(name).expect("the name was just inserted");
            match values.get_mut(value) {
                Some(postings) => {
                    postings.insert(number);
                }
                None => {
                    values.insert(value.into(), RoaringBitmap::from_iter([number]));
                }
            }
        }
    }

    /// Removes series `number`, which was inserted with these labels.
    pub fn remove(&mut self, number: u32, labels: &LabelsRef) {
        self.all.remove(number);
        for (name, value) in labels.iter() {
            let Some(values) = self.names.get_mut(name) else { continue };
            if let Some(postings) = values.get_mut(value) {
                postings.remove(number);
                if postings.is_empty() {
                    values.remove(value);
                }
            }
            if values.is_empty() {
                self.names.remove(name);
            }
        }
    }

    /// The label names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(AsRef::as_ref)
    }

    /// The values of label `name` with their postings, sorted.
    pub fn values(&self, name: &str) -> impl Iterator<Item = (&str, &RoaringBitmap)> {
        self.names
            .get(name)
            .into_iter()
            .flat_map(|values| values.iter().map(|(value, postings)| (value.as_ref(), postings)))
    }

    /// The number of distinct label pairs.
    pub fn pairs_len(&self) -> usize {
        self.names.values().map(Values::len).sum()
    }
}

impl Postings for MemoryIndex {
    fn all(&self) -> RoaringBitmap {
        self.all.clone()
    }

    fn of_pair(&self, name: &str, value: &str) -> RoaringBitmap {
        self.names.get(name).and_then(|values| values.get(value)).cloned().unwrap_or_default()
    }

    fn of_values(
        &self,
        name: &str,
        prefix: &str,
        accept: &mut dyn FnMut(&str) -> bool,
    ) -> RoaringBitmap {
        let Some(values) = self.names.get(name) else { return RoaringBitmap::new() };
        let from = (Bound::Included(prefix), Bound::Unbounded);
        values
            .range::<str, _>(from)
            .take_while(|(value, _)| value.starts_with(prefix))
            .filter(|(value, _)| accept(value))
            .fold(RoaringBitmap::new(), |all, (_, postings)| all | postings)
    }
}
