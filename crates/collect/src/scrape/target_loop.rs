//! One target's loop: scrape on time, store, report.
//!
//! The offset within the interval is a hash of the target, so a thousand targets
//! of one interval spread over it, and a target keeps its place over restarts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::sample::STALE_NAN;
use model::{Labels, PromDuration, Timestamp};
use parking_lot::Mutex;
use pipeline::Sink;
use reqwest::Url;
use storage::AppendOptions;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::failure_log::FailureLog;
use super::fetch::{Body, FetchError, Fetcher};
use super::ingest::{IngestCounts, IngestError, IngestRules, TargetState, ingest, mark_all_stale};
use super::metrics::{FailureCause, ScrapeMetrics};
use super::report::{Allowances, Report, ReportSeries};
use super::snapshot::{FamilyMetadata, Health};

/// Samples further ahead of the clock than this are refused, as Prometheus does.
const FUTURE_MAX: Duration = Duration::from_secs(600);
/// A scrape that starts this close to its time is given that time, so that
/// timestamps are evenly spaced and compress well (as Prometheus does).
const ALIGN_TOLERANCE_MS: i64 = 2;

/// Where a body comes from.
#[derive(Clone)]
pub enum Source {
    /// Over HTTP.
    Http {
        /// How.
        fetcher: Arc<Fetcher>,
        /// Where.
        url: Url,
    },
    /// From this process.
    InProcess(Arc<dyn Fn() -> String + Send + Sync>),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { url, .. } => url.fmt(f),
            Self::InProcess(_) => f.write_str("in process"),
        }
    }
}

/// A scrape that brought no body.
struct Failure {
    is_body_size: bool,
    reason: String,
}

/// What a loop needs to run.
pub struct TargetLoop {
    /// Where bodies come from.
    pub source: Source,
    /// How often.
    pub interval: PromDuration,
    /// After how long a scrape is given up.
    pub timeout: PromDuration,
    /// What applies to the samples.
    pub rules: IngestRules,
    /// Whether each scrape repeats what it is allowed.
    pub reports_extra: bool,
    /// Where failures are written.
    pub failure_log: Option<FailureLog>,
    /// Where they go.
    pub sink: Arc<Sink>,
    /// What is counted.
    pub metrics: ScrapeMetrics,
    /// Where the loop says how it goes.
    pub status: Arc<Mutex<TargetStatus>>,
}

/// How the last scrape went.
#[derive(Clone, Debug, Default)]
pub struct TargetStatus {
    /// Whether it succeeded.
    pub health: Health,
    /// Why not, or empty.
    pub last_error: String,
    /// When it began.
    pub last_scrape: Option<Timestamp>,
    /// How long it took, in seconds.
    pub last_duration_secs: f64,
    /// What the target says of its metric families.
    pub metadata: Arc<BTreeMap<String, FamilyMetadata>>,
}

/// Why a loop ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The process goes down, or another loop goes on with the target: it may be
    /// back before anyone notices.
    Shutdown,
    /// The target is gone: its series are.
    Gone,
}

impl TargetLoop {
    /// Scrapes until `pause` is set, giving up a scrape under way; then waits to
    /// hear why.
    pub async fn run(self, pause: CancellationToken, ending: oneshot::Receiver<Ending>) {
        let interval = self.interval.to_duration();
        let allowances = self.reports_extra.then(|| Allowances {
            timeout_secs: self.timeout.as_secs_f64(),
            sample_limit: self.rules.limits.sample_limit.unwrap_or(0),
        });
        let report = ReportSeries::new(&self.rules.target_labels, allowances);
        let mut state = TargetState::default();
        let first = tokio::time::Instant::now() + offset(&self.rules.target_labels, interval);
        let mut ticks = tokio::time::interval_at(first, interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut planned: Option<Timestamp> = None;
        loop {
            tokio::select! {
                () = pause.cancelled() => break,
                _ = ticks.tick() => {}
            }
            let at = align(planned, Timestamp::now(), self.interval);
            let started = Instant::now();
            let body = tokio::select! {
                () = pause.cancelled() => break,
                body = self.body() => body,
            };
            planned = Some(at);
            state = self.take(state, &report, body, (at, started)).await;
        }
        // Whoever drops the sender goes down with the process.
        if ending.await == Ok(Ending::Gone) {
            let at = planned.map_or_else(Timestamp::now, |last| last + self.interval.as_millis());
            mark_all_stale(&mut state, at);
            report.push_all(&mut state.batch, at, STALE_NAN);
            self.store(state).await;
        }
    }

    /// Takes a scrape that began at `started` and is given the time `at`.
    async fn take(
        &self,
        state: TargetState,
        report: &ReportSeries,
        body: Result<Body, Failure>,
        (at, started): (Timestamp, Instant),
    ) -> TargetState {
        self.metrics.scrapes.inc();
        let body_size_bytes = match &body {
            Ok(body) => body.size_bytes() as i64,
            Err(Failure { is_body_size: true, .. }) => -1,
            Err(_) => 0,
        };
        let (mut state, result) = self.ingest(state, body, at).await;
        let duration_secs = started.elapsed().as_secs_f64();
        let counts = result.as_ref().copied().unwrap_or_default();
        let is_up = result.is_ok();
        let said = Report { is_up, duration_secs, counts, body_size_bytes };
        report.push(&mut state.batch, at, &said);
        if let (Some(log), Err(error)) = (&self.failure_log, &result) {
            log.write(&self.source.to_string(), error).await;
        }
        self.note(&state, at, duration_secs, result.err());
        self.store(state).await
    }

    async fn body(&self) -> Result<Body, Failure> {
        match &self.source {
            Source::Http { fetcher, url } => {
                fetcher.fetch(url, self.timeout.to_duration()).await.map_err(|error| Failure {
                    is_body_size: matches!(error, FetchError::BodySize { .. }),
                    reason: error.to_string(),
                })
            }
            Source::InProcess(gather) => {
                let gather = Arc::clone(gather);
                let gathering = tokio::task::spawn_blocking(move || gather());
                let failed = |reason| Err(Failure { is_body_size: false, reason });
                match tokio::time::timeout(self.timeout.to_duration(), gathering).await {
                    Ok(Ok(text)) => Ok(Body::Text(text)),
                    Ok(Err(error)) => failed(format!("collecting failed: {error}")),
                    Err(_) => failed(format!("collecting took longer than {}", self.timeout)),
                }
            }
        }
    }

    /// Fills the batch on a thread that may take its time.
    async fn ingest(
        &self,
        mut state: TargetState,
        body: Result<Body, Failure>,
        at: Timestamp,
    ) -> (TargetState, Result<IngestCounts, String>) {
        let body = match body {
            Ok(body) => body,
            Err(failure) => {
                self.metrics.failed(FailureCause::Fetch);
                mark_all_stale(&mut state, at);
                return (state, Err(failure.reason));
            }
        };
        let rules = self.rules.clone();
        let task = tokio::task::spawn_blocking(move || {
            let result = ingest(&rules, &mut state, body.decoder(rules.histograms.forms), at);
            (state, result)
        });
        match task.await {
            Ok((state, Ok(counts))) => (state, Ok(counts)),
            Ok((state, Err(error))) => {
                self.metrics.failed(match error {
                    IngestError::Parse(_)
                    | IngestError::Series(_)
                    | IngestError::NoName(_)
                    | IngestError::Name(_) => FailureCause::Parse,
                    IngestError::BucketLimit(_)
                    | IngestError::SampleLimit(_)
                    | IngestError::LabelLimit { .. }
                    | IngestError::LabelLength { .. } => FailureCause::Limit,
                });
                (state, Err(error.to_string()))
            }
            Err(panic) => (TargetState::default(), Err(format!("internal error: {panic}"))),
        }
    }

    fn note(&self, state: &TargetState, at: Timestamp, duration_secs: f64, error: Option<String>) {
        let mut status = self.status.lock();
        status.health = if error.is_none() { Health::Up } else { Health::Down };
        status.last_error = error.unwrap_or_default();
        status.last_scrape = Some(at);
        status.last_duration_secs = duration_secs;
        if *status.metadata != state.metadata {
            status.metadata = Arc::new(state.metadata.clone());
        }
    }

    async fn store(&self, state: TargetState) -> TargetState {
        let sink = Arc::clone(&self.sink);
        let metrics = self.metrics.clone();
        let task = tokio::task::spawn_blocking(move || {
            let future_max = Timestamp::now() + FUTURE_MAX.into();
            let options = AppendOptions { timestamp_max: Some(future_max) };
            match sink.write(&state.batch, &options) {
                Ok(outcome) => {
                    metrics.rejected_samples.inc_by(outcome.rejections.total());
                    for rejection in outcome.rejections.examples() {
                        tracing::debug!(
                            series = %rejection.labels, timestamp = %rejection.timestamp,
                            reason = %rejection.reason, "the store refused a scraped sample"
                        );
                    }
                }
                Err(error) => {
                    metrics.failed(FailureCause::Store);
                    tracing::error!(%error, "the store did not take a scrape");
                }
            }
            state
        });
        task.await.unwrap_or_else(|error| {
            tracing::error!(%error, "storing a scrape failed");
            TargetState::default()
        })
    }
}

/// How long from now until the target's place in the interval.
fn offset(labels: &Labels, interval: Duration) -> Duration {
    let millis = interval.as_millis().max(1) as u64;
    let now = Timestamp::now().as_millis().rem_euclid(millis as i64) as u64;
    let place = (labels.series_hash().0 as u64) % millis;
    Duration::from_millis((place + millis - now) % millis)
}

/// The time that a scrape is given: the planned one where it began close to it.
fn align(last: Option<Timestamp>, now: Timestamp, interval: PromDuration) -> Timestamp {
    let Some(last) = last else { return now };
    let planned = last + interval.as_millis();
    let tolerance = ALIGN_TOLERANCE_MS.min(interval.as_millis().get() / 100);
    if now.since(planned).get().abs() <= tolerance { planned } else { now }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_close_to_the_plan_are_the_plan() {
        let at = Timestamp::from_millis;
        let interval = PromDuration::from_secs(10);
        assert_eq!(align(None, at(7), interval), at(7));
        assert_eq!(align(Some(at(0)), at(10_002), interval), at(10_000));
        assert_eq!(align(Some(at(0)), at(9_998), interval), at(10_000));
        assert_eq!(align(Some(at(0)), at(10_003), interval), at(10_003));
    }

    #[test]
    fn offsets_stay_within_the_interval() {
        for job in 0..50 {
            let labels = Labels::from_pairs([("job", job.to_string())]);
            assert!(offset(&labels, Duration::from_secs(5)) < Duration::from_secs(5));
        }
    }
}
