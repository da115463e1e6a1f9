//! The sink: where every receiver and every scrape writes.
//!
//! A batch goes to the store first; what the store takes is acknowledged. Then
//! it is offered to the forwarders (remote write), whose queues have their own
//! durability and never slow the store down.

use std::sync::Arc;

use model::SampleBatch;
use storage::{AppendOptions, AppendOutcome, SeriesStore, StoreError};

/// Takes a copy of each stored batch, to send it on.
///
/// Called on the writer's thread: it must not wait for a network.
pub type ForwardSamples = Arc<dyn Fn(&SampleBatch) + Send + Sync>;

/// The one door through which samples enter.
pub struct Sink {
    store: Arc<dyn SeriesStore>,
    forwards: Vec<ForwardSamples>,
}

impl Sink {
    /// A sink in front of `store`.
    pub fn new(store: Arc<dyn SeriesStore>) -> Self {
        Self { store, forwards: Vec::new() }
    }

    /// Adds a forwarder that sees each batch after it was stored.
    pub fn with_forward(mut self, forward: ForwardSamples) -> Self {
        self.forwards.push(forward);
        self
    }

    /// Stores a batch and offers it to the forwarders. Blocks for a write to disk.
    ///
    /// # Errors
    /// Those of [`SeriesStore::append`]; a batch that was not stored is not forwarded.
    pub fn write(
        &self,
        batch: &SampleBatch,
        options: &AppendOptions,
    ) -> Result<AppendOutcome, StoreError> {
        let outcome = self.store.append(batch, options)?;
        for forward in &self.forwards {
            forward(batch);
        }
        Ok(outcome)
    }
}
