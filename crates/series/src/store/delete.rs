//! Deleting samples.

use model::{Matcher, TimeRange};
use roaring::RoaringBitmap;
use storage::StoreError;

use super::StoreCore;

impl StoreCore {
    /// Hides the samples in `range` of the series that one of `selectors` matches.
    pub(super) fn delete_series(
        &self,
        selectors: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<(), StoreError> {
        let _exclusive = self.maintenance.lock();
        for matchers in selectors {
            let position = self.head.delete(matchers, range, &self.wal);
            self.wal.commit(position).map_err(|error| StoreError::io("log a deletion", error))?;
        }
        for block in self.blocks() {
            if block.meta().range().overlaps(&range) {
                let matched = selectors
                    .iter()
                    .fold(RoaringBitmap::new(), |all, matchers| all | block.find(matchers));
                block.delete(matched, range)?;
            }
        }
        Ok(())
    }
}
