//! The task that empties a queue.
//!
//! It takes a window of records, splits their series by hash into shards, and
//! sends the shards side by side, each request after the one before, so that
//! samples of a series arrive in order. Once all are done with, the window
//! leaves the disk and the next is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::{SampleBatch, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{Instant as Moment, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::config::{ForwardConfig, MessageVersion};
use super::encode;
use super::forwarder::{Shared, newest_secs};
use super::metrics::{Counts, DropReason};
use super::queue::Position;
use super::record;
use super::retry::{Backoff, Verdict, judge};
use super::transport::{Outgoing, Transport};

/// Bytes of the records of a window.
const WINDOW_BYTES_MAX: usize = 32 << 20;
/// How long to wait where the queue can't be read.
const DISK_RETRY: Duration = Duration::from_secs(5);
/// How often a request of metadata is tried.
const METADATA_TRIES: usize = 3;

/// What sending needs.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) shared: Arc<Shared>,
    pub(super) config: Arc<ForwardConfig>,
    pub(super) transport: Transport,
}

/// Sends until it is cancelled.
pub(super) async fn run(sender: Sender, cancel: CancellationToken) {
    let version = Arc::new(Version::new(sender.config.protobuf_message));
    let samples = sender.send_samples(Arc::clone(&version));
    let metadata = sender.send_metadata(&version);
    tokio::select! {
        () = cancel.cancelled() => {}
        () = async { tokio::join!(samples, metadata); } => {}
    }
}

/// The message version; a receiver may turn out not to know the wanted one.
struct Version {
    wanted: MessageVersion,
    is_downgraded: AtomicBool,
}

impl Version {
    fn new(wanted: MessageVersion) -> Self {
        Self { wanted, is_downgraded: AtomicBool::new(false) }
    }

    fn get(&self) -> MessageVersion {
        if self.is_downgraded.load(Ordering::Relaxed) { MessageVersion::V1 } else { self.wanted }
    }
}

/// Records that are sent together.
struct Window {
    batch: Arc<SampleBatch>,
    /// The requests of each shard, each the series that it holds.
    shards: Vec<Vec<Vec<usize>>>,
    end: Position,
}

impl Sender {
    async fn send_samples(&self, version: Arc<Version>) {
        loop {
            self.wait_for_samples().await;
            let sender = self.clone();
            // Reading the queue and decoding are no work for an async thread.
            let window = tokio::task::spawn_blocking(move || sender.take_window()).await;
            match window {
                Ok(Ok(Some(window))) => self.send_window(window, &version).await,
                Ok(Ok(None)) => {}
                Ok(Err(error)) => {
                    tracing::error!(%error, url = self.config.url, "the forwarding queue can't be read");
                    sleep(DISK_RETRY).await;
                }
                Err(error) => {
                    tracing::error!(%error, url = self.config.url, "forwarding failed inside");
                    sleep(DISK_RETRY).await;
                }
            }
        }
    }

    /// Waits until there is enough for a request, or something waits for too long.
    async fn wait_for_samples(&self) {
        let enough = self.config.queue_config.max_samples_per_send as u64;
        while self.shared.queue.lock().is_empty() {
            self.shared.queued.notified().await;
        }
        let deadline = Moment::now() + self.config.queue_config.batch_send_deadline.to_duration();
        while self.shared.queue.lock().samples() < enough {
            tokio::select! {
                () = sleep_until(deadline) => return,
                () = self.shared.queued.notified() => {}
            }
        }
    }

    fn take_window(&self) -> std::io::Result<Option<Window>> {
        let queue_config = &self.config.queue_config;
        let samples_max = queue_config.max_shards.saturating_mul(queue_config.max_samples_per_send);
        let (mut batch, mut bytes, mut end) = (SampleBatch::default(), 0, None);
        while batch.samples_len() < samples_max && bytes < WINDOW_BYTES_MAX {
            let Some(taken) = self.shared.queue.lock().take()? else { break };
            bytes += taken.record.len();
            end = Some(taken.end);
            if record::decode(&taken.record, &mut batch).is_err() {
                self.shared.metrics.dropped(DropReason::Damaged, taken.samples);
            }
        }
        let Some(end) = end else { return Ok(None) };
        let batch = self.young(batch);
        let shards = split(&batch, queue_config.max_shards, queue_config.max_samples_per_send);
        Ok(Some(Window { batch: Arc::new(batch), shards, end }))
    }

    /// The batch without samples that are too old to be sent.
    fn young(&self, batch: SampleBatch) -> SampleBatch {
        let limit = self.config.queue_config.sample_age_limit;
        if limit.is_zero() {
            return batch;
        }
        let oldest = Timestamp::now() - limit.as_millis();
        let mut young = SampleBatch::default();
        for series in batch.series() {
            young.begin_series_hashed(series.labels, series.hash);
            for (at, value) in series.timestamps.iter().zip(series.values) {
                if *at >= oldest {
                    young.push(*at, *value);
                }
            }
            for (at, histogram) in series.histograms {
                if *at >= oldest {
                    young.push_histogram(*at, Arc::clone(histogram));
                }
            }
            for exemplar in series.exemplars {
                young.push_exemplar(exemplar.clone());
            }
            if let Some(created) = series.created {
                young.set_created(created);
            }
        }
        let dropped = batch.samples_len() - young.samples_len();
        self.shared.metrics.dropped(DropReason::TooOld, dropped as u64);
        young
    }

    async fn send_window(&self, window: Window, version: &Arc<Version>) {
        let metrics = &self.shared.metrics;
        metrics.shards(window.shards.len(), self.config.queue_config.max_shards);
        let mut shards = JoinSet::new();
        for requests in window.shards {
            let (sender, batch) = (self.clone(), Arc::clone(&window.batch));
            let version = Arc::clone(version);
            shards.spawn(async move {
                for indices in requests {
                    sender.send(&batch, &indices, &version).await;
                }
            });
        }
        // A shard that panics is lost with its requests; the log has the panic.
        while shards.join_next().await.is_some() {}
        let mut queue = self.shared.queue.lock();
        if let Err(error) = queue.acknowledge(window.end) {
            tracing::error!(%error, url = self.config.url, "the forwarding queue can't note what was sent; it will be sent again after a restart");
        }
        metrics.queue(queue.samples(), queue.disk_bytes());
    }

    /// Sends one request until it is done with.
    async fn send(&self, batch: &SampleBatch, indices: &[usize], version: &Version) {
        let metrics = &self.shared.metrics;
        let counts = counts(batch, indices);
        let newest = newest_secs(batch, indices);
        let mut backoff = Backoff::new(&self.config.queue_config);
        let mut spoken = version.get();
        let mut body = encode::series(spoken, batch, indices, &self.shared.metadata);
        loop {
            let started = Instant::now();
            let answer = (self.transport)(self.outgoing(spoken, body.clone())).await;
            metrics.took(started.elapsed().as_secs_f64());
            match judge(&answer, spoken, &self.config.queue_config) {
                Verdict::Done => {
                    metrics.sent(counts, body.len(), newest);
                    return;
                }
                Verdict::Drop { reason } => {
                    metrics.failed(counts);
                    tracing::error!(url = self.config.url, samples = counts.samples, %reason, "samples were refused and are not sent again");
                    return;
                }
                Verdict::Downgrade => {
                    if !version.is_downgraded.swap(true, Ordering::Relaxed) {
                        tracing::warn!(
                            url = self.config.url,
                            "the receiver does not know remote write 2.0; 1.0 is sent"
                        );
                    }
                    spoken = MessageVersion::V1;
                    body = encode::series(spoken, batch, indices, &self.shared.metadata);
                }
                Verdict::Again { after, reason } => {
                    metrics.retried(counts);
                    let wait = backoff.wait(after);
                    tracing::debug!(url = self.config.url, %reason, ?wait, "a request failed and is sent again");
                    sleep(wait).await;
                    if self.is_too_old(newest) {
                        metrics.dropped(DropReason::TooOld, counts.samples + counts.histograms);
                        return;
                    }
                }
            }
        }
    }

    fn is_too_old(&self, newest_secs: f64) -> bool {
        let limit = self.config.queue_config.sample_age_limit;
        !limit.is_zero() && Timestamp::now().as_secs_f64() - newest_secs > limit.as_secs_f64()
    }

    fn outgoing(&self, version: MessageVersion, body: Vec<u8>) -> Outgoing {
        let own = encode::headers(version).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let configured = self.config.headers.clone();
        let headers = own.into_iter().chain(configured).collect();
        Outgoing { headers, body, timeout: self.config.timeout() }
    }

    /// Tells a receiver of version 1.0 from time to time what the metrics mean.
    async fn send_metadata(&self, version: &Version) {
        let config = &self.config.metadata_config;
        if !config.send {
            return;
        }
        loop {
            sleep(config.send_interval.to_duration().max(Duration::from_millis(100))).await;
            if version.get() == MessageVersion::V2 {
                continue;
            }
            let all = self.shared.metadata.all();
            for entries in all.chunks(config.max_samples_per_send.max(1)) {
                let is_sent = self.send_metadata_request(encode::metadata(entries)).await;
                self.shared.metrics.metadata(entries.len() as u64, is_sent);
            }
        }
    }

    async fn send_metadata_request(&self, body: Vec<u8>) -> bool {
        let mut backoff = Backoff::new(&self.config.queue_config);
        for _ in 0..METADATA_TRIES {
            let answer = (self.transport)(self.outgoing(MessageVersion::V1, body.clone())).await;
            match judge(&answer, MessageVersion::V1, &self.config.queue_config) {
                Verdict::Done => return true,
                Verdict::Again { after, .. } => sleep(backoff.wait(after)).await,
                Verdict::Drop { .. } | Verdict::Downgrade => return false,
            }
        }
        false
    }
}

/// Splits series by hash into as many shards as there are full requests, and
/// each shard into requests.
fn split(batch: &SampleBatch, shards_max: usize, samples_max: usize) -> Vec<Vec<Vec<usize>>> {
    let shards = batch.samples_len().div_ceil(samples_max).clamp(1, shards_max);
    let mut split = vec![Vec::<Vec<usize>>::new(); shards];
    let mut filled = vec![samples_max; shards];
    for series in batch.series() {
        let samples = series.timestamps.len() + series.histograms.len();
        if samples + series.exemplars.len() == 0 {
            continue;
        }
        let shard = (series.hash.0 % shards as u128) as usize;
        if filled[shard] + samples > samples_max {
            split[shard].push(Vec::new());
            filled[shard] = 0;
        }
        filled[shard] += samples;
        if let Some(request) = split[shard].last_mut() {
            request.push(series.index);
        }
    }
    split.retain(|requests| !requests.is_empty());
    split
}

fn counts(batch: &SampleBatch, indices: &[usize]) -> Counts {
    indices.iter().map(|index| batch.view(*index)).fold(Counts::default(), |sum, series| Counts {
        samples: sum.samples + series.timestamps.len() as u64,
        histograms: sum.histograms + series.histograms.len() as u64,
        exemplars: sum.exemplars + series.exemplars.len() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;

    #[test]
    fn series_stay_in_their_shard_and_requests_below_their_limit() {
        let mut batch = SampleBatch::default();
        for round in 0..3 {
            for series in 0..100 {
                batch.begin_series(&Labels::from_pairs([("n", series.to_string())]));
                batch.push(Timestamp::from_millis(round), 1.0);
            }
        }
        batch.begin_series(&Labels::from_pairs([("n", "empty")]));
        let shards = split(&batch, 4, 10);
        assert_eq!(shards.len(), 4);
        let mut seen = Vec::new();
        for (shard, requests) in shards.iter().enumerate() {
            for request in requests {
                assert!((1..=10).contains(&request.len()));
                for index in request {
                    assert_eq!(batch.view(*index).hash.0 % 4, shard as u128);
                }
            }
            // In order of the queue.
            let all: Vec<_> = requests.concat();
            assert!(all.is_sorted());
            seen.extend(all);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..300).collect::<Vec<_>>());
    }

    #[test]
    fn a_series_longer_than_a_request_has_one_of_its_own() {
        let mut batch = SampleBatch::default();
        for name in ["a", "b"] {
            batch.begin_series(&Labels::from_pairs([("n", name)]));
            (0..20).for_each(|at| batch.push(Timestamp::from_millis(at), 1.0));
        }
        assert_eq!(split(&batch, 1, 10), [[[0], [1]]]);
        assert_eq!(split(&SampleBatch::default(), 5, 10), Vec::<Vec<Vec<usize>>>::new());
    }
}
