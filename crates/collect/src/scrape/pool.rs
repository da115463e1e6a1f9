//! The targets of one job: discovery in, loops running.
//!
//! Whenever discovery sends groups, the pool works out the targets, starts loops
//! for new ones and ends those that are gone. A target that stays keeps its loop
//! and with it its cache.
//!
//! A job whose configuration changed hands its loops over to the pool that follows
//! it, paused: targets that the new pool finds too go on there, and the series of
//! the others go stale.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use model::Labels;
use parking_lot::Mutex;
use pipeline::Sink;
use pipeline::relabel::{RelabelConfig, RelabelRule};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::config::{ScrapeConfig, ScrapeConfigError};
use super::failure_log::FailureLog;
use super::fetch::Fetcher;
use super::ingest::{HistogramRules, IngestRules};
use super::metrics::ScrapeMetrics;
use super::snapshot::{ActiveTarget, DroppedTarget, TargetsSnapshot};
use super::target::{Populated, Target, populate};
use super::target_loop::{Ending, Source, TargetLoop, TargetStatus};
use crate::discovery::gather::Seeker;
use crate::discovery::{self, DiscoveryMetrics, TargetGroup};
use crate::http_client::HttpClient;

/// Dropped targets that are kept for display where configuration says nothing.
const DROPPED_TARGETS_MAX: usize = 1000;
/// Faulty targets whose error is kept for display.
const ERRORS_MAX: usize = 100;

/// For how long targets of the pool before may be found again: mechanisms need a
/// moment to answer, and updates are held together.
const HAND_OVER_MAX: Duration = Duration::from_secs(30);

/// What pools share.
#[derive(Clone)]
pub struct Surroundings {
    /// Where samples go.
    pub sink: Arc<Sink>,
    /// What scraping counts.
    pub metrics: ScrapeMetrics,
    /// What discovery counts.
    pub discovery_metrics: DiscoveryMetrics,
    /// What servers see as `User-Agent`.
    pub user_agent: Arc<str>,
}

/// A job that is checked and not at work yet.
pub struct PreparedPool(Shared);

/// A job at work. Ends with [`Pool::stop`].
pub struct Pool {
    /// The job, resolved.
    pub config: ScrapeConfig,
    shared: Arc<Shared>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

/// The paused loops of the pool before.
#[derive(Default)]
pub struct Predecessors(HashMap<TargetKey, Running>);

struct Shared {
    config: ScrapeConfig,
    relabel: Vec<RelabelRule>,
    metric_relabel: Arc<[RelabelRule]>,
    fetcher: Arc<Fetcher>,
    failure_log: Option<FailureLog>,
    sink: Arc<Sink>,
    metrics: ScrapeMetrics,
    seeker: Seeker,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: HashMap<TargetKey, Running>,
    /// Loops of the pool before whose targets were not found yet.
    predecessors: HashMap<TargetKey, Running>,
    dropped: Vec<DroppedTarget>,
    dropped_count: u64,
    errors: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct TargetKey {
    labels: Labels,
    url: String,
}

struct Running {
    target: Target,
    status: Arc<Mutex<TargetStatus>>,
    pause: CancellationToken,
    ending: oneshot::Sender<Ending>,
    task: JoinHandle<()>,
}

impl PreparedPool {
    /// Prepares a job.
    ///
    /// # Errors
    /// Where its rules or HTTP settings can't be meant.
    pub fn new(config: ScrapeConfig, around: &Surroundings) -> Result<Self, ScrapeConfigError> {
        let job = || config.job_name.clone();
        let compile = |configs: &[RelabelConfig]| {
            RelabelConfig::compile_all(configs)
                .map_err(|source| ScrapeConfigError::Relabel { job: job(), source })
        };
        let client = HttpClient::new(&config.http, &around.user_agent)
            .map_err(|source| ScrapeConfigError::Http { job: job(), source })?;
        Ok(Self(Shared {
            relabel: compile(&config.relabel_configs)?,
            metric_relabel: compile(&config.metric_relabel_configs)?.into(),
            fetcher: Arc::new(Fetcher::new(client, &config)),
            failure_log: FailureLog::of(&config),
            seeker: Seeker {
                job: config.job_name.as_str().into(),
                user_agent: Arc::clone(&around.user_agent),
                metrics: around.discovery_metrics.clone(),
            },
            config,
            sink: Arc::clone(&around.sink),
            metrics: around.metrics.clone(),
            state: Mutex::default(),
        }))
    }

    /// The job.
    pub fn job_name(&self) -> &str {
        &self.0.config.job_name
    }

    /// Puts the job to work.
    pub fn start(self, predecessors: Predecessors) -> Pool {
        let shared = Arc::new(self.0);
        shared.state.lock().predecessors = predecessors.0;
        let cancel = CancellationToken::new();
        let task = tokio::spawn(Arc::clone(&shared).follow(cancel.clone()));
        Pool { config: shared.config.clone(), shared, cancel, task }
    }
}

impl Pool {
    /// Ends all loops and waits for them.
    pub async fn stop(self, ending: Ending) {
        let shared = Arc::clone(&self.shared);
        end_all(self.hand_over().await.0, ending).await;
        if ending == Ending::Gone {
            shared.seeker.metrics.forget(&shared.config.job_name);
        }
    }

    /// Ends the pool and pauses its loops, for the pool that follows.
    pub async fn hand_over(self) -> Predecessors {
        self.cancel.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(job = self.config.job_name, %error, "a scrape pool ended badly");
        }
        let mut state = self.shared.state.lock();
        let mut loops = std::mem::take(&mut state.predecessors);
        loops.extend(state.running.drain());
        loops.values().for_each(|running| running.pause.cancel());
        Predecessors(loops)
    }

    /// Adds the pool's targets to a snapshot.
    pub fn describe(&self, snapshot: &mut TargetsSnapshot) {
        let name = &self.config.job_name;
        let state = self.shared.state.lock();
        snapshot.pools.push(name.clone());
        snapshot.active.extend(state.running.values().map(|running| {
            let (target, status) = (&running.target, running.status.lock().clone());
            describe(name, target, status)
        }));
        snapshot.dropped.extend(state.dropped.iter().cloned());
        snapshot.dropped_counts.insert(name.clone(), state.dropped_count);
        snapshot.errors.extend(state.errors.iter().map(|error| (name.clone(), error.clone())));
    }
}

/// One target and how it goes, as the API shows them.
pub(super) fn describe(pool: &str, target: &Target, status: TargetStatus) -> ActiveTarget {
    ActiveTarget {
        pool: pool.to_owned(),
        discovered: target.discovered.clone(),
        labels: target.labels.clone(),
        url: target.url.to_string(),
        health: status.health,
        last_error: status.last_error,
        last_scrape: status.last_scrape,
        last_duration_secs: status.last_duration_secs,
        interval: target.interval,
        timeout: target.timeout,
        metadata: status.metadata,
    }
}

impl Shared {
    /// Follows discovery until the pool is stopped.
    async fn follow(self: Arc<Self>, cancel: CancellationToken) {
        let (sender, mut updates) = mpsc::channel(1);
        let found = discovery::run(
            self.config.discovery.clone(),
            self.seeker.clone(),
            sender,
            cancel.clone(),
        );
        let discovery = tokio::spawn(found);
        let hand_over = tokio::time::sleep(HAND_OVER_MAX);
        tokio::pin!(hand_over);
        let mut is_handed_over = false;
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                () = &mut hand_over, if !is_handed_over => {
                    is_handed_over = true;
                    self.end_predecessors();
                }
                update = updates.recv() => match update {
                    Some(groups) => {
                        self.sync(&groups);
                        // What is written down is found at once or never.
                        if self.config.discovery.is_static() {
                            self.end_predecessors();
                        }
                    }
                    None => break cancel.cancelled().await,
                },
            }
        }
        if let Err(error) = discovery.await {
            tracing::error!(job = self.config.job_name, %error, "service discovery ended badly");
        }
    }

    /// Ends the loops of the pool before whose targets were not found again.
    fn end_predecessors(&self) {
        let left = std::mem::take(&mut self.state.lock().predecessors);
        if !left.is_empty() {
            tokio::spawn(end_all(left, Ending::Gone));
        }
    }

    /// Makes the running loops those of `groups`.
    fn sync(&self, groups: &[Arc<TargetGroup>]) {
        let mut wanted = HashMap::new();
        let mut next = State::default();
        let dropped_max = match self.config.limits.keep_dropped_targets {
            None | Some(0) => DROPPED_TARGETS_MAX,
            Some(max) => max as usize,
        };
        for group in groups {
            for target in &group.targets {
                match populate(&self.config, &self.relabel, &group.labels, target) {
                    Ok(Populated::Active(target)) => {
                        let key = TargetKey {
                            labels: target.labels.clone(),
                            url: target.url.to_string(),
                        };
                        wanted.insert(key, *target);
                    }
                    Ok(Populated::Dropped(discovered)) => {
                        next.dropped_count += 1;
                        if next.dropped.len() < dropped_max {
                            let pool = self.config.job_name.clone();
                            next.dropped.push(DroppedTarget { pool, discovered });
                        }
                    }
                    Err(error) if next.errors.len() < ERRORS_MAX => {
                        next.errors.push(format!("{target}: {error}"));
                    }
                    Err(_) => {}
                }
            }
        }
        let limit = self.config.limits.target_limit.unwrap_or(0) as usize;
        if limit > 0 && wanted.len() > limit {
            self.metrics.target_limit_hits.inc();
            next.errors
                .push(format!("target_limit exceeded: {} targets, {limit} allowed", wanted.len()));
            wanted.clear();
        }
        let mut state = self.state.lock();
        next.running = std::mem::take(&mut state.running);
        next.predecessors = std::mem::take(&mut state.predecessors);
        let gone: Vec<_> =
            next.running.keys().filter(|key| !wanted.contains_key(key)).cloned().collect();
        for key in gone {
            if let Some(running) = next.running.remove(&key) {
                tokio::spawn(end(running, Ending::Gone));
            }
        }
        for (key, target) in wanted {
            match next.running.entry(key) {
                // The same target may be found by other ways.
                Entry::Occupied(mut running) => {
                    running.get_mut().target.discovered = target.discovered;
                }
                Entry::Vacant(place) => {
                    if let Some(before) = next.predecessors.remove(place.key()) {
                        tokio::spawn(end(before, Ending::Shutdown));
                    }
                    place.insert(self.launch(target));
                }
            }
        }
        *state = next;
    }

    fn launch(&self, target: Target) -> Running {
        let source = Source::Http { fetcher: Arc::clone(&self.fetcher), url: target.url.clone() };
        let rules = IngestRules {
            target_labels: target.labels.clone(),
            honor_labels: self.config.honor_labels,
            honor_timestamps: self.config.honor_timestamps,
            track_timestamps_staleness: self.config.track_timestamps_staleness,
            rules: Arc::clone(&self.metric_relabel),
            limits: self.config.limits,
            names: self.config.format.validation(),
            histograms: HistogramRules::of(&self.config),
        };
        let pause = CancellationToken::new();
        let (ending, told) = oneshot::channel();
        let status = Arc::new(Mutex::new(TargetStatus::default()));
        let target_loop = TargetLoop {
            source,
            interval: target.interval,
            timeout: target.timeout,
            rules,
            reports_extra: self.config.format.extra_scrape_metrics == Some(true),
            failure_log: self.failure_log.clone(),
            sink: Arc::clone(&self.sink),
            metrics: self.metrics.clone(),
            status: Arc::clone(&status),
        };
        let task = tokio::spawn(target_loop.run(pause.clone(), told));
        Running { target, status, pause, ending, task }
    }
}

/// Ends loops side by side: one may be storing what the others wait for.
async fn end_all(loops: HashMap<TargetKey, Running>, ending: Ending) {
    let mut ends: JoinSet<()> = loops.into_values().map(|running| end(running, ending)).collect();
    while ends.join_next().await.is_some() {}
}

async fn end(running: Running, ending: Ending) {
    running.pause.cancel();
    // A loop that is gone already panicked, which its task tells.
    let _ = running.ending.send(ending);
    if let Err(error) = running.task.await {
        tracing::error!(url = %running.target.url, %error, "a scrape loop ended badly");
    }
}

#[cfg(test)]
mod tests;
