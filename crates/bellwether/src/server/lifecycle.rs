//! Signals and requests: reload, end.

use std::sync::Arc;

use anyhow::Context;
use collect::scrape::{ScrapeConfig, Scraper};
use model::{Labels, Timestamp};
use parking_lot::Mutex;
use serve::prometheus::{LifecycleRequest, RelabelStep};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::remote::Remote;
use crate::cli::ServeArgs;
use crate::config::{BellwetherConfig, PrometheusConfig, RemoteConfig};
use crate::relabel_view;

/// What became of the last reload, and the configuration in force.
#[derive(Clone)]
pub(super) struct Reloads(Arc<Mutex<State>>);

struct State {
    config: InForce,
    is_success: bool,
    at: Timestamp,
}

/// What the files of Prometheus say, in force.
pub(super) struct InForce {
    jobs: Vec<ScrapeConfig>,
    remote: RemoteConfig,
}

impl Reloads {
    /// The state after a start.
    pub(super) fn new(config: InForce) -> Self {
        let state = State { config, is_success: true, at: Timestamp::now() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The configuration in force as Prometheus shows its own, secrets masked.
    pub(super) fn config_yaml(&self) -> String {
        let state = self.0.lock();
        let mut shown = state.config.remote.shown();
        shown["scrape_configs"] = serde_json::json!(state.config.jobs);
        drop(state);
        serde_saphyr::to_string(&shown).unwrap_or_default()
    }

    /// What each rule of a job makes of a target's labels; `None` where there is no such job.
    pub(super) fn relabel_steps(&self, job: &str, labels: &Labels) -> Option<Vec<RelabelStep>> {
        let state = self.0.lock();
        let job = state.config.jobs.iter().find(|candidate| candidate.job_name == job)?;
        Some(relabel_view::steps(job, labels))
    }

    /// Whether the last reload succeeded, and when the last that did was.
    pub(super) fn last(&self) -> (bool, Timestamp) {
        let state = self.0.lock();
        (state.is_success, state.at)
    }

    fn note(&self, reload: anyhow::Result<InForce>) -> anyhow::Result<()> {
        let mut state = self.0.lock();
        state.is_success = reload.is_ok();
        state.config = reload?;
        state.at = Timestamp::now();
        Ok(())
    }
}

fn jobs(config: &BellwetherConfig) -> anyhow::Result<Vec<ScrapeConfig>> {
    let mut jobs = Vec::new();
    for path in config.prometheus_files() {
        let (prometheus, warnings) = PrometheusConfig::read(&path)?;
        for warning in warnings {
            tracing::warn!(file = %warning.file, line = warning.line, "{}", warning.message);
        }
        jobs.extend(prometheus.jobs()?);
    }
    Ok(jobs)
}

/// Puts the files of a configuration in force, all of which are read before
/// anything changes.
pub(super) async fn apply(
    config: &BellwetherConfig,
    scraper: &Scraper,
    remote: &Remote,
) -> anyhow::Result<InForce> {
    let remote_config = RemoteConfig::read(&config.prometheus_files())?;
    let jobs = jobs(config)?;
    // First, so that nothing is scraped and not sent on.
    remote.apply(remote_config.clone()).await?;
    scraper.apply(jobs.clone()).await.context("unable to start scraping")?;
    Ok(InForce { jobs, remote: remote_config })
}

/// Handles signals and requests until one asks to end.
pub(super) async fn run(
    mut inbox: mpsc::Receiver<LifecycleRequest>,
    args: &ServeArgs,
    scraper: &Scraper,
    remote: &Remote,
    reloads: &Reloads,
) {
    let mut hangup = listen(SignalKind::hangup());
    let mut terminate = listen(SignalKind::terminate());
    let mut interrupt = listen(SignalKind::interrupt());
    loop {
        tokio::select! {
            () = received(&mut terminate) => return,
            () = received(&mut interrupt) => return,
            () = received(&mut hangup) => {
                if let Err(error) = reload(args, scraper, remote, reloads).await {
                    tracing::error!(error = %format!("{error:#}"), "the configuration was not reloaded; the old one stays");
                }
            }
            request = inbox.recv() => match request {
                Some(LifecycleRequest::Reload(answer)) => {
                    let result = reload(args, scraper, remote, reloads).await;
                    // The client may have gone; the reload happened all the same.
                    let _ = answer.send(result.map_err(|error| format!("{error:#}")));
                }
                Some(LifecycleRequest::Quit) | None => return,
            },
        }
    }
}

async fn reload(
    args: &ServeArgs,
    scraper: &Scraper,
    remote: &Remote,
    reloads: &Reloads,
) -> anyhow::Result<()> {
    let config = async { apply(&super::load(args)?, scraper, remote).await };
    reloads.note(config.await)?;
    tracing::info!("the configuration was reloaded");
    Ok(())
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind).inspect_err(|error| tracing::warn!(%error, "a signal can't be listened to")).ok()
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
