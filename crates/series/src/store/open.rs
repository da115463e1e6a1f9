//! Opening and shutting down.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use parking_lot::Mutex;
use prometheus_client::registry::Registry;
use storage::StoreError;
use tracing::error;

use super::StoreCore;
use crate::config::Config;

/// A metric store in a directory of its own.
///
/// Calls block for memory and files only, never for a network. A store that is
/// dropped without [`Store::shutdown`] loses nothing, but the next start takes
/// longer.
#[derive(Debug)]
pub struct Store {
    pub(super) core: Arc<StoreCore>,
    background: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens the store in `data_dir`, which is made where it is missing, replays
    /// its log, and starts its background thread.
    ///
    /// # Errors
    /// Where the directory can't be used or belongs to a running store. Damaged
    /// data is left out with a warning, a damaged block is set aside.
    pub fn open(config: Config, data_dir: &Path) -> Result<Arc<Self>, StoreError> {
        let core = Arc::new(StoreCore::open(config, data_dir)?);
        let worker = Arc::clone(&core);
        let background = std::thread::Builder::new()
            .name("series-store".to_owned())
            .spawn(move || worker.run_background())
            .map_err(|error| StoreError::io("start the store's thread", error))?;
        Ok(Arc::new(Self { core, background: Mutex::new(Some(background)) }))
    }

    /// Stops background work and writes the head into blocks, so that the next
    /// start is quick. Appends fail from here on. A second call does nothing.
    ///
    /// # Errors
    /// Where the files can't be written. What was acknowledged is in the log then.
    pub fn shutdown(&self) -> Result<(), StoreError> {
        if self.core.is_shut_down.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.stop_background();
        self.core.flush()
    }

    /// Adds the store's own metrics, all named `bellwether_...`, to `registry`.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.core.metrics.register(registry, &self.core);
    }

    fn stop_background(&self) {
        self.core.stop.request();
        if let Some(thread) = self.background.lock().take()
            && thread.join().is_err()
        {
            error!("the store's background thread panicked");
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop_background();
    }
}
