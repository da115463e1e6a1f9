//! The labels of a point while its series are made: sorted pairs, borrowed from
//! the request where they stand there as they are.

use std::borrow::Cow;

use model::Labels;

/// Pairs sorted by name. An empty value is a label that is not there.
#[derive(Clone, Debug, Default)]
pub(super) struct PointLabels<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> PointLabels<'a> {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { pairs: Vec::with_capacity(capacity) }
    }

    /// Sets a label, replacing what it had.
    pub(super) fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (name, value) = (name.into(), value.into());
        match self.position(&name) {
            Ok(at) => self.pairs[at].1 = value,
            Err(at) => self.pairs.insert(at, (name, value)),
        }
    }

    /// The value of a label; `None` where it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let at = self.position(name).ok()?;
        Some(&*self.pairs[at].1).filter(|value| !value.is_empty())
    }

    /// The pairs that are there, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| (&**name, &**value))
    }

    /// The bytes of all names and values.
    pub(super) fn size_bytes(&self) -> usize {
        self.pairs.iter().map(|(name, value)| name.len() + value.len()).sum()
    }

    /// A label set of its own.
    pub(super) fn to_labels(&self) -> Labels {
        Labels::from_pairs(self.iter())
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        // Most senders write attributes sorted, so that the place is mostly the end.
        match self.pairs.last() {
            Some((last, _)) if **last < *name => Err(self.pairs.len()),
            _ => self.pairs.binary_search_by(|(candidate, _)| (**candidate).cmp(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_empty_ones_are_none() {
        let mut labels = PointLabels::default();
        for (name, value) in [("b", "1"), ("a", "2"), ("c", ""), ("b", "3")] {
            labels.set(name, value);
        }
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "3")]);
        assert_eq!((labels.get("b"), labels.get("c"), labels.get("d")), (Some("3"), None, None));
        assert_eq!(labels.to_labels().to_string(), r#"{a="2", b="3"}"#);
        assert_eq!(labels.size_bytes(), 5);
    }
}
