//! What the store says of itself.

use storage::StoreStatus;

use super::Store;

impl Store {
    pub(super) fn report_status(&self, top: usize) -> StoreStatus {
        let [series_by_metric, values_by_label, bytes_by_label, series_by_pair] =
            self.head.with_index(|index| index.cardinality(top));
        StoreStatus {
            head: self.head.status(),
            series_by_metric,
            values_by_label,
            bytes_by_label,
            series_by_pair,
            ..StoreStatus::default()
        }
    }
}

impl Store {
    pub(crate) fn head_status(&self) -> storage::HeadStatus {
        self.head.status()
    }

    pub(crate) fn head_series_created(&self) -> u64 {
        self.head.series_created()
    }
}
