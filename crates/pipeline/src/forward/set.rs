//! All endpoints: started, changed and ended as the configuration says.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use disk::Disk;
use md5::{Digest, Md5};
use model::{Labels, SampleBatch};
use parking_lot::RwLock;

use super::config::{ForwardConfig, ForwardConfigError};
use super::forwarder::{Forwarder, Settings};
use super::metrics::ForwardMetrics;
use super::transport::Transport;

/// An endpoint as it is configured.
#[derive(Clone)]
pub struct Endpoint {
    /// Which samples, and how they are sent.
    pub config: ForwardConfig,
    /// How requests reach it.
    pub transport: Transport,
    /// Changes whenever what the transport is made of does.
    pub transport_version: String,
}

/// Endpoints that can't be started.
#[derive(Debug, thiserror::Error)]
pub enum ForwardError {
    /// An entry that can't be meant.
    #[error("remote_write[{index}]: {source}")]
    Config {
        /// Its position in the list.
        index: usize,
        /// What is wrong with it.
        source: ForwardConfigError,
    },
    /// Two entries that can't be told apart.
    #[error("found multiple remote write configs with job name {0:?}; give each a name of its own")]
    Duplicate(String),
    /// A queue can't be opened.
    #[error("unable to open the forwarding queue {}: {source}", dir.display())]
    Queue {
        /// Where it is.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The endpoints at work.
pub struct Forwarders {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    disk_bytes_max: u64,
    metrics: ForwardMetrics,
    running: RwLock<Vec<Running>>,
}

struct Running {
    key: String,
    forwarder: Arc<Forwarder>,
    config: ForwardConfig,
    transport_version: String,
    external: Labels,
}

impl Forwarders {
    /// None yet. Their queues will be in `dir`, each of at most `disk_bytes_max` bytes.
    pub fn new(
        disk: Arc<dyn Disk>,
        dir: PathBuf,
        disk_bytes_max: u64,
        metrics: ForwardMetrics,
    ) -> Self {
        Self { disk, dir, disk_bytes_max, metrics, running: RwLock::default() }
    }

    /// Queues a batch for every endpoint. Blocks for writes to disk.
    pub fn offer(&self, batch: &SampleBatch) {
        for running in self.running.read().iter() {
            running.forwarder.offer(batch);
        }
    }

    /// Makes the endpoints those of `endpoints`. One that is not among them any
    /// more is ended and its queue removed; one that changed keeps its queue.
    ///
    /// # Errors
    /// Where an entry can't be meant: then nothing changes. Where a queue can't
    /// be opened: then some may have.
    pub async fn apply(
        &self,
        endpoints: Vec<Endpoint>,
        external: &Labels,
    ) -> Result<(), ForwardError> {
        let mut wanted = Vec::new();
        let mut keys = HashSet::new();
        for (index, endpoint) in endpoints.into_iter().enumerate() {
            let check = endpoint.config.check();
            let rules = check.map_err(|source| ForwardError::Config { index, source })?;
            let key = key(&endpoint.config);
            if !keys.insert(key.clone()) {
                return Err(ForwardError::Duplicate(name(&endpoint.config)));
            }
            wanted.push((key, endpoint, rules));
        }
        self.end_all_but(&keys).await;
        for (key, endpoint, rules) in wanted {
            let Endpoint { config, transport, transport_version } = endpoint;
            let settings =
                Settings { config: config.clone(), rules, external: external.clone(), transport };
            let external = external.clone();
            self.start_or_change(Change { key, config, transport_version, external }, settings)
                .await?;
        }
        self.remove_strangers(&keys);
        Ok(())
    }

    /// Ends all. What was not sent stays on disk.
    pub async fn shutdown(&self) {
        self.end_all_but(&HashSet::new()).await;
    }

    async fn end_all_but(&self, keys: &HashSet<String>) {
        let ended: Vec<_> = {
            let mut running = self.running.write();
            running.extract_if(.., |running| !keys.contains(&running.key)).collect()
        };
        for running in ended {
            running.forwarder.stop().await;
        }
    }

    async fn start_or_change(
        &self,
        change: Change,
        settings: Settings,
    ) -> Result<(), ForwardError> {
        let dir = self.dir.join(&change.key);
        let fault = |source| ForwardError::Queue { dir: dir.clone(), source };
        let known = {
            let running = self.running.read();
            let known = running.iter().find(|running| running.key == change.key);
            known.map(|running| (Arc::clone(&running.forwarder), change.is_in_force(running)))
        };
        let forwarder = match known {
            Some((_, true)) => return Ok(()),
            Some((forwarder, false)) => {
                // It goes on queueing while it changes.
                if let Err(error) = forwarder.reconfigure(settings).await {
                    // Forgotten, so that the next reload starts it anew.
                    self.running.write().retain(|running| running.key != change.key);
                    return Err(fault(error));
                }
                forwarder
            }
            None => {
                let name = name(&settings.config);
                let metrics = self.metrics.of_endpoint(&name, &settings.config.url);
                let disk = Arc::clone(&self.disk);
                let started = Forwarder::start(disk, &dir, self.disk_bytes_max, settings, metrics);
                Arc::new(started.map_err(fault)?)
            }
        };
        let mut running = self.running.write();
        running.retain(|running| running.key != change.key);
        let Change { key, config, transport_version, external } = change;
        running.push(Running { key, forwarder, config, transport_version, external });
        Ok(())
    }

    /// Removes queues of endpoints that nobody configures any more.
    fn remove_strangers(&self, keys: &HashSet<String>) {
        let Ok(entries) = self.disk.list(&self.dir) else { return };
        for entry in entries {
            let name = entry.path.file_name().map(|name| name.to_string_lossy().into_owned());
            if entry.is_dir && name.is_some_and(|name| !keys.contains(&name)) {
                tracing::warn!(dir = %entry.path.display(), "an endpoint is not configured any more; its queue is removed");
                if let Err(error) = self.disk.remove_dir_all(&entry.path) {
                    tracing::warn!(%error, dir = %entry.path.display(), "the queue can't be removed");
                }
            }
        }
    }
}

struct Change {
    key: String,
    config: ForwardConfig,
    transport_version: String,
    external: Labels,
}

impl Change {
    fn is_in_force(&self, running: &Running) -> bool {
        self.config == running.config
            && self.transport_version == running.transport_version
            && self.external == running.external
    }
}

/// The name of an endpoint in metrics: its own, or one made of its URL.
fn name(config: &ForwardConfig) -> String {
    match &config.name {
        Some(name) if !name.is_empty() => name.clone(),
        _ => key(config),
    }
}

/// What tells an endpoint from others, as the name of a directory.
fn key(config: &ForwardConfig) -> String {
    let text = config.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&config.url);
    let digest = Md5::digest(text.as_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
