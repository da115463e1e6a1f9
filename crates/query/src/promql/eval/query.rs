//! The engine: runs a query against a store.

use std::sync::Arc;

use storage::SeriesStore;

use super::{EngineConfig, InstantQuery, QueryError, QueryOutput, RangeQuery};

/// Evaluates PromQL. One engine serves all queries of a process.
#[derive(Debug)]
pub struct Engine {
    config: EngineConfig,
}

impl Engine {
    /// An engine with the given limits.
    pub fn new(config: EngineConfig) -> Self {
        Self { config }
    }

    /// The settings.
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// Evaluates at one point in time. Blocks.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn instant(
        &self,
        store: &Arc<dyn SeriesStore>,
        query: &InstantQuery,
    ) -> Result<QueryOutput, QueryError> {
        let _ = (store, query);
        Err(QueryError::Invalid("not built yet".into()))
    }

    /// Evaluates at each step of a range. Blocks.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn range(
        &self,
        store: &Arc<dyn SeriesStore>,
        query: &RangeQuery,
    ) -> Result<QueryOutput, QueryError> {
        let _ = (store, query);
        Err(QueryError::Invalid("not built yet".into()))
    }
}
