//! Label names and values of head and blocks.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::Matcher;
use roaring::RoaringBitmap;
use storage::{LabelRequest, Names, StoreError};

use super::StoreCore;
use crate::block::Block;
use crate::index::resolve;

impl StoreCore {
    pub(super) fn list_label_names(&self, request: &LabelRequest<'_>) -> Result<Names, StoreError> {
        let mut found = BTreeSet::new();
        if self.head_overlaps(request) {
            self.head.with_index(|index| match among(request.selectors, |m| resolve(index, m)) {
                None => found.extend(index.label_names().map(str::to_owned)),
                Some(among) => found.extend(index.label_names_among(&among).map(str::to_owned)),
            });
        }
        for block in self.blocks_for(request) {
            request.cancel.check()?;
            let among = among(request.selectors, |matchers| block.find(matchers));
            for name in block.index().names() {
                if !found.contains(name) && has_value(&block, name, among.as_ref()) {
                    found.insert(name.to_owned());
                }
            }
        }
        request.cancel.check()?;
        Ok(limited(found, request.limit))
    }

    pub(super) fn list_label_values(
        &self,
        name: &str,
        request: &LabelRequest<'_>,
    ) -> Result<Names, StoreError> {
        let mut found = BTreeSet::new();
        if self.head_overlaps(request) {
            self.head.with_index(|index| {
                let among = among(request.selectors, |matchers| resolve(index, matchers));
                found.extend(index.label_values(name, among.as_ref()).map(str::to_owned));
            });
        }
        for block in self.blocks_for(request) {
            request.cancel.check()?;
            let among = among(request.selectors, |matchers| block.find(matchers));
            block.index().each_value(name, |value, series| {
                let counts = among.as_ref().is_none_or(|among| !among.is_disjoint(series));
                if counts && !found.contains(value) {
                    found.insert(value.to_owned());
                }
            });
        }
        request.cancel.check()?;
        Ok(limited(found, request.limit))
    }

    /// Whether the head may have samples in the range; it is generous.
    fn head_overlaps(&self, request: &LabelRequest<'_>) -> bool {
        self.head.oldest().is_some_and(|oldest| oldest <= request.range.end)
    }

    fn blocks_for(&self, request: &LabelRequest<'_>) -> Vec<Arc<Block>> {
        let mut blocks = self.blocks();
        blocks.retain(|block| block.meta().range().overlaps(&request.range));
        blocks
    }
}

fn has_value(block: &Block, name: &str, among: Option<&RoaringBitmap>) -> bool {
    let Some(among) = among else { return true };
    let mut is_there = false;
    block.index().each_value(name, |_, series| is_there |= !among.is_disjoint(series));
    is_there
}

/// The series that one of the selectors matches; `None` where all count.
fn among(
    selectors: &[Vec<Matcher>],
    resolve: impl Fn(&[Matcher]) -> RoaringBitmap,
) -> Option<RoaringBitmap> {
    (!selectors.is_empty()).then(|| {
        selectors.iter().fold(RoaringBitmap::new(), |all, matchers| all | resolve(matchers))
    })
}

fn limited(found: BTreeSet<String>, limit: Option<usize>) -> Names {
    let limit = limit.unwrap_or(usize::MAX);
    let is_truncated = found.len() > limit;
    Names { values: found.into_iter().take(limit).collect(), is_truncated }
}
