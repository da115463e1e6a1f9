//! One endpoint: what is offered is filtered and queued, a task sends it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use disk::Disk;
use model::{Labels, SampleBatch, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::config::ForwardConfig;
use super::filter::Filter;
use super::metadata::MetadataTable;
use super::metrics::{DropReason, EndpointMetrics};
use super::queue::{Limits, Queue};
use super::record::Parts;
use super::sender::{self, Sender};
use super::transport::Transport;
use crate::relabel::RelabelRule;

/// Bytes after which a segment of a queue is closed.
const SEGMENT_BYTES_MAX: u64 = 8 << 20;
/// Bytes of each queue that wait in memory too.
const MEMORY_BYTES_MAX: usize = 16 << 20;

/// What the sender and those who offer share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) queue: Mutex<Queue>,
    pub(super) metadata: MetadataTable,
    /// Told whenever something was queued.
    pub(super) queued: Notify,
    pub(super) metrics: EndpointMetrics,
}

/// Sends samples to one endpoint.
#[derive(Debug)]
pub struct Forwarder {
    shared: Arc<Shared>,
    filter: Mutex<Filter>,
    sending: Mutex<Sending>,
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    limits: Limits,
}

#[derive(Debug)]
struct Sending {
    cancel: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// What an endpoint is made of, checked.
pub(super) struct Settings {
    pub(super) config: ForwardConfig,
    pub(super) rules: Vec<RelabelRule>,
    pub(super) external: Labels,
    pub(super) transport: Transport,
}

impl Settings {
    fn filter(&self) -> Filter {
        let parts = Parts {
            histograms: self.config.sends_histograms(),
            exemplars: self.config.send_exemplars,
        };
        Filter::new(self.external.clone(), self.rules.clone(), parts)
    }
}

impl Forwarder {
    /// Opens the queue in `dir` and starts to send what is in it.
    ///
    /// Needs a tokio runtime around it.
    pub(super) fn start(
        disk: Arc<dyn Disk>,
        dir: &Path,
        disk_bytes_max: u64,
        settings: Settings,
        metrics: EndpointMetrics,
    ) -> io::Result<Self> {
        let limits = Limits {
            disk_bytes_max,
            segment_bytes_max: SEGMENT_BYTES_MAX.min(disk_bytes_max / 4),
            memory_bytes_max: MEMORY_BYTES_MAX,
        };
        let (queue, loss) = Queue::open(Arc::clone(&disk), dir, limits)?;
        if loss.damaged > 0 {
            tracing::warn!(dir = %dir.display(), places = loss.damaged, "the forwarding queue is damaged; the rest of it is sent");
        }
        let shared = Shared {
            queue: Mutex::new(queue),
            metadata: MetadataTable::default(),
            queued: Notify::new(),
            metrics,
        };
        let forwarder = Self {
            shared: Arc::new(shared),
            filter: Mutex::new(settings.filter()),
            sending: Mutex::new(Sending { cancel: CancellationToken::new(), task: None }),
            disk,
            dir: dir.to_owned(),
            limits,
        };
        forwarder.start_sending(settings);
        Ok(forwarder)
    }

    /// Queues what of a batch the endpoint is to get. Blocks for a write to
    /// disk; when it returns, a crash of the process loses none of it.
    pub fn offer(&self, batch: &SampleBatch) {
        self.shared.metadata.learn(batch.metadata());
        let mut filter = self.filter.lock();
        filter.records(batch, |record, samples| self.queue(record, samples));
        drop(filter);
        let newest = batch.series().filter_map(|series| series.timestamps.last().copied()).max();
        if let Some(newest) = newest {
            self.shared.metrics.offered(newest.as_secs_f64());
        }
        self.shared.queued.notify_one();
    }

    fn queue(&self, record: Vec<u8>, samples: u64) {
        let mut queue = self.shared.queue.lock();
        let metrics = &self.shared.metrics;
        match queue.push(record, samples) {
            Ok(loss) => metrics.dropped(DropReason::QueueFull, loss.samples),
            Err(error) => {
                metrics.dropped(DropReason::DiskError, samples);
                tracing::error!(%error, dir = %self.dir.display(), samples, "the forwarding queue could not be written; its samples are not sent");
            }
        }
        metrics.queue(queue.samples(), queue.disk_bytes());
    }

    /// Changes everything but where the queue is. What is on its way is sent again.
    pub(super) async fn reconfigure(&self, settings: Settings) -> io::Result<()> {
        self.stop().await;
        // What was taken and not acknowledged is in the file still.
        {
            let mut queue = self.shared.queue.lock();
            *queue = Queue::open(Arc::clone(&self.disk), &self.dir, self.limits)?.0;
            *self.filter.lock() = settings.filter();
        }
        self.start_sending(settings);
        Ok(())
    }

    /// Ends sending. What was not sent stays on disk.
    pub(super) async fn stop(&self) {
        let task = {
            let mut sending = self.sending.lock();
            sending.cancel.cancel();
            sending.task.take()
        };
        if let Some(task) = task {
            let _ = task.await;
        }
    }

    fn start_sending(&self, settings: Settings) {
        let cancel = CancellationToken::new();
        let sender = Sender {
            shared: Arc::clone(&self.shared),
            config: Arc::new(settings.config),
            transport: settings.transport,
        };
        let task = tokio::spawn(sender::run(sender, cancel.clone()));
        *self.sending.lock() = Sending { cancel, task: Some(task) };
        self.shared.queued.notify_one();
    }
}

/// The newest time of a batch, in seconds; 0 where there is none.
pub(super) fn newest_secs(batch: &SampleBatch, indices: &[usize]) -> f64 {
    let newest = indices.iter().filter_map(|index| {
        let series = batch.view(*index);
        let histogram = series.histograms.last().map(|(at, _)| *at);
        series.timestamps.last().copied().max(histogram)
    });
    newest.max().map_or(0.0, Timestamp::as_secs_f64)
}
