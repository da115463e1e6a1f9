//! Label names and values.

use std::collections::BTreeSet;

use model::Matcher;
use roaring::RoaringBitmap;
use storage::{LabelRequest, Names, StoreError};

use super::Store;
use crate::head::MemIndex;

impl Store {
    pub(super) fn list_label_names(&self, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        request.cancel.check()?;
        let mut found = BTreeSet::new();
        self.head.with_index(|index| match among(index, request.selectors) {
            None => found.extend(index.label_names().map(str::to_owned)),
            Some(among) => found.extend(index.label_names_among(&among).map(str::to_owned)),
        });
        Ok(limited(found, request.limit))
    }

    pub(super) fn list_label_values(
        &self,
        name: &str,
        request: &LabelRequest<'_>,
    ) -> Result<Names, StoreError> {
        request.cancel.check()?;
        let mut found = BTreeSet::new();
        self.head.with_index(|index| {
            let among = among(index, request.selectors);
            found.extend(index.label_values(name, among.as_ref()).map(str::to_owned));
        });
        Ok(limited(found, request.limit))
    }
}

/// The series that one of the selectors matches; `None` where all count.
fn among(index: &MemIndex, selectors: &[Vec<Matcher>]) -> Option<RoaringBitmap> {
    if selectors.is_empty() {
        return None;
    }
    Some(
        selectors
            .iter()
            .map(|matchers| index.resolve(matchers))
            .collect::<Vec<_>>()
            .into_iter()
            .fold(RoaringBitmap::new(), |union, found| union | found),
    )
}

fn limited(found: BTreeSet<String>, limit: Option<usize>) -> Names {
    let limit = limit.unwrap_or(usize::MAX);
    let is_truncated = found.len() > limit;
    Names { values: found.into_iter().take(limit).collect(), is_truncated }
}
