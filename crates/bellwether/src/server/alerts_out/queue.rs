//! One Alertmanager and the alerts that wait for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use alerting::alertmanager::{PostedAlert, wire};
use collect::http_client::{HttpClient, chain};
use parking_lot::Mutex;
use reqwest::{Method, Url};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::metrics::{AlertmanagerLabels, SendMetrics};

/// The most alerts that wait; the oldest give way. Prometheus' own limit.
pub(super) const QUEUE_MAX: usize = 10_000;
/// The most alerts of one request. Prometheus' own limit.
pub(super) const BATCH_MAX: usize = 256;
/// How much of an answer's body a message shows.
const ANSWER_BYTES_MAX: usize = 300;

/// An Alertmanager that alerts are sent to.
pub(super) struct Recipient {
    url: Url,
    client: HttpClient,
    timeout: Duration,
    labels: AlertmanagerLabels,
    metrics: SendMetrics,
    waiting: Mutex<VecDeque<PostedAlert>>,
    news: Notify,
}

impl Recipient {
    /// The one at `url`; nothing is sent before it [runs](Recipient::run).
    pub(super) fn new(
        url: Url,
        client: HttpClient,
        timeout: Duration,
        metrics: SendMetrics,
    ) -> Self {
        let labels = AlertmanagerLabels { alertmanager: url.to_string() };
        // There from the start, so that alerts about failures have a zero to rise from.
        for family in [&metrics.sent, &metrics.errors, &metrics.dropped] {
            drop(family.get_or_create(&labels));
        }
        Self {
            url,
            client,
            timeout,
            labels,
            metrics,
            waiting: Mutex::default(),
            news: Notify::new(),
        }
    }

    /// Lets alerts wait their turn.
    pub(super) fn push(&self, alerts: &[PostedAlert]) {
        let mut waiting = self.waiting.lock();
        waiting.extend(alerts.iter().cloned());
        let surplus = waiting.len().saturating_sub(QUEUE_MAX);
        waiting.drain(..surplus);
        self.note_length(waiting.len());
        drop(waiting);
        if surplus > 0 {
            tracing::warn!(url = %self.url, dropped = surplus, "too many alerts wait; the oldest are given up");
            self.metrics.dropped.get_or_create(&self.labels).inc_by(surplus as u64);
        }
        self.news.notify_one();
    }

    /// Sends what comes until `cancel` is set, and then what still waits, up to
    /// the first failure.
    pub(super) async fn run(self: Arc<Self>, cancel: CancellationToken) {
        loop {
            tokio::select! {
                () = self.news.notified() => {}
                () = cancel.cancelled() => break,
            }
            while !cancel.is_cancelled() && self.send_next().await.is_some() {}
        }
        while self.send_next().await == Some(true) {}
        self.metrics.forget(&self.labels);
    }

    /// Sends one batch; whether it was taken, and nothing where none waits.
    async fn send_next(&self) -> Option<bool> {
        let batch: Vec<PostedAlert> = {
            let mut waiting = self.waiting.lock();
            let count = waiting.len().min(BATCH_MAX);
            let batch = waiting.drain(..count).collect();
            self.note_length(waiting.len());
            batch
        };
        if batch.is_empty() {
            return None;
        }
        let started = Instant::now();
        let outcome = self.post(wire::encode(&batch)).await;
        let took = started.elapsed().as_secs_f64();
        self.metrics.latency.get_or_create(&self.labels).observe(took);
        let count = batch.len() as u64;
        match &outcome {
            Ok(()) => {
                self.metrics.sent.get_or_create(&self.labels).inc_by(count);
            }
            Err(error) => {
                tracing::warn!(url = %self.url, alerts = count, %error, "an Alertmanager did not take alerts; they come again with the next evaluation");
                self.metrics.errors.get_or_create(&self.labels).inc_by(count);
                self.metrics.dropped.get_or_create(&self.labels).inc_by(count);
            }
        }
        Some(outcome.is_ok())
    }

    async fn post(&self, body: String) -> Result<(), String> {
        let request = self.client.request(Method::POST, self.url.clone()).await;
        let request = request.map_err(|error| chain(&error))?;
        let request = request.header("Content-Type", "application/json").timeout(self.timeout);
        let mut answer = request.body(body).send().await.map_err(|error| chain(&error))?;
        if answer.status().is_success() {
            return Ok(());
        }
        let mut said = Vec::new();
        while said.len() < ANSWER_BYTES_MAX
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            said.extend_from_slice(&chunk);
        }
        said.truncate(ANSWER_BYTES_MAX);
        let said = String::from_utf8_lossy(&said);
        Err(format!("it answered {}: {}", answer.status(), said.trim()))
    }

    fn note_length(&self, length: usize) {
        self.metrics.queue_length.get_or_create(&self.labels).set(length as i64);
    }
}
