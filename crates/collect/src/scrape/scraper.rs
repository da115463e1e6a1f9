//! All jobs: started, reloaded and stopped together.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Labels, PromDuration};
use parking_lot::Mutex;
use pipeline::Sink;
use prometheus_client::registry::Registry;
use reqwest::Url;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::config::{ScrapeConfig, ScrapeConfigError};
use super::ingest::IngestRules;
use super::metrics::ScrapeMetrics;
use super::pool::{Pool, Predecessors, PreparedPool, Surroundings, describe};
use super::snapshot::TargetsSnapshot;
use super::target::Target;
use super::target_loop::{Ending, Source, TargetLoop, TargetStatus};
use crate::discovery::DiscoveryMetrics;

/// Settings of the scraper itself.
#[derive(Clone, Debug)]
pub struct ScraperOptions {
    /// What targets see as `User-Agent`.
    pub user_agent: String,
}

/// Something in this process that exposes metrics: it is scraped without a network.
#[derive(Clone)]
pub struct InProcessTarget {
    /// Its job.
    pub job: String,
    /// Its instance.
    pub instance: String,
    /// Where the same can be had over HTTP, for display.
    pub url: Url,
    /// Gives the exposition, text format 0.0.4.
    pub gather: Arc<dyn Fn() -> String + Send + Sync>,
    /// How often.
    pub interval: PromDuration,
    /// After how long a scrape is given up.
    pub timeout: PromDuration,
}

/// Runs the scrape loops of all jobs.
pub struct Scraper {
    sink: Arc<Sink>,
    options: ScraperOptions,
    metrics: ScrapeMetrics,
    discovery_metrics: DiscoveryMetrics,
    pools: Mutex<HashMap<String, Pool>>,
    in_process: Mutex<Vec<InProcessLoop>>,
    /// Held while a reload is under way: two at once would start loops twice.
    reloading: tokio::sync::Mutex<()>,
}

struct InProcessLoop {
    job: String,
    target: Target,
    status: Arc<Mutex<TargetStatus>>,
    cancel: CancellationToken,
    ending: oneshot::Sender<Ending>,
    task: JoinHandle<()>,
}

impl Scraper {
    /// A scraper without jobs.
    pub fn new(sink: Arc<Sink>, options: ScraperOptions) -> Arc<Self> {
        Arc::new(Self {
            sink,
            options,
            metrics: ScrapeMetrics::default(),
            discovery_metrics: DiscoveryMetrics::default(),
            pools: Mutex::default(),
            in_process: Mutex::default(),
            reloading: tokio::sync::Mutex::default(),
        })
    }

    /// Shows what scraping counts on a registry.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry);
        self.discovery_metrics.register(registry);
    }

    /// Starts scraping a target of this process.
    pub fn scrape_in_process(&self, target: InProcessTarget) {
        let labels = Labels::from_pairs([
            ("job", target.job.as_str()),
            ("instance", target.instance.as_str()),
        ]);
        let status = Arc::new(Mutex::new(TargetStatus::default()));
        let cancel = CancellationToken::new();
        let target_loop = TargetLoop {
            source: Source::InProcess(target.gather),
            interval: target.interval,
            timeout: target.timeout,
            rules: IngestRules::plain(labels.clone()),
            reports_extra: false,
            failure_log: None,
            sink: Arc::clone(&self.sink),
            metrics: self.metrics.clone(),
            status: Arc::clone(&status),
        };
        let (ending, told) = oneshot::channel();
        let task = tokio::spawn(target_loop.run(cancel.clone(), told));
        let described = Target {
            discovered: labels.clone(),
            labels,
            url: target.url,
            interval: target.interval,
            timeout: target.timeout,
        };
        let job = target.job;
        let running = InProcessLoop { job, target: described, status, cancel, ending, task };
        self.in_process.lock().push(running);
    }

    /// Makes the running jobs those of `configs`, which are resolved. A job that
    /// did not change goes on undisturbed.
    ///
    /// # Errors
    /// Where a job can't be started; then no job is changed.
    pub async fn apply(&self, configs: Vec<ScrapeConfig>) -> Result<(), ScrapeConfigError> {
        let _reload = self.reloading.lock().await;
        let kept = |config: &ScrapeConfig| {
            self.pools.lock().get(&config.job_name).is_some_and(|pool| pool.config == *config)
        };
        let names: Vec<_> = configs.iter().map(|config| config.job_name.clone()).collect();
        let changed = configs.into_iter().filter(|config| !kept(config));
        let surroundings = Surroundings {
            sink: Arc::clone(&self.sink),
            metrics: self.metrics.clone(),
            discovery_metrics: self.discovery_metrics.clone(),
            user_agent: self.options.user_agent.as_str().into(),
        };
        let prepared: Vec<PreparedPool> = changed
            .map(|config| PreparedPool::new(config, &surroundings))
            .collect::<Result<_, _>>()?;
        let gone: Vec<Pool> = {
            let mut pools = self.pools.lock();
            pools.extract_if(|name, _| !names.contains(name)).map(|(_, pool)| pool).collect()
        };
        for pool in gone {
            pool.stop(Ending::Gone).await;
        }
        for pool in prepared {
            let name = pool.job_name().to_owned();
            let old = self.pools.lock().remove(&name);
            let predecessors = match old {
                Some(old) => old.hand_over().await,
                None => Predecessors::default(),
            };
            self.pools.lock().insert(name, pool.start(predecessors));
        }
        Ok(())
    }

    /// All targets and how they are.
    pub fn targets(&self) -> TargetsSnapshot {
        let mut snapshot = TargetsSnapshot::default();
        for pool in self.pools.lock().values() {
            pool.describe(&mut snapshot);
        }
        for running in &*self.in_process.lock() {
            snapshot.pools.push(running.job.clone());
            let status = running.status.lock().clone();
            snapshot.active.push(describe(&running.job, &running.target, status));
        }
        snapshot.pools.sort();
        snapshot.pools.dedup();
        snapshot.active.sort_by(|a, b| (&a.pool, &a.url).cmp(&(&b.pool, &b.url)));
        snapshot
    }

    /// Ends all loops and waits for them.
    pub async fn shutdown(&self) {
        let _reload = self.reloading.lock().await;
        let pools = std::mem::take(&mut *self.pools.lock());
        for pool in pools.into_values() {
            pool.stop(Ending::Shutdown).await;
        }
        let in_process = std::mem::take(&mut *self.in_process.lock());
        for running in in_process {
            running.cancel.cancel();
            drop(running.ending);
            if let Err(error) = running.task.await {
                tracing::error!(job = running.job, %error, "a scrape loop ended badly");
            }
        }
    }
}
