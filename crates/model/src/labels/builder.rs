//! Making and changing label sets.

use std::sync::Arc;

use super::{Labels, LabelsRef, push_pair};

/// A label set under construction: set and remove labels in any order, then build.
///
/// Reusable: [`LabelsBuilder::clear`] keeps the memory, for hot paths that build
/// thousands of sets.
#[derive(Clone, Debug, Default)]
pub struct LabelsBuilder {
    /// Sorted by name; a value may be empty until the set is built.
    pairs: Vec<(String, String)>,
}

impl LabelsBuilder {
    /// Starts from an existing set.
    pub fn from_labels(labels: &LabelsRef) -> Self {
        let pairs = labels.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Self { pairs }
    }

    /// Sets label `name`, replacing what it had. An empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.position(name) {
            Ok(at) => {
                let old = &mut self.pairs[at].1;
                old.clear();
                old.push_str(value);
            }
            Err(at) => self.pairs.insert(at, (name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Removes label `name` where it is there.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        if let Ok(at) = self.position(name) {
            self.pairs.remove(at);
        }
        self
    }

    /// Keeps those labels that `keep(name, value)` accepts.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) -> &mut Self {
        self.pairs.retain(|(name, value)| keep(name, value));
        self
    }

    /// The value of label `name`; `None` where it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.position(name).ok()?;
        Some(self.pairs[at].1.as_str()).filter(|value| !value.is_empty())
    }

    /// The labels that a built set would have, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Forgets all labels and keeps the memory.
    pub fn clear(&mut self) {
        self.pairs.clear();
    }

    /// The set; labels with an empty value are left out, for an empty label is no label.
    pub fn build(&self) -> Labels {
        let size = self.pairs.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let mut encoded = String::with_capacity(size);
        for (name, value) in self.iter() {
            push_pair(&mut encoded, name, value);
        }
        Labels(Arc::from(encoded))
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.pairs.binary_search_by(|(candidate, _)| candidate.as_str().cmp(name))
    }
}
