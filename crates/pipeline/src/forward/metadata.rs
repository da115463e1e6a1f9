//! What the metrics that pass by mean.

use std::collections::HashMap;
use std::sync::Arc;

use model::{MetricKind, MetricMetadata};
use parking_lot::Mutex;

/// How many families are remembered; what comes beyond is left out.
const FAMILIES_MAX: usize = 100_000;

/// The metadata of each family, as it was said last.
#[derive(Debug, Default)]
pub(super) struct MetadataTable {
    families: Mutex<HashMap<Arc<str>, MetricMetadata>>,
}

impl MetadataTable {
    /// Remembers what a batch says.
    pub(super) fn learn(&self, metadata: &[MetricMetadata]) {
        if metadata.is_empty() {
            return;
        }
        let mut families = self.families.lock();
        for entry in metadata {
            let is_full = families.len() >= FAMILIES_MAX;
            match families.get_mut(&entry.family) {
                Some(known) if known == entry => {}
                Some(known) => *known = entry.clone(),
                None if is_full => {}
                None => {
                    families.insert(Arc::clone(&entry.family), entry.clone());
                }
            }
        }
    }

    /// Everything that is known.
    pub(super) fn all(&self) -> Vec<MetricMetadata> {
        self.families.lock().values().cloned().collect()
    }

    /// The metadata of the family that a series of metric `metric` belongs to.
    pub(super) fn of_metric(&self, metric: &str) -> Option<MetricMetadata> {
        let families = self.families.lock();
        if let Some(known) = families.get(metric) {
            return Some(known.clone());
        }
        SUFFIXES.iter().find_map(|(suffix, kinds)| {
            let known = families.get(metric.strip_suffix(suffix)?)?;
            kinds.contains(&known.kind).then(|| known.clone())
        })
    }
}

/// What types add to the name of their family.
const SUFFIXES: [(&str, &[MetricKind]); 7] = [
    ("_bucket", &[MetricKind::Histogram, MetricKind::GaugeHistogram]),
    ("_sum", &[MetricKind::Histogram, MetricKind::Summary]),
    ("_count", &[MetricKind::Histogram, MetricKind::Summary]),
    ("_gsum", &[MetricKind::GaugeHistogram]),
    ("_gcount", &[MetricKind::GaugeHistogram]),
    ("_total", &[MetricKind::Counter]),
    ("_info", &[MetricKind::Info]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(family: &str, kind: MetricKind, help: &str) -> MetricMetadata {
        MetricMetadata { family: family.into(), kind, unit: "".into(), help: help.into() }
    }

    #[test]
    fn series_are_found_by_what_their_type_adds() {
        let table = MetadataTable::default();
        table.learn(&[
            entry("rpc", MetricKind::Histogram, "old"),
            entry("hits", MetricKind::Counter, ""),
        ]);
        table.learn(&[entry("rpc", MetricKind::Histogram, "new")]);
        assert_eq!(&*table.of_metric("rpc_bucket").unwrap().help, "new");
        assert_eq!(&*table.of_metric("hits_total").unwrap().family, "hits");
        assert_eq!(table.of_metric("hits_sum"), None);
        assert_eq!(table.all().len(), 2);
    }

    #[test]
    fn one_family_too_many_is_left_out() {
        let table = MetadataTable::default();
        let all: Vec<_> =
            (0..=FAMILIES_MAX).map(|n| entry(&n.to_string(), MetricKind::Gauge, "")).collect();
        table.learn(&all);
        assert_eq!(table.all().len(), FAMILIES_MAX);
        assert_eq!(table.of_metric(&FAMILIES_MAX.to_string()), None);
    }
}
