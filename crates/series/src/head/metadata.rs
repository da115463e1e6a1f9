//! What metric families mean, as their sources last said.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::MetricMetadata;
use storage::MetadataRequest;

/// The metadata of metric families, one entry a family.
#[derive(Debug)]
pub(crate) struct MetadataTable {
    families_max: usize,
    families: BTreeMap<Arc<str>, MetricMetadata>,
}

impl MetadataTable {
    pub(crate) fn new(families_max: usize) -> Self {
        Self { families_max, families: BTreeMap::new() }
    }

    /// Whether nothing would change.
    pub(crate) fn is_known(&self, metadata: &MetricMetadata) -> bool {
        self.families.get(&metadata.family) == Some(metadata)
    }

    /// Whether `metadata` was new or differs from what was known. A new family
    /// over the limit is left out.
    pub(crate) fn set(&mut self, metadata: &MetricMetadata) -> bool {
        let is_full = self.families_max > 0 && self.families.len() >= self.families_max;
        match self.families.get_mut(&metadata.family) {
            Some(known) if known == metadata => false,
            Some(known) => {
                *known = metadata.clone();
                true
            }
            None if is_full => false,
            None => {
                self.families.insert(Arc::clone(&metadata.family), metadata.clone());
                true
            }
        }
    }

    pub(crate) fn select(&self, request: &MetadataRequest) -> Vec<MetricMetadata> {
        let limit = request.limit.unwrap_or(usize::MAX);
        match &request.family {
            Some(family) => {
                self.families.get(family.as_str()).into_iter().take(limit).cloned().collect()
            }
            None => self.families.values().take(limit).cloned().collect(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &MetricMetadata> {
        self.families.values()
    }
}

#[cfg(test)]
mod tests {
    use model::MetricKind;

    use super::*;

    #[test]
    fn families_are_bounded_and_changes_are_noticed() {
        let of = |family: &str, help: &str| MetricMetadata {
            family: family.into(),
            kind: MetricKind::Gauge,
            unit: "".into(),
            help: help.into(),
        };
        let mut table = MetadataTable::new(2);
        assert!(table.set(&of("a", "1")));
        assert!(!table.set(&of("a", "1")));
        assert!(table.set(&of("b", "1")));
        assert!(!table.set(&of("c", "1")), "over the limit");
        assert!(table.set(&of("a", "2")), "a known family changes at the limit");
        let request = MetadataRequest { family: Some("a".into()), limit: None };
        assert_eq!(table.select(&request), [of("a", "2")]);
        assert_eq!(table.select(&MetadataRequest { family: None, limit: Some(1) }).len(), 1);
    }
}
